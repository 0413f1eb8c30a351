import { jetstreamManager } from '@nats-io/jetstream';
import t from 'tap';
import { openTurnFeed } from '../../../../src/adapters/jetstream/agents/turn-feed.ts';
import { openTurnQueue, readTurn } from '../../../../src/adapters/jetstream/agents/turn-queue.ts';
import { type Nats, openNats } from '../../../../src/adapters/jetstream/connections/connection.ts';
import { openStreams } from '../../../../src/adapters/jetstream/streams/streams.ts';
import { agentStream, agentSubject } from '../../../../src/adapters/jetstream/subjects.ts';
import type { ConversationRef } from '../../../../src/domain/event.ts';
import type { AgentTurn, TakenTurn } from '../../../../src/ports/agents/agent-turns.ts';
import { freshRef, until } from '../../../kit/log-entries.ts';
import { silentLogger } from '../../../kit/memory/silent-logger.ts';
import { holdConsumer } from '../../../kit/servers/hold-consumer.ts';
import { startNats } from '../../../kit/servers/nats.ts';

t.setTimeout(120_000);

const server = await startNats(t);
const logger = silentLogger();

async function connect(): Promise<Nats> {
  const url = server.url.replace('//', `//${server.user}:${server.pass}@`);
  const nats = await openNats({ url, name: 'test', log: logger });
  t.teardown(() => nats.close());
  return nats;
}

const writer = await connect();
const streams = await openStreams(writer.connection, { partitions: 1, replicas: 1 }, logger);
const queue = openTurnQueue(writer.requester, streams);
const { consumers } = await jetstreamManager(writer.connection, { timeout: 25_000 });
/** Of the one partition. */
const durable = 'agents-0';

const turnOf = (ref: ConversationRef, seq: number, agent = 'assistant:x'): AgentTurn => ({
  ...{ ref, agent, message: `message ${seq}`, seq, at: 7 },
});

async function left(): Promise<number> {
  const { message } = (await writer.requester.request(
    `$JS.API.STREAM.INFO.${agentStream}`,
    new Uint8Array(),
    null,
    25_000,
  )) as { message: { json(): { state: { messages: number } } } };
  return message.json().state.messages;
}

t.test('turns arrive as they were added, once, and leave the stream when they are over', async (t) => {
  const ref = freshRef('a service');
  const turns = [turnOf(ref, 1), turnOf(ref, 2), turnOf(ref, 1, 'otto')];
  t.equal(await queue.add(turns), null);
  t.equal(await queue.add(turns), null, 'a batch that comes again');
  const feed = await openTurnFeed(await connect(), streams, logger);
  t.equal(feed.partitions, 1);
  const taken: TakenTurn[] = [];
  const consumer = await feed.consume(0, async (one) => void taken.push(one));
  await until(async () => taken.length === 3 && (await left()) === 0);
  t.same(
    taken.filter(({ turn }) => turn.agent !== 'otto').map(({ turn }) => turn),
    turns.slice(0, 2),
  );
  t.ok(taken.every(({ isRepeated }) => !isRepeated));
  await consumer.close(1_000);
});

t.test('what fails comes again, and is known to', async (t) => {
  const ref = freshRef();
  const feed = await openTurnFeed(await connect(), streams, logger);
  const taken: [number, boolean][] = [];
  const consumer = await feed.consume(0, async ({ turn, isRepeated }) => {
    taken.push([turn.seq, isRepeated]);
    if (!isRepeated && turn.seq === 1) throw new Error('failed');
  });
  await queue.add([turnOf(ref, 1), turnOf(ref, 2)]);
  await until(async () => taken.length === 3 && (await left()) === 0);
  t.same(taken, [
    [1, false],
    [1, true],
    [2, false],
  ]);
  await consumer.close(1_000);
});

t.test('what a dead node had goes to another one, before what came later', async (t) => {
  const ref = freshRef();
  const dying = await connect();
  const doomed = await openTurnFeed(dying, streams, logger);
  let inHand = 0;
  await doomed.consume(0, () => {
    inHand += 1;
    return new Promise(() => undefined);
  });
  await queue.add([turnOf(ref, 1)]);
  await until(() => inHand === 1);
  await dying.close();
  // Until the server knows, it may send it what comes next.
  await until(async () => (await consumers.info(agentStream, durable)).num_waiting === 0);
  const feed = await openTurnFeed(await connect(), streams, logger);
  const taken: [number, boolean][] = [];
  const consumer = await feed.consume(
    0,
    async ({ turn, isRepeated }) => void taken.push([turn.seq, isRepeated]),
  );
  await queue.add([turnOf(ref, 2)]);
  await until(async () => taken.length === 2 && (await left()) === 0, 60_000);
  t.same(taken, [
    [1, true],
    [2, false],
  ]);
  await consumer.close(1_000);
});

t.test('a node that closes gives back what it could not end', async (t) => {
  const ref = freshRef();
  const first = await openTurnFeed(await connect(), streams, logger);
  let inHand = 0;
  const closing = await first.consume(0, ({ signal }) => {
    inHand += 1;
    return new Promise<void>((_, reject) =>
      signal.addEventListener('abort', () => reject(new Error('closing'))),
    );
  });
  await queue.add([turnOf(ref, 1), turnOf(ref, 2)]);
  await until(() => inHand === 1);
  const second = await openTurnFeed(await connect(), streams, logger);
  const taken: number[] = [];
  const consumer = await second.consume(0, async ({ turn }) => void taken.push(turn.seq));
  await closing.close(100);
  await until(async () => taken.length === 2 && (await left()) === 0, 60_000);
  t.same(taken, [1, 2]);
  await consumer.close(1_000);
});

t.test('a node that closes hands over at once, and ends what it has in hand', async (t) => {
  const ref = freshRef();
  const first = await openTurnFeed(await connect(), streams, logger);
  let inHand = 0;
  let end = (): void => undefined;
  const closing = await first.consume(0, () => {
    inHand += 1;
    return new Promise<void>((resolve) => {
      end = resolve;
    });
  });
  await queue.add([turnOf(ref, 1)]);
  await until(() => inHand === 1);
  await holdConsumer(writer, agentStream, durable);
  const second = await openTurnFeed(await connect(), streams, logger);
  // Repeated or not: it may have been on its way to the one that closes.
  const taken: number[] = [];
  const consumer = await second.consume(0, async ({ turn }) => void taken.push(turn.seq));
  const closed = closing.close(30_000);
  await queue.add([turnOf(freshRef(), 2)]);
  // Without the time that a dead one keeps its pin: here it is an hour.
  await until(() => taken.length === 1);
  end();
  await closed;
  await until(async () => (await left()) === 0);
  t.same([taken, inHand], [[2], 1]);
  await consumer.close(1_000);
});

t.test('what is no turn is passed over', async (t) => {
  const subject = agentSubject(0, freshRef(), 'a');
  for (const body of ['', 'null', '7', '{}', '{"message":1,"seq":1,"at":1}'])
    t.equal(readTurn(subject, body), null, body);
  const feed = await openTurnFeed(await connect(), streams, logger);
  const consumer = await feed.consume(0, async () => void t.fail('no turn'));
  const stored = await writer.requester.request(subject, Buffer.from('garbage'), null, 25_000);
  t.equal(stored.kind, 'message');
  await until(async () => (await left()) === 0);
  await consumer.close(1_000);
});
