/** phi and secret content on two nodes over real servers: who reads it, where it lies, what is left of it. */
import { randomUUID } from 'node:crypto';
import postgres from 'postgres';
import t from 'tap';
import type { Outcome } from '../../../src/core/bus.ts';
import type { Command, CommandContext } from '../../../src/domain/command.ts';
import type { DataClass, EventOf } from '../../../src/domain/event.ts';
import type { Principal } from '../../../src/domain/principal.ts';
import type { Problem } from '../../../src/domain/problem.ts';
import { must, openReader } from '../../kit/clients/reader.ts';
import { until } from '../../kit/log-entries.ts';
import { control, create, member, post } from '../../kit/memory/memory-commands.ts';
import { type CoreNode, openCoreNode } from '../../kit/servers/core-node.ts';
import { startTwoNodes } from '../../kit/servers/two-nodes.ts';

const { here, there, owner, one, natsUrl, databaseUrl } = await startTwoNodes(t);
const sql = postgres(databaseUrl, { max: 1 });
t.teardown(() => sql.end());
const iris = one('iris', 'agent');

const secret: Partial<CommandContext> = { dataClass: 'secret' };

function send(
  node: CoreNode,
  who: Principal,
  conversation: string,
  command: Command,
  fields: Partial<CommandContext> = {},
): Promise<Outcome | Problem> {
  return node.core.bus.dispatch(who, command, node.core.bus.context(conversation, fields));
}

async function conversation(fields: Partial<CommandContext> = {}, name = 'Harbour'): Promise<string> {
  const id = here.core.bus.newConversationId();
  const command = create({ name, participants: [member(iris)] });
  return must(await send(here, owner, id, command, fields)).ref.conversation;
}

async function texts(node: CoreNode, id: string): Promise<string[]> {
  const page = must(await node.core.bus.history(owner, id, { limit: 50, keep: 'newest' }));
  return page.entries.map(({ event }) =>
    event.type === 'control'
      ? `! ${event.data.reason}`
      : `${event.data.content} ${JSON.stringify(event.data.metadata)}`,
  );
}

/** A node that knows nothing yet. */
async function fresh(): Promise<CoreNode> {
  const node = await openCoreNode({ natsUrl, databaseUrl, projects: false });
  t.teardown(() => node.close());
  return node;
}

async function projected(id: string, position: number): Promise<void> {
  await until(async () => {
    const rows = await sql`select position from conversations where conversation_id = ${id}`;
    return Number(rows[0]?.['position'] ?? 0) >= position;
  });
}

/** Everything that Postgres has of a conversation, as text. */
async function stored(id: string): Promise<string> {
  const tables = ['conversations', 'participants', 'messages', 'message_versions', 'reactions'];
  const rows = await Promise.all(
    tables.map((table) =>
      sql.unsafe(`select t::text as row from ${table} t where conversation_id = '${id}'`),
    ),
  );
  return rows
    .flat()
    .map(({ row }) => row)
    .join('\n');
}

t.test('authorised readers see sealed content on every node, live, resumed, projected', async (t) => {
  const id = await conversation(secret, 'canary room');
  const reader = await openReader(there, owner, [id]);
  const posted = post('canary text', {
    metadata: { note: 'canary note' },
    clientId: 'c1',
    messageId: randomUUID(),
  });
  const first = must(await send(here, owner, id, posted, secret));
  const message = posted.messageId ?? '';
  const edit: Command = { op: 'edit', message, content: 'canary edited', metadata: { note: 'canary two' } };
  must(await send(there, owner, id, edit));
  must(await send(here, owner, id, control('stream.pause', { reason: 'canary reason' }), secret));
  must(await send(here, owner, id, { op: 'update', description: 'canary description' }, secret));
  await until(() => reader.socket.positions(id).includes(5));
  t.same(
    reader.socket.events(id).map(({ data }) => data['content'] ?? data['reason'] ?? data['description']),
    ['canary text', 'canary edited', 'canary reason', 'canary description'],
  );
  t.ok(reader.socket.events(id).every(({ data }) => data['sealed'] === undefined));
  const expected = ['canary edited {"note":"canary two"}', '! canary reason'];
  t.same(await texts(here, id), expected);
  t.same(await texts(there, id), expected);
  await projected(id, 5);
  t.notMatch(await stored(id), /canary/);
  const late = await fresh();
  t.same(await texts(late, id), expected);
  const { state } = must(await late.core.bus.stateFor(owner, id, null));
  t.match(state, {
    name: 'canary room',
    description: 'canary description',
    paused: { reason: 'canary reason' },
  });
  const listed = must(
    await late.core.bus.list(owner, { limit: 50, cursor: null, unreadOnly: false, env: null, service: null }),
  );
  t.equal(listed.conversations.find(({ ref }) => ref.conversation === id)?.name, 'canary room');
  const versions = must(await late.core.bus.versions(owner, id, [message], null));
  t.same(
    versions.map(({ data }) => 'content' in data && data.content),
    ['canary text', 'canary edited'],
  );
  t.match(must(await send(late, owner, id, posted, secret)).duplicate, { eventId: first.events[0]?.id });
  const other = { ...posted, content: 'something else' };
  t.match(await send(late, owner, id, other, secret), { code: 'conflict', reason: 'client_id_reused' });
  const resumed = await openReader(late, owner, [id], 0);
  t.same(resumed.socket.positions(id), [1, 2, 3, 4, 5]);
  t.match(resumed.socket.events(id)[0]?.data, { name: 'canary room' });
});

t.test('what goes to NATS and stays there has empty texts and a sealed one', async (t) => {
  const id = await conversation();
  const seen: string[] = [];
  const subscription = here.nats.connection.subscribe('live.>', {
    callback: (_error, message) => void seen.push(message.string()),
  });
  await here.nats.connection.flush();
  must(await send(here, owner, id, post('canary'), secret));
  must(await send(here, owner, id, post('in the clear')));
  await until(() => seen.length >= 2);
  subscription.unsubscribe();
  const [sealed, clear] = seen.map((text) => JSON.parse(text) as EventOf<'message.posted'>);
  t.match(sealed?.data, { content: '', metadata: {}, sealed: /^v1\.1\.[\w-]{16}\.[\w-]+\.[\w-]{22}$/ });
  t.match(clear?.data, { content: 'in the clear', sealed: undefined });
});

t.test(
  'an edit of a sealed message is sealed, whatever its request says; and so is an earlier clear one',
  async (t) => {
    const id = await conversation();
    const message = randomUUID();
    must(await send(here, owner, id, post('clear', { messageId: message })));
    const edit = (content: string): Command => ({ op: 'edit', message, content, metadata: null });
    must(await send(here, owner, id, edit('canary'), secret));
    must(await send(there, owner, id, edit('canary again')));
    await projected(id, 4);
    t.notMatch(await stored(id), /canary/);
    const late = await fresh();
    const versions = must(await late.core.bus.versions(owner, id, [message], null));
    t.same(
      versions.map(({ data }) => 'content' in data && data.content),
      ['clear', 'canary', 'canary again'],
    );
    t.match(must(await late.core.bus.entry(owner, id, message, null)), { dataClass: 'secret' });
  },
);

t.test('a draft of a sealed class becomes a sealed message, also when it is interrupted', async (t) => {
  const id = await conversation();
  const reader = await openReader(there, owner, [id]);
  const session = here.core.live.begin(iris, here.sockets.socket(), {
    dialect: 'x',
    event: () => null,
    delta: () => null,
    pulse: () => null,
  });
  const dataClass: DataClass = 'phi';
  const messageId = randomUUID();
  const problems: unknown[] = [];
  const delta = (index: number, text: string, more: object = {}) =>
    here.core.live.delta(session, { conversation: id, messageId, run: 'r1', index, text, ...more }, (p) =>
      problems.push(p),
    );
  t.equal(await delta(0, 'canary ', { dataClass }), null);
  t.equal(await delta(1, 'tale'), null);
  t.match(await delta(2, 'x', { dataClass: 'secret' }), { code: 'invalid_request' });
  await until(() => JSON.stringify(reader.socket.frames).includes('tale'));
  const chunks = must(await here.drafts.read({ tenant: owner.tenant, service: null, conversation: id }));
  t.ok(chunks.length > 0 && chunks.every(({ chunk }) => chunk.text === '' && chunk.sealed !== undefined));
  must(await send(there, owner, id, control('stream.cancel', { run: 'r1' })));
  await projected(id, 3);
  t.notMatch(await stored(id), /canary/);
  t.same(await texts(await fresh(), id), ['canary tale {}', '! null']);
  t.same(problems, []);
});

t.test('live events wait for a key that is not in memory, in their order', async (t) => {
  const id = await conversation();
  const reader = await openReader(there, owner, [id]);
  for (let round = 0; round < 5; round += 1) {
    there.sealing.keys.forget(owner.tenant);
    for (let n = 0; n < 4; n += 1) {
      const fields = n % 2 === 0 ? secret : {};
      must(await send(here, owner, id, post(`text ${round}.${n}`), fields));
    }
  }
  await until(() => reader.socket.positions(id).includes(21));
  t.same(
    reader.socket.positions(id),
    Array.from({ length: 20 }, (_, index) => index + 2),
  );
  t.ok(reader.socket.events(id).every(({ data }) => String(data['content']).startsWith('text ')));
});

t.test('a deleted sealed message leaves a tombstone like any other', async (t) => {
  const id = await conversation();
  const posted = post('canary', { messageId: randomUUID(), clientId: 'd1' });
  must(await send(here, owner, id, posted, secret));
  must(await send(here, owner, id, { op: 'delete', message: posted.messageId ?? '' }));
  await projected(id, 3);
  const late = await fresh();
  t.match(must(await late.core.bus.entry(owner, id, posted.messageId ?? '', null)), {
    dataClass: 'none',
    event: { data: { content: '', deleted: true, sealed: undefined } },
  });
  t.ok(must(await send(late, owner, id, posted, secret)).duplicate);
});

t.test(
  'a rotation leaves old content readable, an erasure leaves none, and new content gets a new key',
  async (t) => {
    const id = await conversation(secret, 'canary name');
    must(await send(here, owner, id, post('one', { clientId: 'k1' }), secret));
    const version = must(await here.sealing.keys.rotate(owner.tenant));
    there.sealing.changed(owner.tenant, false);
    must(await send(there, owner, id, post('two'), secret));
    t.equal(version, 2);
    t.same(await texts(here, id), ['one {}', 'two {}']);
    const reader = await openReader(there, owner, [id]);
    t.equal(must(await here.sealing.keys.erase(owner.tenant)), 2);
    here.sealing.changed(owner.tenant, true);
    there.sealing.changed(owner.tenant, true);
    t.equal(reader.socket.closedWith, 'restarting');
    for (const node of [here, there, await fresh()]) {
      t.same(await texts(node, id), [' {}', ' {}']);
      const page = must(await node.core.bus.history(owner, id, { limit: 1, keep: 'newest' }));
      t.match(page.entries[0]?.event.data, { sealed: 'erased' });
      t.match(page.state, { name: null, metadata: { sealed: 'erased' } });
      const { events } = must(await node.core.bus.eventsAfter(owner, id, 0, 10, null));
      t.same(
        events.map(({ data }) => (data as { sealed?: string }).sealed),
        ['erased', 'erased', 'erased'],
      );
    }
    t.ok(must(await send(there, owner, id, post('one', { clientId: 'k1' }), secret)).duplicate);
    must(await send(there, owner, id, post('three'), secret));
    t.same(await texts(here, id), [' {}', ' {}', 'three {}']);
    const keys =
      await sql`select version, wrapped is null as gone from data_keys where tenant_id = ${owner.tenant} order by version`;
    t.same(
      keys.map(({ version, gone }) => [version, gone]),
      [
        [1, true],
        [2, true],
        [3, false],
      ],
    );
  },
);

t.test('without the master key nothing sealed is stored or read, and the rest goes on', async (t) => {
  const plain = await conversation();
  const id = await conversation();
  must(await send(here, owner, id, post('canary'), secret));
  for (const [masterKey, words] of [
    [null, /PARLEY_MASTER_KEY is not set/],
    ['f'.repeat(64), /PARLEY_MASTER_KEY is not the one/],
  ] as const) {
    const node = await openCoreNode({ natsUrl, databaseUrl, projects: false, masterKey });
    t.teardown(() => node.close());
    t.match(await send(node, owner, plain, post('x'), secret), { code: 'unavailable', message: words });
    must(await send(node, owner, plain, post('in the clear')));
    const page = await node.core.bus.history(owner, id, { limit: 50, keep: 'newest' });
    t.match(page, { code: 'unavailable', message: words });
  }
  t.same(await texts(here, id), ['canary {}']);
});

t.test('nobody logged an error', async (t) => {
  t.same(
    [here, there].flatMap(({ logger }) => logger.lines.filter(({ level }) => level === 'error')),
    [],
  );
});
