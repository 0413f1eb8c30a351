import { randomUUID } from 'node:crypto';
import t from 'tap';
import { openLiveFeed } from '../../../../src/adapters/jetstream/live-feed.ts';
import type { Outcome, Wording } from '../../../../src/core/bus.ts';
import { nativeWording } from '../../../../src/dialects/native/encode.ts';
import type { Principal } from '../../../../src/domain/principal.ts';
import { Problem } from '../../../../src/domain/problem.ts';
import { until } from '../../../kit/log-entries.ts';
import { create, post } from '../../../kit/memory/memory-commands.ts';
import type { MemorySocket } from '../../../kit/memory/memory-sockets.ts';
import { type CoreNode, openCoreNode, principal } from '../../../kit/servers/core-node.ts';
import { startNats } from '../../../kit/servers/nats.ts';
import { startPostgres } from '../../../kit/servers/postgres.ts';

const server = await startNats(t);
const database = await startPostgres(t);
const natsUrl = server.url.replace('//', `//${server.user}:${server.pass}@`);
const here = await openCoreNode({ natsUrl, databaseUrl: database.url, name: 'here' });
t.teardown(() => here.close());
/** What reading the list of a principal's conversations waits for. */
let listGate: Promise<void> = Promise.resolve();
const there = await openCoreNode({
  natsUrl,
  databaseUrl: database.url,
  name: 'there',
  projects: false,
  wrapReader: (reader) => ({
    ...reader,
    refsOf: async (...args) => {
      await listGate;
      return reader.refsOf(...args);
    },
  }),
});
t.teardown(() => there.close());

const tenant = randomUUID();
const [ann, bob] = [principal(tenant, 'ann'), principal(tenant, 'bob')];

function must<T>(value: T | Problem): T {
  if (value instanceof Problem) throw new Error(`${value.code}: ${value.message}`);
  return value;
}

async function newConversation(node: CoreNode, ...others: Principal[]): Promise<string> {
  const { bus } = node.core;
  const participants = others.map(({ id, kind }) => ({ id, kind, role: 'member' as const }));
  const made = must(await bus.dispatch(ann, create({ participants }), bus.context(bus.newConversationId())));
  return made.ref.conversation;
}

async function say(node: CoreNode, who: Principal, conversation: string, text: string): Promise<Outcome> {
  const { bus } = node.core;
  return must(await bus.dispatch(who, post(text), bus.context(conversation)));
}

async function follow(
  node: CoreNode,
  who: Principal,
  conversation: string,
  after: number | null,
): Promise<MemorySocket> {
  const socket = node.sockets.socket();
  const session = node.core.live.begin(who, socket, nativeWording);
  const cursor = after === null ? null : { epoch: null, position: after };
  await node.core.live.open(session, [{ conversation, after: cursor }], (opened, refused) => {
    socket.send(JSON.stringify({ opened: opened.length, refused: refused.map((one) => one.problem.code) }));
  });
  return socket;
}

const upTo = (last: number, first = 1): number[] =>
  Array.from({ length: last - first + 1 }, (_, i) => first + i);

t.test('a reader without a cursor gets what comes after the reply, from either node', async (t) => {
  const conversation = await newConversation(here, bob);
  await say(here, ann, conversation, 'before');
  const [near, far] = [
    await follow(here, bob, conversation, null),
    await follow(there, bob, conversation, null),
  ];
  t.same(near.frames[0], { opened: 1, refused: [] });
  await say(here, ann, conversation, 'one');
  await say(there, bob, conversation, 'two');
  await until(() => near.positions().length === 2 && far.positions().length === 2);
  t.same(near.positions(), [3, 4]);
  t.same(far.positions(), [3, 4]);
  t.same(
    near.events().map((event) => event.data['content']),
    ['one', 'two'],
  );
});

t.test('a reader with a cursor gets exactly what it missed, then what is live', async (t) => {
  const conversation = await newConversation(here, bob);
  for (let n = 1; n <= 20; n += 1) await say(here, ann, conversation, `message ${n}`);
  for (const node of [here, there]) {
    const socket = await follow(node, bob, conversation, 5);
    t.same(socket.positions(), upTo(21, 6));
  }
  const socket = await follow(there, bob, conversation, 0);
  await say(here, ann, conversation, 'live');
  await until(() => socket.positions().length === 22);
  t.same(socket.positions(), upTo(22));
});

t.test(
  'a backlog longer than the memory comes from the log, whole and in order, while others write',
  async (t) => {
    const conversation = await newConversation(here, bob);
    // Not all at once: who waits for more than commandWaitMsMax is refused.
    for (let n = 0; n < 1_200; n += 100)
      await Promise.all(upTo(100).map((k) => say(here, ann, conversation, `message ${n + k}`)));
    let isWriting = true;
    const writing = (async () => {
      for (let n = 0; isWriting; n += 1) await say(here, ann, conversation, `meanwhile ${n}`);
    })();
    const socket = await follow(there, bob, conversation, 3);
    await until(() => socket.positions().length > 1_300);
    isWriting = false;
    await writing;
    const last = must(await here.core.bus.stateFor(ann, conversation, null)).state.position;
    await until(() => socket.positions().at(-1) === last);
    t.same(socket.positions(), upTo(last, 4));
  },
);

t.test('erased messages leave stubs in a replay, so that no position is missing', async (t) => {
  const conversation = await newConversation(here, bob);
  const posted: Outcome[] = [];
  for (let n = 1; n <= 600; n += 1) posted.push(await say(here, ann, conversation, `secret ${n}`));
  const { bus } = here.core;
  const victim = posted[100]?.events[0];
  must(
    await bus.dispatch(
      ann,
      { op: 'edit', message: String(victim?.id), content: 'secret again', metadata: null },
      bus.context(conversation),
    ),
  );
  must(await bus.dispatch(ann, { op: 'delete', message: String(victim?.id) }, bus.context(conversation)));
  for (const node of [here, there]) {
    const socket = await follow(node, bob, conversation, 0);
    t.same(socket.positions(), upTo(603));
    const stubs = socket.events().filter((event) => event.data['deleted'] === true);
    t.same(
      stubs.map((event) => [event.position, event.data['content']]),
      [
        [102, ''],
        [602, ''],
      ],
    );
    t.notOk(JSON.stringify(socket.frames).includes('secret 101"'));
  }
});

t.test('who may not read gets the answer of a conversation that does not exist', async (t) => {
  const conversation = await newConversation(here);
  const stranger = await follow(there, bob, conversation, null);
  const nowhere = await follow(there, bob, randomUUID(), null);
  const foreign = await follow(there, principal(randomUUID(), 'ann'), conversation, null);
  for (const socket of [stranger, nowhere, foreign])
    t.same(socket.frames, [{ opened: 0, refused: ['not_found'] }]);
});

t.test(
  'a removed participant gets the event that removes it and nothing after it, on every node',
  async (t) => {
    const conversation = await newConversation(here, bob);
    const sockets = [
      await follow(here, bob, conversation, null),
      await follow(there, bob, conversation, null),
    ];
    const { bus } = there.core;
    must(
      await bus.dispatch(ann, { op: 'participant.remove', participant: 'bob' }, bus.context(conversation)),
    );
    await say(here, ann, conversation, 'he is gone');
    const witness = await follow(there, ann, conversation, 1);
    await until(() => witness.positions().length === 2);
    t.same(witness.positions(), [2, 3]);
    await until(() => sockets.every((socket) => socket.positions().length === 1));
    await say(here, ann, conversation, 'still gone');
    await until(() => witness.positions().length === 3);
    for (const socket of sockets)
      t.same(
        socket.events().map((event) => event.type),
        ['participant.removed'],
      );
  },
);

t.test('who follows all gets conversations it is added to, from the event that adds it', async (t) => {
  const socket = there.sockets.socket();
  const eve = principal(tenant, 'eve');
  const session = there.core.live.begin(eve, socket, nativeWording);
  t.equal(await there.core.live.followAll(session, new Map(), () => undefined), null);
  const conversation = await newConversation(here);
  await say(here, ann, conversation, 'not for eve');
  const { bus } = here.core;
  must(
    await bus.dispatch(
      ann,
      { op: 'participant.add', participant: { id: 'eve', kind: 'user', role: 'member' } },
      bus.context(conversation),
    ),
  );
  await say(here, ann, conversation, 'for eve');
  await until(() => socket.positions().length === 2);
  t.same(socket.positions(), [3, 4]);
});

t.test(
  'one who follows all and closes what it was added to is not brought back by the second note',
  async (t) => {
    const [socket, eve] = [there.sockets.socket(), principal(tenant, 'eve-2')];
    const session = there.core.live.begin(eve, socket, nativeWording);
    t.equal(await there.core.live.followAll(session, new Map(), () => undefined), null);
    const conversation = await newConversation(here, eve);
    const note = { conversation, position: 1 };
    await until(() => socket.positions().length === 1);
    there.core.live.close(session, conversation);
    const live = openLiveFeed(here.nats, here.logger);
    live.publishInbox(tenant, eve.id, 'added', note);
    // Its turn comes after the note: who opens by then has not been opened by it.
    live.publishInbox(tenant, eve.id, 'added', {
      conversation: await newConversation(here, eve),
      position: 1,
    });
    await until(() => socket.positions().length === 2);
    await say(here, ann, conversation, 'closed');
    t.same(socket.positions(conversation), [1]);
  },
);

t.test('who follows all is replied first, and misses nothing of what happens from then on', async (t) => {
  const [socket, eve] = [there.sockets.socket(), principal(tenant, 'eve-3')];
  const heard = await newConversation(here, bob);
  const witness = await follow(there, bob, heard, null);
  const session = there.core.live.begin(eve, socket, nativeWording);
  let open: () => void = () => undefined;
  listGate = new Promise((resolve) => (open = resolve));
  const following = there.core.live.followAll(session, new Map(), (refused) => {
    socket.send(JSON.stringify({ refused }));
  });
  const early = await newConversation(here, eve);
  await say(here, ann, early, 'before the reply');
  // What is said later arrives later: the notes of the addition have come by then.
  await say(here, ann, heard, 'later');
  await until(() => witness.positions().length === 1);
  t.same(socket.frames, []);
  open();
  t.equal(await following, null);
  t.same(socket.frames[0], { refused: [] });
  const late = await newConversation(here, eve);
  await say(here, ann, early, 'after the reply');
  await until(() => socket.positions(early).includes(3) && socket.positions(late).includes(1));
  t.same(socket.positions(early), upTo(3).slice(-socket.positions(early).length), 'no gap, nothing twice');
  t.same(socket.positions(late), [1]);
});

t.test('who is removed while its backlog is sent gets nothing after the event that removes it', async (t) => {
  const conversation = await newConversation(here, bob);
  for (let n = 0; n < 1_400; n += 100)
    await Promise.all(upTo(100).map((k) => say(here, ann, conversation, `message ${n + k}`)));
  const opening = follow(there, bob, conversation, 0);
  const { bus } = here.core;
  const removal = { op: 'participant.remove' as const, participant: 'bob' };
  const removed = must(await bus.dispatch(ann, removal, bus.context(conversation))).events[0];
  for (let n = 0; n < 50; n += 1) await say(here, ann, conversation, `he is gone ${n}`);
  const socket = await opening;
  // Whoever opened after the removal is refused; whoever opened before it may hear of it behind the backlog.
  const isOpened = socket.frames.some((frame) => frame['opened'] === 1);
  await until(() => !isOpened || socket.positions().at(-1) === removed?.position);
  const witness = await follow(there, ann, conversation, null);
  await say(here, ann, conversation, 'he is still gone');
  await until(() => witness.positions().length > 0);
  t.same(socket.positions(), isOpened ? upTo(removed?.position ?? 0) : [], 'nothing after it');
  if (isOpened) t.equal(socket.events().at(-1)?.type, 'participant.removed');
});

t.test('a reader that opens stays when the only other one leaves meanwhile', async (t) => {
  const conversation = await newConversation(here, bob);
  for (let n = 0; n < 900; n += 100)
    await Promise.all(upTo(100).map((k) => say(here, ann, conversation, `message ${n + k}`)));
  const first = there.sockets.socket();
  const session = there.core.live.begin(ann, first, nativeWording);
  await there.core.live.open(session, [{ conversation, after: null }], () => undefined);
  const opening = follow(there, bob, conversation, 0);
  await new Promise((resolve) => setImmediate(resolve));
  there.core.live.end(session);
  const socket = await opening;
  await say(here, ann, conversation, 'live');
  await until(() => socket.positions().at(-1) === 902);
  t.same(socket.positions(), upTo(902));
});

t.test('a reader that closes while its backlog is sent gets no live events', async (t) => {
  const conversation = await newConversation(here, bob);
  for (let n = 0; n < 900; n += 100)
    await Promise.all(upTo(100).map((k) => say(here, ann, conversation, `message ${n + k}`)));
  const socket = there.sockets.socket();
  const session = there.core.live.begin(bob, socket, nativeWording);
  const cursor = { epoch: null, position: 0 };
  await there.core.live.open(session, [{ conversation, after: cursor }], () => {
    // As a client does that changes its mind as soon as it has the reply.
    setImmediate(() => there.core.live.close(session, conversation));
  });
  const witness = await follow(there, ann, conversation, null);
  await say(here, ann, conversation, 'live');
  await until(() => witness.positions().length === 1);
  t.ok((socket.positions().at(-1) ?? 0) < 902);
});

t.test('a close that comes while the open is prepared wins', async (t) => {
  const conversation = await newConversation(here, bob);
  for (const after of [null, { epoch: null, position: 0 }]) {
    const socket = there.sockets.socket();
    const session = there.core.live.begin(bob, socket, nativeWording);
    const opening = there.core.live.open(session, [{ conversation, after }], () => socket.send('{"re":1}'));
    there.core.live.close(session, conversation);
    await opening;
    const witness = await follow(there, ann, conversation, null);
    await say(here, ann, conversation, 'live');
    await until(() => witness.positions().length === 1);
    t.same(socket.frames, [{ re: 1 }], 'it is answered and gets nothing');
    const again = there.core.live.open(session, [{ conversation, after: null }], () => undefined);
    await again;
    await say(here, ann, conversation, 'wanted again');
    await until(() => socket.positions().length === 1);
  }
});

t.test('one event is several frames where a dialect says so, live and from the log', async (t) => {
  const conversation = await newConversation(here, bob);
  const twice: Wording = {
    ...nativeWording,
    dialect: 'twice',
    event: ({ event }) => [`{"position":${event.position},"of":"first"}`, `{"of":"second"}`],
  };
  const live = here.sockets.socket();
  const session = here.core.live.begin(bob, live, twice);
  await here.core.live.open(session, [{ conversation, after: null }], () => undefined);
  await say(there, ann, conversation, 'one');
  await until(() => live.frames.length === 2);
  const late = here.sockets.socket();
  const other = here.core.live.begin(bob, late, twice);
  await here.core.live.open(other, [{ conversation, after: { epoch: null, position: 1 } }], () => undefined);
  await until(() => late.frames.length === 2);
  t.same(live.frames, [{ position: 2, of: 'first' }, { of: 'second' }]);
  t.same(late.frames, live.frames);
});

t.test('what is said of a conversation that is not there yet is heard, once', async (t) => {
  const conversation = here.core.bus.newConversationId();
  const session = here.core.live.begin(bob, here.sockets.socket(), nativeWording);
  const heard: string[] = [];
  const await_ = (name: string) =>
    here.core.live.awaitBeginning(session, conversation, () => heard.push(name));
  await_('first');
  await_('second');
  const stop = await_('third');
  stop();
  t.equal(await here.core.bus.statusOf(tenant, conversation), 'none');
  must(await there.core.bus.dispatch(ann, create(), there.core.bus.context(conversation)));
  await until(() => heard.length === 2);
  await say(there, ann, conversation, 'one');
  const socket = await follow(here, ann, conversation, 0);
  await until(() => socket.positions().includes(2));
  t.same(heard, ['first', 'second']);
});
