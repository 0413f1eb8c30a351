import { randomUUID } from 'node:crypto';
import t from 'tap';
import { openAgentRecordStore } from '../../../../src/adapters/postgres/agents/agent-records.ts';
import { openClock } from '../../../../src/adapters/system/clock.ts';
import { openIdSource } from '../../../../src/adapters/system/id-source.ts';
import { forgetRemovedAgents } from '../../../../src/core/agents/records/forget-removed.ts';
import { openLogNews } from '../../../../src/core/agents/records/log-news.ts';
import { openAgentRecords } from '../../../../src/core/agents/records/open-agent-records.ts';
import { sweepRecords } from '../../../../src/core/agents/records/sweep-records.ts';
import { limits } from '../../../../src/domain/limits.ts';
import type { Principal } from '../../../../src/domain/principal.ts';
import { Problem } from '../../../../src/domain/problem.ts';
import type { AgentLogEntry, AgentMemory } from '../../../../src/ports/agents/agent-records.ts';
import { given, named, openTestPools } from '../../../kit/identity.ts';
import { NodeLinks } from '../../../kit/links/node-links.ts';
import { until } from '../../../kit/log-entries.ts';
import { silentLogger } from '../../../kit/memory/silent-logger.ts';
import { principal } from '../../../kit/servers/core-node.ts';

const store = openAgentRecordStore(await openTestPools(t));
const links = new NodeLinks();
let nowMs = 0;
const clock = { monotonicMs: () => nowMs };
const news = openLogNews(links.open('near'), clock);
const far = openLogNews(links.open('far'), clock);
const records = openAgentRecords({ store, news, ids: openIdSource() });

const tenant = 'tenant';
const who = (id: string, kind: Principal['kind'] = 'user') => principal(tenant, id, kind);
const [service, bot] = [who('server', 'service'), who('bot', 'agent')];
const memory = (more: Partial<AgentMemory> = {}): AgentMemory => ({
  ...{ tenant, id: randomUUID(), agent: 'bot', table: 'messages', room: 'room', conversation: 'c' },
  ...{
    message: randomUUID(),
    entity: 'ann',
    world: null,
    content: {},
    isUnique: true,
    metadata: {},
    createdAt: 1,
  },
  ...more,
});
const log = (more: Partial<AgentLogEntry> = {}): AgentLogEntry => ({
  ...{
    tenant,
    id: randomUUID(),
    agent: 'bot',
    at: 1,
    type: 'useModel',
    level: 'info',
    body: {},
    conversation: null,
  },
  ...{ room: null, entity: null, run: null },
  ...more,
});
const run = (id: string) => ({
  ...{ tenant, id, agent: 'bot', conversation: 'c', room: 'room', message: 'm', entity: 'ann' },
  ...{
    status: 'completed' as const,
    outcome: 'answered',
    startedAt: 1,
    endedAt: 2,
    metadata: {},
    events: [],
  },
  counts: { actions: 0, modelCalls: 0, errors: 0, evaluators: 0 },
});

t.test('what was said in conversations is not for everybody', async (t) => {
  const kept = memory();
  await store.add({ run: run('r'), logs: [log()], memories: [kept] });
  const asked = (by: Principal) =>
    [
      () => records.runs(by, { agent: 'bot', limit: 1 }),
      () => records.run(by, 'bot', 'r'),
      () => records.logs(by, { agent: 'bot', limit: 1 }),
      () => records.memories(by, { agent: 'bot', limit: 1 }),
      () => records.memory(by, 'bot', kept.id),
      () => records.changeMemory(by, 'bot', kept.id, { metadata: { by: by.id } }),
      () => records.deleteMemory(by, 'bot', randomUUID()),
      () => records.deleteMemories(by, 'bot', 'no room'),
      () => records.deleteLog(by, 'bot', randomUUID()),
    ] as const;
  const ofAll = (by: Principal) =>
    [() => records.tenantLogs(by, { limit: 1 }), () => records.onLogEntry(by, () => undefined)] as const;
  const outcomes = (calls: readonly (() => unknown)[]) =>
    Promise.all(calls.map(async (call) => named(await call())));
  for (const by of [service, { ...who('ann'), role: 'admin' as const }]) {
    t.same(await outcomes([...asked(by), ...ofAll(by)]), Array(11).fill('ok'));
  }
  for (const by of [who('ann'), who('other', 'agent')])
    t.same(
      await outcomes([...asked(by), ...ofAll(by), () => records.clearLogs(by)]),
      Array(12).fill('forbidden'),
    );
  t.same(await outcomes(asked(bot)), Array(9).fill('ok'), 'an agent reads its own');
  t.same(await outcomes(ofAll(bot)), Array(2).fill('forbidden'));
  const stranger = { ...principal('elsewhere', 'server', 'service') };
  t.equal(named(await records.memory(stranger, 'bot', kept.id)), 'not_found');
  t.equal(named(await records.run(stranger, 'bot', 'r')), 'not_found');
  t.equal(named(await records.changeMemory(stranger, 'bot', kept.id, {})), 'not_found');
  t.same(await records.memories(stranger, { agent: 'bot', limit: 1 }), []);
  t.ok(given(await records.clearLogs(service)) > 0);
});

t.test('a memory is not made larger than memories are', async (t) => {
  const kept = memory();
  await store.add({ run: run('s'), logs: [], memories: [kept] });
  const text = 'x'.repeat(limits.memoryBytesMax);
  t.equal(named(await records.changeMemory(service, 'bot', kept.id, { content: { text } })), 'too_large');
  t.match(await records.memory(service, 'bot', kept.id), { content: {} });
});

t.test('everything of a room goes, however much it is', async (t) => {
  const memories = Array.from({ length: limits.agentRecordsDeletedAtOnce + 1 }, () =>
    memory({ room: 'full' }),
  );
  await store.add({ run: run('t'), logs: [], memories: [...memories, memory({ room: 'kept' })] });
  t.equal(await records.deleteMemories(service, 'bot', 'full'), memories.length);
  t.equal(given(await records.memories(service, { agent: 'bot', room: 'kept', limit: 10 })).length, 1);
});

t.test('a room is the conversation as its agent sees it', async (t) => {
  const agent = 'a0000000-0000-4000-8000-000000000001';
  t.equal(
    records.roomOf('6185c440-4f7b-4dcd-b51f-9da59fb92dab', agent),
    'ec054425-8b26-0da6-8940-004e5b2ed83f',
  );
  t.equal(records.roomOf(agent, agent), agent);
});

t.test('new log entries are heard in their tenant, on every node, but not too many', async (t) => {
  const heard: string[] = [];
  const following = given(
    records.onLogEntry(service, ({ id }) => heard.push(id)) as Problem | { stop(): void },
  );
  const entry = log();
  far.tell('another', [log({ tenant: 'another' })]);
  far.tell(tenant, [entry]);
  await until(() => heard.length > 0);
  t.same(heard, [entry.id]);
  const many = Array.from({ length: limits.agentLogsToldPerSecondMax }, () => log());
  far.tell(tenant, many);
  nowMs += 1_000;
  const later = log();
  far.tell(tenant, [later]);
  await until(() => heard.includes(later.id));
  t.same(heard, [entry.id, later.id], 'too many at once are lost');
  following.stop();
  far.tell(tenant, [log()]);
  await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
  t.equal(heard.length, 2);
});

t.test('what is old is swept until nothing is left', async (t) => {
  const year = 365 * 86_400_000_000;
  const memories = Array.from({ length: limits.agentRecordsDeletedAtOnce + 1 }, () => memory());
  await store.add({ run: run('u'), logs: [log()], memories });
  const aged = { ...openClock(), nowMicros: () => year };
  t.ok((await sweepRecords({ store, clock: aged })) >= memories.length + 2);
  t.same(await records.memories(service, { agent: 'bot', limit: 1 }), []);
  t.equal(await sweepRecords({ store: { sweep: async () => new Problem('unavailable') }, clock: aged }), 0);
});

t.test('a deleted agent takes along what it did, in as many pieces as it needs', async (t) => {
  let removed: (tenant: string, id: string) => void = () => undefined;
  const agents = {
    onRemoved(listener: typeof removed) {
      removed = listener;
      return () => undefined;
    },
  };
  const left = [3, 2, 0, 7];
  const asked: string[] = [];
  const forgetAgent = async (of: string, agent: string) => {
    asked.push(`${of} ${agent}`);
    return left.shift() ?? 0;
  };
  const logger = silentLogger();
  const close = forgetRemovedAgents({ agents, store: { forgetAgent }, logger });
  removed(tenant, 'bot');
  await until(() => asked.length === 3);
  await close();
  t.same(left, [7]);
  t.same(asked, Array(3).fill('tenant bot'));
  const away = { forgetAgent: async () => new Problem('unavailable') };
  const closeAway = forgetRemovedAgents({ agents, store: away, logger });
  removed(tenant, 'bot');
  await closeAway();
});
