import { randomUUID } from 'node:crypto';
import t from 'tap';
import { openAgentRecordStore } from '../../../../src/adapters/postgres/agents/agent-records.ts';
import { limits } from '../../../../src/domain/limits.ts';
import type {
  AgentLogEntry,
  AgentMemory,
  AgentRun,
  TurnRecords,
} from '../../../../src/ports/agents/agent-records.ts';
import { given, openTestPools } from '../../../kit/identity.ts';

const pools = await openTestPools(t);
const store = openAgentRecordStore(pools);
const { sql } = pools;
const tenant = 'tenant';
const nobodys = { actions: 0, modelCalls: 1, errors: 0, evaluators: 0 };

/** An agent of its own for each test. */
function stage() {
  const agent = randomUUID();
  const conversation = randomUUID();
  const of = { tenant, agent, conversation, room: `room of ${conversation}`, entity: 'ann' };
  const run = (more: Partial<AgentRun> = {}): AgentRun => ({
    ...of,
    ...{ id: randomUUID(), message: randomUUID(), status: 'completed', outcome: 'answered' },
    ...{ startedAt: 10, endedAt: 20, counts: nobodys, metadata: { a: 1 } },
    events: [{ type: 'RUN_STARTED', at: 10, data: { b: 'half \ud800' } }],
    ...more,
  });
  const log = (more: Partial<AgentLogEntry> = {}): AgentLogEntry => ({
    ...of,
    ...{ id: randomUUID(), at: 10, type: 'useModel', level: 'info', body: { c: 1 }, run: 'r' },
    ...more,
  });
  const memory = (more: Partial<AgentMemory> = {}): AgentMemory => ({
    ...of,
    ...{ id: randomUUID(), table: 'messages', message: randomUUID(), world: null, content: { text: 'said' } },
    ...{ isUnique: true, metadata: {}, createdAt: 10 },
    ...more,
  });
  const add = async (more: Partial<TurnRecords>): Promise<void> => {
    t.equal(await store.add({ run: run(), logs: [], memories: [], ...more }), null);
  };
  return { agent, conversation, run, log, memory, add, room: of.room };
}

t.test('what a turn leaves is read as it was written, and written again changes nothing', async (t) => {
  const { agent, run, log, memory, add } = stage();
  const records = {
    run: run(),
    logs: [log({ at: 11 }), log({ at: 10, conversation: null, room: null, entity: null, run: null })],
    memories: [memory({ createdAt: 11 }), memory({ conversation: null, message: null, world: 'w' })],
  };
  await add(records);
  const { id } = records.run;
  await add({ ...records, run: { ...records.run, status: 'error', metadata: {} } });
  const whole = { ...records.run, events: [{ ...records.run.events[0], data: { b: 'half \ufffd' } }] };
  t.match(await store.run(tenant, agent, id), { ...whole, events: [{ type: 'RUN_STARTED', at: 10 }] });
  const { events: _, ...listed } = records.run;
  t.same(await store.runs(tenant, { agent, limit: 10 }), { runs: [listed], total: 1, hasMore: false });
  t.same(await store.logs(tenant, { agent, limit: 10 }), records.logs);
  t.same(await store.memories(tenant, { agent, limit: 10 }), records.memories);
  t.equal(await store.run(tenant, 'another', id), null);
});

t.test('a run that was begun is ended by its records, whichever of both comes first', async (t) => {
  const { agent, run, add } = stage();
  const begun = run({ status: 'started', outcome: null, endedAt: null, startedAt: 5, events: [] });
  const ended = { ...run(), id: begun.id, startedAt: 7 };
  await add({ run: begun });
  t.match(await store.run(tenant, agent, begun.id), { status: 'started', endedAt: null });
  await add({ run: ended });
  await add({ run: begun });
  t.match(await store.run(tenant, agent, begun.id), { status: 'completed', startedAt: 5, endedAt: 20 });
});

t.test('runs are found by room, author, status and time, in pages', async (t) => {
  const { agent, run, add, room } = stage();
  for (const startedAt of [1, 2, 3]) await add({ run: run({ startedAt }) });
  await add({
    run: run({ startedAt: 4, room: 'other', entity: 'ben', status: 'error', outcome: 'stopped' }),
  });
  const starts = async (query: object) => {
    const found = given(await store.runs(tenant, { agent, limit: 10, ...query }));
    return [found.runs.map(({ startedAt }) => startedAt), found.total, found.hasMore];
  };
  t.same(await starts({}), [[4, 3, 2, 1], 4, false]);
  t.same(await starts({ limit: 2 }), [[4, 3], 4, true]);
  t.same(await starts({ room }), [[3, 2, 1], 3, false]);
  t.same(await starts({ entity: 'ben' }), [[4], 1, false]);
  t.same(await starts({ status: 'error' }), [[4], 1, false]);
  t.same(await starts({ from: 2, to: 3 }), [[3, 2], 2, false]);
});

t.test('log entries by type and room, and those of a tenant by level, agent and time', async (t) => {
  const { agent, log, add, room } = stage();
  const logs = [
    log({ at: 4, type: 'run_event' }),
    log({ at: 3, level: 'error', room: 'other' }),
    log({ at: 2, entity: 'ben' }),
  ];
  await add({ logs });
  const times = async (query: object) =>
    given(await store.logs(tenant, { agent, limit: 10, ...query })).map(({ at }) => at);
  t.same(await times({}), [4, 3, 2]);
  t.same(await times({ type: 'useModel' }), [3, 2]);
  t.same(await times({ excludedTypes: ['useModel', 'x'] }), [4]);
  t.same(await times({ room }), [4, 2]);
  t.same(await times({ entity: 'ben' }), [2]);
  t.same(await times({ offset: 1, limit: 1 }), [3]);
  const ofTenant = async (query: object) => {
    const found = given(await store.tenantLogs(tenant, { agent, limit: 10, ...query }));
    return [found.entries.map(({ at }) => at), found.total];
  };
  t.same(await ofTenant({ limit: 2 }), [[4, 3], 3]);
  t.same(await ofTenant({ level: 'error' }), [[3], 1]);
  t.same(await ofTenant({ since: 3 }), [[4, 3], 2]);
  t.equal(await store.deleteLog(tenant, agent, logs[0]?.id ?? ''), true);
  t.equal(await store.deleteLog(tenant, agent, logs[0]?.id ?? ''), false);
  t.equal(await store.deleteLog(tenant, agent, 'no uuid'), false);
  t.ok(given(await store.clearLogs(tenant)) >= 2);
  t.same(await times({}), []);
});

t.test('memories by table, room and time, changed and deleted', async (t) => {
  const { agent, memory, add, room } = stage();
  const [newest, middle, oldest] = [
    memory({ createdAt: 3 }),
    memory({ createdAt: 2, table: 'facts', entity: 'ben' }),
    memory({ createdAt: 1, room: 'other' }),
  ];
  await add({ memories: [newest, middle, oldest] });
  const times = async (query: object = {}) =>
    given(await store.memories(tenant, { agent, limit: 10, ...query })).map(({ createdAt }) => createdAt);
  t.same(await times(), [3, 2, 1]);
  t.same(await times({ table: 'facts' }), [2]);
  t.same(await times({ room }), [3, 2]);
  t.same(await times({ room, before: 3, limit: 1 }), [2]);
  t.same(await times({ entity: 'ben' }), [2]);
  const changes = { content: { text: 'other' }, world: 'w', isUnique: false };
  t.same(await store.changeMemory(tenant, agent, newest.id, changes), { ...newest, ...changes });
  t.match(await store.changeMemory(tenant, agent, newest.id, { world: null, metadata: { a: 1 } }), {
    world: null,
    metadata: { a: 1 },
    content: { text: 'other' },
  });
  for (const id of ['no uuid', randomUUID()]) {
    t.equal(await store.changeMemory(tenant, agent, id, changes), null);
    t.equal(await store.memory(tenant, agent, id), null);
    t.equal(await store.deleteMemory(tenant, agent, id), false);
  }
  t.equal(await store.deleteMemory(tenant, agent, newest.id), true);
  t.equal(await store.deleteMemories(tenant, agent, 'other'), 1);
  t.same(await times(), [2]);
  t.equal(await store.deleteMemories(tenant, agent, null), 1);
});

t.test('of what is deleted already nothing is remembered', async (t) => {
  const { agent, memory, add, conversation } = stage();
  const gone = memory();
  const there = memory();
  await sql`
    insert into messages (
      tenant_id, conversation_id, seq, position, log_seq, event_id, message_id, kind, sender_id, sender_kind, at_us,
      content, content_type, data, edit_count, deleted_us, searchable
    ) values (
      ${tenant}, ${conversation}, 1, 2, 20, 'event', ${gone.message}, 'message', 'ann', 'user', 2, '', 'text', '{}', 0,
      3, false
    )`;
  const lost = memory({ conversation: 'gone' });
  await sql`
    insert into conversations (tenant_id, conversation_id, status, position, former_participants)
    values (${tenant}, 'gone', 'deleted', 4, '[]')`;
  await add({ memories: [gone, there, lost] });
  t.same(
    given(await store.memories(tenant, { agent, limit: 10 })).map(({ id }) => id),
    [there.id],
  );
});

t.test('everything of one agent goes, and nothing of others', async (t) => {
  const [gone, kept] = [stage(), stage()];
  for (const { add, log, memory } of [gone, kept]) await add({ logs: [log(), log()], memories: [memory()] });
  t.equal(await store.forgetAgent(tenant, gone.agent), 4);
  t.equal(await store.forgetAgent(tenant, gone.agent), 0);
  t.equal(await store.forgetAgent(tenant, kept.agent), 4);
});

t.test('what is old goes, and a run that nobody ends has timed out', async (t) => {
  const { agent, run, log, memory, add } = stage();
  const started = { status: 'started' as const, outcome: null, endedAt: null };
  const late = run({ ...started, startedAt: 150 });
  await add({ run: run({ startedAt: 50 }), logs: [log({ at: 50 }), log({ at: 150 })] });
  await add({ run: late, memories: [memory({ createdAt: 50 }), memory({ createdAt: 20 })] });
  await add({ run: run({ ...started, startedAt: 250 }) });
  const ages = { recordsBefore: 100, memoriesBefore: 40, unendedBefore: 200, limit: 1_000 };
  t.ok(given(await store.sweep(ages)) >= 3);
  t.equal(await store.sweep(ages), 0);
  const { runs } = given(await store.runs(tenant, { agent, limit: 10 }));
  t.same(
    runs.map(({ startedAt, status }) => [startedAt, status]),
    [
      [250, 'started'],
      [150, 'timeout'],
    ],
  );
  t.equal(given(await store.logs(tenant, { agent, limit: 10 })).length, 1);
  t.equal(given(await store.memories(tenant, { agent, limit: 10 })).length, 1);
  const many = Array.from({ length: limits.agentRecordsPageMax + 1 }, () => memory());
  await add({ memories: many });
  t.equal(given(await store.memories(tenant, { agent, limit: 1e9 })).length, limits.agentRecordsPageMax);
});
