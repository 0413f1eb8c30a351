import t from 'tap';
import { type Nats, openNats } from '../../../../src/adapters/jetstream/connections/connection.ts';
import { openLog } from '../../../../src/adapters/jetstream/log/jetstream-log.ts';
import {
  openProjectionFeed,
  projectorConsumer,
} from '../../../../src/adapters/jetstream/projection/projection-feed.ts';
import { openStreamManager } from '../../../../src/adapters/jetstream/streams/stream-manager.ts';
import { openStreams } from '../../../../src/adapters/jetstream/streams/streams.ts';
import { conversationStream } from '../../../../src/adapters/jetstream/subjects.ts';
import { freshRef, messageEntry, until } from '../../../kit/log-entries.ts';
import { memoryMarks } from '../../../kit/memory/memory-marks.ts';
import { silentLogger } from '../../../kit/memory/silent-logger.ts';
import { holdConsumer } from '../../../kit/servers/hold-consumer.ts';
import { startNats } from '../../../kit/servers/nats.ts';

const server = await startNats(t);
const logger = silentLogger();

async function connect(): Promise<Nats> {
  const url = server.url.replace('//', `//${server.user}:${server.pass}@`);
  const nats = await openNats({ url, name: 'test', log: logger });
  t.teardown(() => nats.close());
  return nats;
}

t.test(
  'what a killed projector had in hand is projected by the next one, before anything newer',
  async (t) => {
    const [writer, first, second] = [await connect(), await connect(), await connect()];
    const streams = await openStreams(writer.connection, { partitions: 1, replicas: 1 }, logger);
    const log = openLog(writer.requester, streams, 'writer');
    const ref = freshRef();
    let last = 0;
    let position = 0;
    const write = async (count: number): Promise<void> => {
      for (let n = 0; n < count; n += 1) {
        position += 1;
        const result = await log.append(ref, last, [messageEntry(ref, position)]);
        if (result.kind !== 'stored') throw new Error(result.kind);
        last = result.firstLogSeq;
      }
    };
    let inHand = 0;
    const doomed = await openProjectionFeed(first, streams, logger);
    const marks = memoryMarks();
    await doomed.consume(0, {
      ...{ batchMax: 10, marks },
      project(batch) {
        inHand += batch.length;
        return new Promise(() => undefined);
      },
    });
    await write(50);
    await until(() => inHand > 0);
    t.same(await doomed.ends(), [50]);
    const manager = await openStreamManager(writer.connection);
    await until(async () => {
      const { delivered } = await manager.consumers.info(conversationStream(0), projectorConsumer);
      return delivered.stream_seq === 50;
    });
    t.same(await doomed.projected(), [0], 'what is in hand is not projected');
    // The server takes an erased message that was delivered for an acknowledged one, and everything before it, too:
    // a moment after it has answered.
    t.equal(await log.erase(ref, [40]), null);
    await until(async () => (await doomed.projected())?.[0] === 40);
    await first.close();

    const projected: number[] = [];
    const feed = await openProjectionFeed(second, streams, logger);
    const consumer = await feed.consume(0, {
      ...{ batchMax: 10, marks },
      async project(batch) {
        for (const { entry } of batch) projected.push(entry.event.position);
      },
    });
    t.teardown(() => consumer.close());
    await write(10);
    await until(() => projected.length >= 59);
    const all = Array.from({ length: 60 }, (_, index) => index + 1);
    t.same(
      projected,
      all.filter((one) => one !== 40),
    );
    await until(async () => (await feed.lag()) === 0);
    t.same(await feed.ends(), [60]);
    t.ok(((await feed.projected())?.[0] ?? 0) >= 60);
  },
);

t.test('a projector that closes hands over at once', async (t) => {
  const [writer, first, second] = [await connect(), await connect(), await connect()];
  const streams = await openStreams(writer.connection, { partitions: 1, replicas: 1 }, logger);
  const log = openLog(writer.requester, streams, 'writer');
  const ref = freshRef();
  let last = 0;
  const write = async (position: number): Promise<void> => {
    const result = await log.append(ref, last, [messageEntry(ref, position)]);
    if (result.kind !== 'stored') throw new Error(result.kind);
    last = result.firstLogSeq;
  };
  const marks = memoryMarks();
  const openOn = async (nats: Nats): Promise<{ projected: number[]; close(): Promise<void> }> => {
    const projected: number[] = [];
    const feed = await openProjectionFeed(nats, streams, logger);
    const consumer = await feed.consume(0, {
      ...{ batchMax: 10, marks },
      async project(batch) {
        for (const { entry } of batch)
          if (entry.event.conversation === ref.conversation) projected.push(entry.event.position);
      },
    });
    return { projected, close: () => consumer.close() };
  };
  const ending = await openOn(first);
  await write(1);
  await until(() => ending.projected.length === 1);
  const next = await openOn(second);
  t.teardown(() => next.close());
  await write(2);
  await until(() => ending.projected.length === 2);
  t.same(next.projected, [], 'one at a time has the pin');
  // A dead one would keep its pin for an hour.
  await holdConsumer(writer, conversationStream(0), projectorConsumer);
  await ending.close();
  await write(3);
  await until(() => next.projected.at(-1) === 3);
  t.same([ending.projected, next.projected], [[1, 2], [3]], 'and each is projected once');

  await next.close();
  await write(4);
  const behind = await openProjectionFeed(writer, streams, logger);
  const [end = 0] = (await behind.ends()) ?? [];
  t.ok(((await behind.projected())?.[0] ?? end) < end, 'what nobody took is not projected');
  t.equal(await log.erase(ref, [end]), null);
  await until(async () => ((await behind.projected())?.[0] ?? 0) >= end);
});
