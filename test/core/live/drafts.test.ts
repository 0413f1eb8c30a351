/** Streamed messages: the text so far and then the rest, complete, in order, once, on every node. */
import { randomUUID } from 'node:crypto';
import t from 'tap';
import type { OpenDraft } from '../../../src/core/live/drafts/open-draft.ts';
import type { DeltaCommand } from '../../../src/core/live/live-bus.ts';
import type { Principal } from '../../../src/domain/principal.ts';
import { Problem } from '../../../src/domain/problem.ts';
import { must, openReader, type Reader } from '../../kit/clients/reader.ts';
import { until } from '../../kit/log-entries.ts';
import { control, post } from '../../kit/memory/memory-commands.ts';
import { MovedClock } from '../../kit/memory/moved-clock.ts';
import type { CoreNode } from '../../kit/servers/core-node.ts';
import { startTwoNodes } from '../../kit/servers/two-nodes.ts';

const clock = new MovedClock();
/** Deltas that do not reach the readers of the second node. */
let isLost: (text: string) => boolean = () => false;
const { server, here, there, owner, one, conversation, send, stored, ref } = await startTwoNodes(t, {
  here: { deltaWindowMs: 5, clock },
  there: {
    clock,
    wrapLive: (live) => ({
      ...live,
      get isConnected() {
        return live.isConnected;
      },
      followPulses: (of, onPulse) =>
        live.followPulses(of, (kind, body) => {
          if (kind !== 'delta' || !isLost(Buffer.from(body).toString())) onPulse(kind, body);
        }),
    }),
  },
});
const [ben, iris] = [one('ben'), one('iris', 'agent')];

/** An agent that streams one message; `problems` is what it was told. */
class Stream {
  readonly messageId = randomUUID();
  readonly problems: string[] = [];
  readonly #who: Principal;
  readonly #conversation: string;
  readonly #run: string;

  constructor(conversation: string, run: string, who = iris) {
    [this.#who, this.#conversation, this.#run] = [who, conversation, run];
  }

  static text = (index: number): string => `token${index} `;
  static upTo = (count: number): string => Array.from({ length: count }, (_, n) => Stream.text(n)).join('');

  async send(node: CoreNode, first: number, count: number): Promise<void> {
    const session = node.core.live.begin(this.#who, node.sockets.socket(), wordless);
    for (let index = first; index < first + count; index += 1) {
      const delta: DeltaCommand = {
        conversation: this.#conversation,
        messageId: this.messageId,
        run: this.#run,
        index,
        text: Stream.text(index),
      };
      const problem = await node.core.live.delta(session, delta, (late) => this.problems.push(late.code));
      if (problem !== null) this.problems.push(problem.code);
    }
    node.core.live.end(session);
  }

  /** How many of its deltas are in the store. */
  async stored(): Promise<number> {
    const chunks = await here.drafts.read(ref(this.#conversation), this.messageId);
    if (chunks instanceof Problem) throw new Error(chunks.code);
    return (chunks.at(-1)?.chunk.index ?? -1) + 1;
  }
}

const isAbandoned = ({ pulse }: Record<string, unknown>): boolean =>
  (pulse as { kind?: string } | undefined)?.kind === 'draft.abandoned';

const wordless = { dialect: 'none', event: () => null, delta: () => null, pulse: () => null };

/** The text of a draft as a reader has it: the reply's, then each delta where the one before it ended. */
function textOf({ socket }: Reader, messageId: string): { text: string; next: number; faults: string[] } {
  const read = { text: '', next: 0, faults: [] as string[] };
  for (const frame of socket.frames) {
    const drafts = (frame['drafts'] ?? []) as { messageId: string; index: number; text: string }[];
    for (const draft of drafts.filter((one) => one.messageId === messageId))
      [read.text, read.next] = [draft.text, draft.index + 1];
    const delta = frame['delta'] as
      | { message_id: string; from: number; index: number; text: string }
      | undefined;
    if (delta?.message_id !== messageId) continue;
    if (delta.from !== read.next) read.faults.push(`${delta.from} after ${read.next}`);
    read.text += delta.text;
    read.next = delta.index + 1;
  }
  return read;
}

async function hasAll(reader: Reader, stream: Stream, count: number): Promise<boolean> {
  await until(() => textOf(reader, stream.messageId).next >= count);
  const { text, next, faults } = textOf(reader, stream.messageId);
  return text === Stream.upTo(count) && next === count && faults.length === 0;
}

t.test(
  'a reader that opens in the middle gets the text so far and then the rest, on either node',
  async (t) => {
    const id = await conversation(ben, iris);
    const stream = new Stream(id, 'r1');
    const early = await openReader(there, ben, [id]);
    await stream.send(here, 0, 40);
    await until(async () => (await stream.stored()) === 40);
    const middle = [await openReader(here, ben, [id]), await openReader(there, owner, [id], 0)];
    const sending = stream.send(here, 40, 60);
    const during = await openReader(there, ben, [id], 1);
    await sending;
    for (const reader of [early, ...middle, during]) t.ok(await hasAll(reader, stream, 100));
    must(
      await send(here, iris, id, post('the whole', { run: 'r1', messageId: stream.messageId, endRun: true })),
    );
    for (const reader of [early, ...middle, during]) {
      await until(() => reader.socket.events(id).some((event) => event.type === 'message.posted'));
    }
    const late = await openReader(there, ben, [id]);
    t.same(late.socket.frames[0]?.['drafts'], [], 'a posted message is no draft any more');
    t.same(stream.problems, []);
    await until(async () => (await stream.stored()) === 0);
  },
);

t.test('a reader whose backlog takes long misses no delta that comes meanwhile', async (t) => {
  const id = await conversation(ben, iris);
  for (let n = 0; n < 1_500; n += 100) {
    await Promise.all(Array.from({ length: 100 }, (_, k) => send(here, owner, id, post(`old ${n + k}`))));
  }
  const stream = new Stream(id, 'r1');
  const sending = stream.send(here, 0, 300);
  const readers = await Promise.all([openReader(there, ben, [id], 0), openReader(there, owner, [id], 5)]);
  await sending;
  for (const reader of readers) {
    t.ok(await hasAll(reader, stream, 300));
    t.equal(reader.socket.positions().at(-1), 1_501);
  }
});

t.test(
  'deltas that arrive while their conversation is being loaded do not overtake each other',
  async (t) => {
    for (let round = 0; round < 5; round += 1) {
      const stream = new Stream(await conversation(ben, iris), 'r1');
      const sending: Promise<void>[] = [];
      for (let index = 0; index < 60; index += 1) {
        sending.push(stream.send(there, index, 1));
        await new Promise(setImmediate);
      }
      await Promise.all(sending);
      await until(async () => (await stream.stored()) === 60 || stream.problems.length > 0);
      t.same(stream.problems, []);
    }
  },
);

t.test('deltas that the feed loses are filled from the store', async (t) => {
  const id = await conversation(ben, iris);
  const reader = await openReader(there, ben, [id]);
  const stream = new Stream(id, 'r1');
  let n = 0;
  isLost = () => {
    n += 1;
    return n % 3 !== 0;
  };
  await stream.send(there, 0, 60);
  isLost = () => false;
  await stream.send(there, 60, 1);
  t.ok(await hasAll(reader, stream, 61));
});

t.test('an agent that moves to the other node in the middle goes on where it was, and back', async (t) => {
  const id = await conversation(ben, iris);
  const readers = [await openReader(here, ben, [id]), await openReader(there, ben, [id])];
  const stream = new Stream(id, 'r1');
  await stream.send(here, 0, 10);
  await until(async () => (await stream.stored()) === 10);
  await stream.send(there, 10, 10);
  await until(async () => (await stream.stored()) === 20);
  await stream.send(here, 20, 10);
  for (const reader of readers) t.ok(await hasAll(reader, stream, 30));
  t.same(stream.problems, []);
  await stream.send(there, 25, 3);
  t.same(stream.problems, [], 'what is known already is not told twice');
  await stream.send(there, 32, 1);
  t.same(stream.problems, ['index_gap']);
});

t.test('a preempt keeps the text so far as an interrupted message, and the run is over', async (t) => {
  const id = await conversation(ben, iris, one('juno', 'agent'));
  const readers = [await openReader(here, ben, [id]), await openReader(there, ben, [id])];
  const [stream, other] = [new Stream(id, 'r1'), new Stream(id, 'r2', one('juno', 'agent'))];
  await stream.send(here, 0, 20);
  await other.send(there, 0, 5);
  await until(async () => (await stream.stored()) === 20 && (await other.stored()) === 5);
  const outcome = must(await send(there, owner, id, control('stream.preempt', { run: 'r1' })));
  t.same(
    outcome.events.map((event) => event.type),
    ['message.posted', 'control'],
  );
  t.match(outcome.events[0], {
    actor: { id: 'iris', kind: 'agent' },
    run: 'r1',
    data: { content: Stream.upTo(20), interrupted: true, preempted_by: 'ada', message_id: stream.messageId },
  });
  for (const node of [here, there]) {
    const last = { run: 'r1', messageId: randomUUID() };
    t.match(await send(node, iris, id, post('late', last)), { code: 'run_preempted' });
    stream.problems.length = 0;
    await stream.send(node, 20, 2);
    t.same(stream.problems, ['run_preempted', 'run_preempted']);
  }
  await other.send(there, 5, 5);
  for (const reader of readers) {
    t.ok(await hasAll(reader, other, 10), 'another run goes on');
    await until(() => reader.socket.events(id).length === 2);
    t.equal(textOf(reader, stream.messageId).text, Stream.upTo(20), 'nothing was shown after it');
  }
  const late = await openReader(here, ben, [id]);
  t.same(
    late.socket.frames
      .flatMap((frame) => frame['drafts'] ?? [])
      .map((draft) => (draft as OpenDraft).messageId),
    [other.messageId],
  );
});

/** Streams from one node as fast as it can, until it is told to stop. */
async function streamUntilStopped(id: string, run: string, messageId: string): Promise<string[]> {
  const problems: string[] = [];
  const session = there.core.live.begin(iris, there.sockets.socket(), wordless);
  for (let index = 0; problems.length === 0; index += 1) {
    const delta = { conversation: id, messageId, run, index, text: Stream.text(index) };
    const problem = await there.core.live.delta(session, delta, (late) => problems.push(late.code));
    if (problem !== null) problems.push(problem.code);
    if (index % 3 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  there.core.live.end(session);
  return problems;
}

t.test('an interrupted message says all that readers were shown, however fast its agent is', async (t) => {
  const id = await conversation(ben, iris);
  const readers = [await openReader(here, ben, [id]), await openReader(there, ben, [id])];
  for (let round = 0; round < 20; round += 1) {
    const [messageId, run] = [randomUUID(), `r${round}`];
    const streaming = streamUntilStopped(id, run, messageId);
    await until(() => readers.every((reader) => textOf(reader, messageId).next > 20));
    const named = [{ run }, { target: 'iris' }, {}][round % 3];
    const outcome = must(await send(here, owner, id, control('stream.preempt', named)));
    t.same(new Set(await streaming), new Set(['run_preempted']));
    const [message] = outcome.events;
    const content = message?.type === 'message.posted' ? message.data.content : null;
    await until(() => readers.every(({ socket }) => socket.positions(id).includes(outcome.state.position)));
    for (const reader of readers) t.equal(textOf(reader, messageId).text, content);
  }
});

t.test('a control event that is refused closes no draft', async (t) => {
  const id = await conversation(ben, iris);
  const reader = await openReader(here, ben, [id]);
  const stream = new Stream(id, 'r1');
  await stream.send(there, 0, 5);
  await until(async () => (await stream.stored()) === 5);
  t.match(await send(here, ben, id, control('stream.cancel', { run: 'r1' })), { code: 'forbidden' });
  t.match(must(await send(here, owner, id, control('stream.cancel', { run: 'other' }))).events, [{}]);
  await stream.send(there, 5, 5);
  t.ok(await hasAll(reader, stream, 10));
  t.same(stream.problems, []);
});

t.test('a draft that was closed says so to an agent that goes on elsewhere', async (t) => {
  const id = await conversation(ben, iris);
  const stream = new Stream(id, 'r1');
  await stream.send(there, 0, 5);
  await until(async () => (await stream.stored()) === 5);
  const owned = {
    messageId: stream.messageId,
    run: 'r1',
    author: { id: 'iris', kind: 'agent' as const },
    dataClass: 'none' as const,
  };
  t.equal(await here.drafts.close(ref(id), owned), null);
  await stream.send(here, 5, 1);
  t.same(stream.problems, ['run_preempted']);
  await stream.send(there, 5, 1);
  await until(() => stream.problems.length === 2);
  t.same(stream.problems, ['run_preempted', 'run_preempted']);
  t.equal(textOf(await openReader(here, ben, [id]), stream.messageId).text, Stream.upTo(5));
});

t.test('a pause refuses deltas, and after it the draft goes on without a hole', async (t) => {
  const id = await conversation(ben, iris);
  const reader = await openReader(there, ben, [id]);
  const stream = new Stream(id, 'r1');
  await stream.send(here, 0, 10);
  // These wait for their window when the pause comes.
  await stream.send(here, 10, 2);
  must(await send(here, owner, id, control('stream.pause')));
  for (const node of [here, there]) {
    stream.problems.length = 0;
    await stream.send(node, 12, 1);
    t.same(stream.problems.at(-1), 'conversation_paused');
  }
  must(await send(there, owner, id, control('stream.resume')));
  const next = await stream.stored();
  await stream.send(here, next, 30 - next);
  t.ok(await hasAll(reader, stream, 30));
});

t.test('a draft belongs to one principal and one run', async (t) => {
  const id = await conversation(ben, iris, one('juno', 'agent'));
  const stream = new Stream(id, 'r1');
  await stream.send(here, 0, 5);
  await until(async () => (await stream.stored()) === 5);
  const problems: (string | null)[] = [];
  for (const node of [here, there]) {
    for (const [who, run] of [
      [one('juno', 'agent'), 'r1'],
      [iris, 'r2'],
    ] as const) {
      const session = node.core.live.begin(who, node.sockets.socket(), wordless);
      const delta = { conversation: id, messageId: stream.messageId, run, index: 5, text: 'x' };
      const problem = await node.core.live.delta(session, delta, () => undefined);
      problems.push(problem?.code ?? null);
      node.core.live.end(session);
    }
  }
  t.same(problems, ['forbidden', 'invalid_request', 'forbidden', 'invalid_request']);
});

t.test('nobody else may post the message of a draft, on any node; its author ends it', async (t) => {
  const id = await conversation(ben, iris, one('juno', 'agent'));
  const reader = await openReader(there, ben, [id]);
  const stream = new Stream(id, 'r1');
  await stream.send(here, 0, 5);
  const taken = { code: 'conflict', reason: 'draft_open' };
  const { messageId } = stream;
  t.match(await send(here, ben, id, post('mine', { messageId })), taken, 'also before it was stored');
  for (const node of [here, there]) {
    t.match(await send(node, ben, id, post('mine', { messageId })), taken);
    t.match(await send(node, one('juno', 'agent'), id, post('mine', { messageId, run: 'r1' })), taken);
    t.match(await send(node, iris, id, post('mine', { messageId, run: 'r2' })), taken);
  }
  await stream.send(here, 5, 5);
  t.ok(await hasAll(reader, stream, 10), 'it goes on');
  must(await send(there, iris, id, post('whole', { messageId, run: 'r1' })));
  t.same(stream.problems, []);
});

t.test('a draft of which nothing comes is told of once, to those who have seen it', async (t) => {
  const id = await conversation(ben, iris);
  const stream = new Stream(id, 'r1');
  const readers = [await openReader(here, ben, [id]), await openReader(there, ben, [id])];
  await stream.send(here, 0, 3);
  for (const reader of readers) t.ok(await hasAll(reader, stream, 3));
  const news = { conversation: id, run: 'r1', author: 'iris', isUnseen: false };
  await here.core.live.abandon(owner.tenant, { ...news, messageId: randomUUID() });
  await there.core.live.abandon(owner.tenant, { ...news, messageId: stream.messageId });
  await here.core.live.abandon(owner.tenant, { ...news, messageId: stream.messageId });
  const abandoned = ({ socket }: Reader) => socket.frames.filter((frame) => isAbandoned(frame)).length;
  await until(() => readers.every((reader) => abandoned(reader) === 1));
  await stream.send(here, 3, 1);
  for (const reader of readers) t.ok(await hasAll(reader, stream, 4), 'it may go on all the same');
  t.same(readers.map(abandoned), [1, 1]);
  await there.core.live.abandon(owner.tenant, { ...news, messageId: randomUUID(), isUnseen: true });
  await until(() => readers.every((reader) => abandoned(reader) === 2));
  await here.core.live.abandon(owner.tenant, { ...news, conversation: randomUUID(), messageId: 'x' });
});

t.test('an agent that falls silent is told of once, and its draft expires', async (t) => {
  const id = await conversation(ben, iris);
  const stream = new Stream(id, 'r1');
  const reader = await openReader(there, ben, [id]);
  await stream.send(there, 0, 3);
  t.ok(await hasAll(reader, stream, 3));
  const pulses = (): unknown[] => reader.socket.frames.flatMap((frame) => frame['pulse'] ?? []);
  clock.advance(30_000);
  t.same(pulses(), []);
  clock.advance(31_000);
  t.match(pulses(), [
    { kind: 'draft.abandoned', conversation: id, from: 'iris', message_id: stream.messageId },
  ]);
  clock.advance(61_000);
  t.equal(pulses().length, 1);
  await stream.send(there, 3, 1);
  t.ok(await hasAll(reader, stream, 4), 'it may still go on');
});

t.test(
  'drafts that a restart of nats-server took away: the agent hears of it, starts over or posts',
  async (t) => {
    const id = await conversation(ben, iris);
    const reader = await openReader(there, ben, [id]);
    const [stream, other] = [new Stream(id, 'r1'), new Stream(id, 'r2')];
    await stream.send(there, 0, 10);
    await other.send(there, 0, 10);
    t.ok(await hasAll(reader, stream, 10));
    await server.kill();
    await server.restart();
    await until(() => here.nats.isConnected() && there.nats.isConnected());
    await until(async () => !((await there.core.bus.stateFor(owner, id, null)) instanceof Problem));
    await until(async () => {
      stream.problems.length = 0;
      await stream.send(there, 10, 1);
      await until(() => stream.problems.length > 0, 1_000).catch(() => undefined);
      return stream.problems.includes('index_gap');
    });
    stream.problems.length = 0;
    await stream.send(there, 0, 15);
    t.ok(await hasAll(reader, stream, 15), 'readers who saw its beginning go on where they were');
    t.same(stream.problems, []);
    const late = await openReader(here, ben, [id]);
    t.ok(await hasAll(late, stream, 15), 'late ones get all of it');
    must(await send(there, iris, id, post('whole', { run: 'r2', messageId: other.messageId, endRun: true })));
    must(await send(here, owner, id, control('stream.cancel', { run: 'r1' })));
    const entries = await stored(id);
    t.same(
      entries
        .slice(1)
        .map(({ event }) => (event.type === 'message.posted' ? event.data.content : event.type)),
      ['whole', Stream.upTo(15), 'control'],
    );
  },
);

t.test('a deleted conversation leaves no drafts', async () => {
  const id = await conversation(ben, iris);
  const streams = [new Stream(id, 'r1'), new Stream(id, 'r2')];
  for (const stream of streams) {
    await stream.send(here, 0, 5);
    await until(async () => (await stream.stored()) === 5);
  }
  must(await send(here, owner, id, { op: 'conversation.delete' }));
  await until(async () => must(await here.drafts.read(ref(id))).length === 0);
});
