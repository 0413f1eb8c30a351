/**
 * Reference (a): what one Node process gets out of the nats-server that Parley uses, with nothing around
 * it. Same stream configuration as a partition of the log (file, republish, atomic batches allowed), same
 * wildcard expectation, one append in flight per conversation, body and headers of a usual event. Own
 * inbox subscription and counter: the client library's own request costs five times as much.
 */
import { randomUUID } from 'node:crypto';
import { DiscardPolicy, jetstreamManager, RetentionPolicy, StorageType } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { serveBeside } from '../kit/beside-process.ts';
import { eventJson } from '../kit/figures/event-sample.ts';
import { percentile } from '../kit/figures/samples.ts';

export type AppendOrder = { readonly conversations: number; readonly forMs: number };
export type AppendAnswer = {
  readonly appends: number;
  readonly perSec: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
};

type Conversation = { readonly subject: string; readonly header: string; last: number; sentAt: number };
type Publish = NonNullable<Parameters<NatsConnection['publish']>[2]>;

const stream = 'BENCH_REFERENCE';
const encoder = new TextEncoder();

async function makeStream(connection: NatsConnection): Promise<void> {
  const manager = await jetstreamManager(connection);
  await manager.streams.add({
    name: stream,
    subjects: ['conv.99.*.*.*.*'],
    retention: RetentionPolicy.Limits,
    storage: StorageType.File,
    discard: DiscardPolicy.New,
    num_replicas: 1,
    allow_direct: true,
    allow_atomic: true,
    duplicate_window: 1_000_000_000,
    republish: {
      src: 'conv.99.*.*.*.*',
      dest: 'live.{{wildcard(1)}}.{{wildcard(2)}}.{{wildcard(3)}}.{{wildcard(4)}}',
    },
  });
}

/** Appends to `conversations` new conversations for `forMs`; every ack must continue the expected order. */
async function run(connection: NatsConnection, order: AppendOrder): Promise<AppendAnswer> {
  const conversations = Array.from({ length: order.conversations }, (): Conversation => {
    const place = `conv.99.${randomUUID()}._.${randomUUID()}`;
    const header =
      `NATS/1.0\r\nParley-Node: bench\r\nNats-Expected-Last-Subject-Sequence-Subject: ${place}.*\r\n` +
      'Nats-Expected-Last-Subject-Sequence: ';
    return { subject: `${place}.message`, header, last: 0, sentAt: 0 };
  });
  const body = encoder.encode(eventJson(1));
  const inbox = `_INBOX.${randomUUID()}`;
  const latencies: number[] = [];
  const until = performance.now() + order.forMs;
  let inFlight = 0;

  await new Promise<void>((resolve, reject) => {
    const send = (index: number): void => {
      const one = conversations[index]!;
      const text = `${one.header}${one.last}\r\n\r\n`;
      inFlight += 1;
      one.sentAt = performance.now();
      // Of the headers, publish() calls nothing but encode().
      const headers = { encode: () => encoder.encode(text) } as unknown as NonNullable<Publish['headers']>;
      connection.publish(one.subject, body, { reply: `${inbox}.${index}`, headers });
    };
    connection.subscribe(`${inbox}.*`, {
      callback: (error, message) => {
        if (error !== null) return reject(error);
        const index = Number(message.subject.slice(inbox.length + 1));
        const one = conversations[index]!;
        const ack = JSON.parse(message.string()) as { seq?: number; error?: { description: string } };
        if (ack.seq === undefined || ack.seq <= one.last) {
          return reject(new Error(ack.error?.description ?? `sequence ${ack.seq} after ${one.last}`));
        }
        const now = performance.now();
        latencies.push(now - one.sentAt);
        one.last = ack.seq;
        inFlight -= 1;
        if (now < until) send(index);
        else if (inFlight === 0) resolve();
      },
    });
    for (let index = 0; index < conversations.length; index += 1) send(index);
  });
  const tookMs = order.forMs + (performance.now() - until);
  return {
    appends: latencies.length,
    perSec: latencies.length / (tookMs / 1_000),
    p50Ms: percentile(latencies, 0.5),
    p99Ms: percentile(latencies, 0.99),
  };
}

const { BENCH_NATS_SERVER = '', BENCH_NATS_USER = '', BENCH_NATS_PASSWORD = '' } = process.env;
const connection = await connect({
  servers: BENCH_NATS_SERVER,
  user: BENCH_NATS_USER,
  pass: BENCH_NATS_PASSWORD,
});
await makeStream(connection);
serveBeside<AppendOrder>({}, (order) => run(connection, order));
