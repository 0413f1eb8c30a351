import { randomUUID } from 'node:crypto';
import { jetstreamManager } from '@nats-io/jetstream';
import t from 'tap';
import { type Nats, openNats } from '../../../../src/adapters/jetstream/connections/connection.ts';
import { openStreams } from '../../../../src/adapters/jetstream/streams/streams.ts';
import { openWebhookFeed } from '../../../../src/adapters/jetstream/webhooks/webhook-feed.ts';
import { openWebhookQueue, readDelivery } from '../../../../src/adapters/jetstream/webhooks/webhook-queue.ts';
import type { ConversationRef } from '../../../../src/domain/event.ts';
import { limits } from '../../../../src/domain/limits.ts';
import type { TakenDelivery, WebhookDelivery } from '../../../../src/ports/webhooks/webhook-deliveries.ts';
import { openSlowProxy } from '../../../kit/links/slow-proxy.ts';
import { freshRef, until } from '../../../kit/log-entries.ts';
import { silentLogger } from '../../../kit/memory/silent-logger.ts';
import { holdConsumer } from '../../../kit/servers/hold-consumer.ts';
import { startNats } from '../../../kit/servers/nats.ts';

t.setTimeout(120_000);

const server = await startNats(t);
const logger = silentLogger();

async function connect(address = server.url): Promise<Nats> {
  const url = address.replace('//', `//${server.user}:${server.pass}@`);
  const nats = await openNats({ url, name: 'test', log: logger });
  t.teardown(() => nats.close());
  return nats;
}

const [here, there] = [await connect(), await connect()];
const streams = await openStreams(here.connection, { partitions: 1, replicas: 1 }, logger);
const queue = openWebhookQueue(here.requester);
const feed = await openWebhookFeed(here, streams, logger);
const otherFeed = await openWebhookFeed(there, streams, logger);

const durableOf = ({ id }: { readonly id: string }) => `webhook-${id}`;

const endpoint = () => ({ tenant: 'a tenant', id: randomUUID() });

function deliveryOf(
  webhook: { tenant: string; id: string },
  position: number,
  ref: ConversationRef = { ...freshRef(), tenant: webhook.tenant },
): WebhookDelivery {
  return { webhook, ref, event: randomUUID(), logSeq: position, position, type: 'message.posted' };
}

t.test(
  'deliveries of a conversation come in order, each until it is over, those added twice once',
  async (t) => {
    const webhook = endpoint();
    const ref = { ...freshRef('desk'), tenant: webhook.tenant };
    const all = [1, 2, 3].map((position) => deliveryOf(webhook, position, ref));
    t.equal(await queue.add(all), null);
    t.equal(await queue.add(all), null);
    const taken: TakenDelivery[] = [];
    const consumer = await feed.consume(webhook, async (one) => {
      taken.push(one);
      return one.delivery.position === 1 && one.attempt === 1 ? 50 : null;
    });
    await until(() => taken.length === 4);
    t.same(
      taken.map(({ delivery, attempt }) => [delivery.position, attempt]),
      [
        [1, 1],
        [1, 2],
        [2, 1],
        [3, 1],
      ],
    );
    t.same(taken.at(-1)?.delivery, all[2]);
    await until(async () => (await feed.waiting(webhook)) === 0);
    await consumer.close(1_000);
    t.equal(await queue.addAgain(all), null);
    // The server counts them for a consumer a moment after it has acknowledged them.
    await until(async () => (await feed.waiting(webhook)) === 3);
    t.pass('those that were given up come again');
  },
);

t.test('an endpoint has its own window, and another node goes on where it is closed', async (t) => {
  const [slow, quick] = [endpoint(), endpoint()];
  await queue.add([deliveryOf(slow, 1), deliveryOf(quick, 1)]);
  const begun: string[] = [];
  const stuck = await feed.consume(slow, ({ signal }) => {
    begun.push('stuck');
    return new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(new Error('closing')));
    });
  });
  const running = await feed.consume(quick, async () => {
    begun.push('quick');
    return null;
  });
  await until(() => begun.includes('quick') && begun.includes('stuck'));
  t.equal(await feed.waiting(slow), 1);
  const next = await otherFeed.consume(slow, async () => {
    begun.push('next');
    return null;
  });
  await stuck.close(50);
  await until(() => begun.includes('next'));
  await Promise.all([running.close(1_000), next.close(1_000)]);
});

t.test('what is on its way to a consumer that closes is given back at once', async (t) => {
  const proxy = await openSlowProxy(Number(new URL(server.url).port));
  t.teardown(() => proxy.close());
  const far = await connect(`nats://127.0.0.1:${proxy.port}`);
  const farFeed = await openWebhookFeed(far, streams, logger);
  const manager = await jetstreamManager(here.connection);
  for (const isPinned of [false, true]) {
    const webhook = endpoint();
    const taken: number[] = [];
    const consumer = await farFeed.consume(webhook, async ({ delivery }) => {
      taken.push(delivery.position);
      return null;
    });
    await until(async () => (await manager.consumers.info('WEBHOOKS', durableOf(webhook))).num_waiting > 0);
    if (isPinned) {
      await queue.add([deliveryOf(webhook, 1)]);
      await until(async () => taken.length === 1 && (await feed.waiting(webhook)) === 0);
    }
    // Who waits for the silence of another one waits for an hour.
    await holdConsumer(here, 'WEBHOOKS', durableOf(webhook));
    const heldMs = performance.now();
    proxy.slow({ delayMs: 3_600_000, bytesPerSec: 1_000_000 });
    await queue.add([deliveryOf(webhook, 2), deliveryOf(webhook, 3)]);
    await until(async () => {
      const info = await manager.consumers.info('WEBHOOKS', durableOf(webhook));
      return info.num_ack_pending === 2;
    });
    t.same(taken, isPinned ? [1] : [], 'nothing has arrived');
    const closed = consumer.close(1_000);
    proxy.slow({ delayMs: performance.now() - heldMs + 200, bytesPerSec: 1_000_000 });
    const next = await feed.consume(webhook, async ({ delivery }) => {
      taken.push(delivery.position);
      return null;
    });
    await until(() => taken.includes(2) && taken.includes(3));
    await Promise.all([closed, next.close(1_000)]);
    proxy.slow(null);
  }
});

t.test('what waits for an endpoint that is gone is dropped', async (t) => {
  const [gone, other] = [endpoint(), endpoint()];
  // What the first test left.
  const before = 3;
  await until(async () => (await feed.allWaiting()) === before);
  await queue.add([deliveryOf(gone, 1), deliveryOf(gone, 2), deliveryOf(other, 1)]);
  t.equal(await feed.waiting(gone), 2, 'also while nobody consumes');
  const consumer = await feed.consume(gone, async () => 60_000);
  const { consumers } = await jetstreamManager(here.connection);
  const { config } = await consumers.info('WEBHOOKS', durableOf(gone));
  t.equal(config.inactive_threshold, limits.webhookQueuedMs * 1_000_000, 'a forgotten one goes by itself');
  await consumer.close(1_000);
  await feed.forget(gone);
  t.equal(await feed.allWaiting(), before + 1);
  t.equal(await feed.waiting(gone), 0);
  await feed.forget(gone);
});

t.test('a message that is no delivery is none', (t) => {
  const subject = 'sys.webhooks.t.w._.c';
  t.equal(readDelivery(subject, 'no JSON'), null);
  t.equal(readDelivery(subject, '{}'), null);
  const body = { event: 'e', logSeq: 1, position: 1, type: 'strange' };
  t.equal(readDelivery(subject, JSON.stringify(body)), null);
  const right = { ...body, type: 'control' };
  t.match(readDelivery(subject, JSON.stringify(right)), {
    webhook: { tenant: 't', id: 'w' },
    ref: { service: null },
  });
  t.match(readDelivery(subject, JSON.stringify({ ...right, trace: 'as it came' })), { trace: 'as it came' });
  t.end();
});
