import { jetstreamManager } from '@nats-io/jetstream';
import t from 'tap';
import { type Nats, openNats } from '../../../../src/adapters/jetstream/connections/connection.ts';
import type { Requester } from '../../../../src/adapters/jetstream/connections/requester.ts';
import { openLiveFeed } from '../../../../src/adapters/jetstream/live-feed.ts';
import { openLog } from '../../../../src/adapters/jetstream/log/jetstream-log.ts';
import { openStreams } from '../../../../src/adapters/jetstream/streams/streams.ts';
import type { LiveEntry } from '../../../../src/ports/live-feed.ts';
import type { Log } from '../../../../src/ports/log.ts';
import { logContract } from '../../../contracts/log.ts';
import { freshRef, messageEntry, until } from '../../../kit/log-entries.ts';
import { silentLogger } from '../../../kit/memory/silent-logger.ts';
import { startNats } from '../../../kit/servers/nats.ts';

const server = await startNats(t);
const logger = silentLogger();

async function open(): Promise<{ nats: Nats; log: Log }> {
  const url = server.url.replace('//', `//${server.user}:${server.pass}@`);
  const nats = await openNats({ url, name: 'test', log: logger });
  const streams = await openStreams(nats.connection, { partitions: 4, replicas: 1 }, logger);
  return { nats, log: openLog(nats.requester, streams, 'node') };
}

const { nats, log } = await open();
t.teardown(() => nats.close());

t.test('the log over JetStream', (t) => {
  logContract(t, () => log);
  t.end();
});

t.test('the number of partitions is what the deployment was born with', async (t) => {
  const streams = await openStreams(nats.connection, { partitions: 9, replicas: 1 }, logger);
  t.equal(streams.partitions, 4);
});

t.test('an append to a stream that is not there yet is stored when it comes within its bound', async (t) => {
  const other = await startNats(t);
  const url = other.url.replace('//', `//${other.user}:${other.pass}@`);
  const nats = await openNats({ url, name: 'test', log: logger });
  t.teardown(() => nats.close());
  const streams = await openStreams(nats.connection, { partitions: 1, replicas: 1 }, logger);
  // It learns that nobody is there when somebody is there again: making a stream may take longer than its bound.
  const heard: string[] = [];
  let isThere = (): void => undefined;
  const there = new Promise<void>((resolve) => {
    isThere = resolve;
  });
  const request: Requester['request'] = async (...asked) => {
    const answer = await nats.requester.request(...asked);
    heard.push(answer.kind);
    await there;
    return answer;
  };
  const requester: Requester = Object.create(nats.requester, { request: { value: request } });
  const log = openLog(requester, streams, 'node');
  const manager = await jetstreamManager(nats.connection, { timeout: 25_000 });
  const ref = freshRef(null);
  await manager.streams.delete('CONV_0');
  const appended = log.append(ref, 0, [messageEntry(ref, 1)]);
  await until(() => heard.length === 1);
  await streams.refresh();
  isThere();
  t.match(await appended, { kind: 'stored' });
  t.same(heard, ['no-responders', 'message']);
  await manager.streams.delete('CONV_0');
  const refused = await log.append(ref, 0, [messageEntry(ref, 1)]);
  t.match(refused, { kind: 'refused', problem: { code: 'unavailable' } });
});

t.test('what is larger than the server takes is refused, and what leaves with it is stored', async (t) => {
  const [large, small] = [freshRef(null), freshRef(null)];
  const results = await Promise.all([
    log.append(large, 0, [messageEntry(large, 1, 'x'.repeat(3_000_000))]),
    log.append(small, 0, [messageEntry(small, 1)]),
  ]);
  t.same(
    results.map((result) => result.kind),
    ['refused', 'stored'],
  );
});

t.test('committed events are republished with their sequence, refused ones never', async (t) => {
  const ref = freshRef('svc');
  const seen: LiveEntry[] = [];
  const stop = openLiveFeed(nats, logger).follow(ref, (entry) => void seen.push(entry));
  const first = await log.append(ref, 0, [messageEntry(ref, 1)]);
  await log.append(ref, 0, [messageEntry(ref, 1, 'refused')]);
  await log.append(ref, first.kind === 'stored' ? first.firstLogSeq : 0, [
    messageEntry(ref, 2),
    messageEntry(ref, 3),
  ]);
  await until(() => seen.length === 3);
  t.same(
    seen.map((entry) => entry.decode().event.position),
    [1, 2, 3],
  );
  t.same(
    seen.map((entry) => entry.position),
    [1, 2, 3],
  );
  const firstSeq = first.kind === 'stored' ? first.firstLogSeq : 0;
  t.same(
    seen.map((entry) => entry.decode().logSeq),
    [firstSeq, firstSeq + 1, firstSeq + 2],
  );
  stop();
});

t.test(
  'while the server is away an append is refused at once or unknown, and works again afterwards',
  async (t) => {
    const ref = freshRef();
    const first = await log.append(ref, 0, [messageEntry(ref, 1)]);
    const expected = first.kind === 'stored' ? first.firstLogSeq : 0;
    server.pause();
    const inFlight = log.append(ref, expected, [messageEntry(ref, 2)]);
    await server.kill();
    t.same(await inFlight, { kind: 'unknown' });
    await until(() => !nats.isConnected());
    t.match(await log.append(ref, expected, [messageEntry(ref, 2)]), {
      kind: 'refused',
      problem: { code: 'unavailable' },
    });
    t.match(await log.head(ref), { code: 'unavailable' });
    await server.restart();
    await until(() => nats.isConnected());
    await until(async () => (await log.head(ref)) === expected);
    await until(async () => (await log.append(ref, expected, [messageEntry(ref, 2)])).kind === 'stored');
  },
);
