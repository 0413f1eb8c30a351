/** Log entries of all agents of a tenant, where the real server shows those of its process (eliza.md §4, System). */
import { type Static, Type } from '@sinclair/typebox';
import { type Operation, operation, type RequestOf } from '../../../contract/operation.ts';
import { canonicalUuid } from '../../../domain/ids.ts';
import { limits } from '../../../domain/limits.ts';
import type { Principal } from '../../../domain/principal.ts';
import { Problem } from '../../../domain/problem.ts';
import { msOf } from '../../../domain/time.ts';
import type { AgentLogEntry, LogLevel, TenantLogQuery } from '../../../ports/agents/agent-records.ts';
import { countOf, errors, exampleAgent, text, toMicros } from '../agents/declared.ts';
import { alsoAt } from '../also-at.ts';
import { callerOf } from '../caller.ts';
import type { ElizaDeps } from '../deps.ts';
import { logLevels } from './log-levels.ts';

type Deps = Pick<ElizaDeps, 'agents' | 'records' | 'clock'>;

const tag = 'ElizaOS: server';
const path = '/api/server/logs';
const hourUs = 3_600_000_000;
const entriesByDefault = 100;
const all = 'all';

const written: readonly string[] = ['debug', 'info', 'warn', 'error'] satisfies LogLevel[];

const LogsQuery = Type.Object({
  since: Type.Optional(text('1795168800123', 'Milliseconds; default: an hour ago')),
  level: Type.Optional(text('error', 'Exactly this one; default `all`')),
  agentName: Type.Optional(text('Two')),
  agentId: Type.Optional(text(exampleAgent)),
  limit: Type.Optional(text('100', '1 to 1000; default 100')),
});
const Logs = Type.Object({
  logs: Type.Array(
    Type.Object({
      time: Type.Integer({ description: 'Milliseconds since 1970', examples: [1_795_168_800_123] }),
      level: Type.Integer({ examples: [30] }),
      msg: text('Two: a run ended: answered.'),
      agentId: text(exampleAgent),
      agentName: text('Two'),
    }),
  ),
  count: Type.Integer({ examples: [1] }),
  total: Type.Integer({ examples: [1] }),
  requestedLevel: text(all),
  agentName: text(all),
  agentId: text(all),
  levels: Type.Array(Type.String(), { examples: [Object.keys(logLevels)] }),
});
const Cleared = Type.Object({ status: text('success'), message: text('Logs cleared successfully') });
const schemas = { query: LogsQuery };

export function serverLogRoutes(deps: Deps): readonly Operation[] {
  const read = operation(
    {
      ...{ id: 'eliza.logs', method: 'GET', path, access: 'principal', schemas, tag },
      summary: 'The newest log entries of the tenant’s agents, the oldest of them first',
      responses: { 200: { description: 'Entries', schema: Logs }, ...errors(403, 503) },
    },
    (request: RequestOf<typeof schemas>) => readLogs(deps, callerOf(request), request.query),
  );
  // Clients that send entries get entries, as from the real server: nothing is written.
  const sent: Operation = { ...read, id: 'eliza.submitLogs', method: 'POST', rate: 'read' };
  const clear = operation(
    {
      ...{ id: 'eliza.clearLogs', method: 'DELETE', path, access: 'principal', schemas: {}, tag },
      summary: 'Delete the log entries of all agents of the tenant',
      responses: { 200: { description: 'They are gone', schema: Cleared }, ...errors(403, 503) },
    },
    async (request: RequestOf<Record<never, never>>) => {
      const cleared = await deps.records.clearLogs(callerOf(request));
      if (cleared instanceof Problem) return cleared;
      return { status: 200, body: { status: 'success', message: 'Logs cleared successfully' } };
    },
  );
  return [read, sent, clear].flatMap((one) => alsoAt(one, '/api/logs/system'));
}

async function readLogs(deps: Deps, caller: Principal, query: Static<typeof LogsQuery>) {
  const { level = all, agentName = all, agentId = all } = query;
  const requestedLevel = level.toLowerCase();
  const asked = await queryOf(deps, caller, query, requestedLevel);
  if (asked instanceof Problem) return asked;
  const found = asked === null ? { entries: [], total: 0 } : await deps.records.tenantLogs(caller, asked);
  if (found instanceof Problem) return found;
  const logs = found.entries.map(encodeEntry).reverse();
  return {
    status: 200,
    body: {
      ...{ logs, count: logs.length, total: found.total, requestedLevel, agentName, agentId },
      levels: Object.keys(logLevels),
    },
  };
}

/** Null: nothing can match. An unknown level means `info`, as at the real server. */
async function queryOf(
  deps: Deps,
  caller: Principal,
  { since, agentName = all, agentId = all, limit }: Static<typeof LogsQuery>,
  requestedLevel: string,
): Promise<TenantLogQuery | null | Problem> {
  const level = Object.hasOwn(logLevels, requestedLevel) || requestedLevel === all ? requestedLevel : 'info';
  const query = {
    limit: countOf(limit, entriesByDefault, limits.agentRecordsPageMax),
    since: toMicros(since) ?? deps.clock.nowMicros() - hourUs,
    ...(level === all ? {} : { level: level as LogLevel }),
  };
  if (level !== all && !written.includes(level)) return null;
  const named = agentId === all ? null : (canonicalUuid(agentId) ?? agentId);
  if (agentName === all) return named === null ? query : { ...query, agent: named };
  const agents = await deps.agents.list(caller);
  if (agents instanceof Problem) return agents;
  const agent = agents.find(({ id, name }) => name === agentName && (named === null || named === id));
  return agent === undefined ? null : { ...query, agent: agent.id };
}

function encodeEntry({ at, level, body, agent }: AgentLogEntry) {
  const { message, agentName } = body;
  return {
    ...{ time: msOf(at), level: logLevels[level], agentId: agent },
    msg: typeof message === 'string' ? message : '',
    agentName: typeof agentName === 'string' ? agentName : '',
  };
}
