/** What agents noted: log entries of one agent (eliza.md §2). */
import { type Static, Type } from '@sinclair/typebox';
import { type Operation, operation, type RequestOf } from '../../../contract/operation.ts';
import { canonicalUuid, type PrincipalId } from '../../../domain/ids.ts';
import { limits } from '../../../domain/limits.ts';
import { Problem } from '../../../domain/problem.ts';
import { formatMicros } from '../../../domain/time.ts';
import type { AgentLogEntry, LogQuery } from '../../../ports/agents/agent-records.ts';
import { alsoAt } from '../also-at.ts';
import { callerOf, entityOf } from '../caller.ts';
import type { ElizaDeps } from '../deps.ts';
import { agentOf } from './agent-of.ts';
import {
  ByAgent,
  countOf,
  errors,
  exampleAgent,
  exampleRoom,
  invalidId,
  succeeded,
  successOf,
  text,
  uuidOf,
} from './declared.ts';

type Deps = Pick<ElizaDeps, 'agents' | 'records'>;

const exampleLog = '0193a1f0-9bff-7a90-8c7e-1f2a3b4c5d70';
/** What the store of the real server answers when nobody says how many. */
const entriesByDefault = 10;

const Entry = Type.Object({
  id: text(exampleLog),
  createdAt: Type.String({ format: 'date-time' }),
  entityId: Type.Union([Type.String(), Type.Null()], { examples: [exampleAgent] }),
  roomId: Type.Optional(text(exampleRoom)),
  type: text('run_event'),
  body: Type.Record(Type.String(), Type.Unknown(), {
    examples: [{ message: 'Two: a run ended: answered.', agentName: 'Two' }],
  }),
});
const LogsQuery = Type.Object({
  roomId: Type.Optional(text(exampleRoom)),
  type: Type.Optional(text('run_event')),
  count: Type.Optional(text('10', 'Default 10')),
  limit: Type.Optional(text('10', 'The same')),
  offset: Type.Optional(text('0')),
  excludeTypes: Type.Optional(Type.Array(Type.String(), { examples: [['useModel:TEXT_LARGE']] })),
});

export function logRoutes(deps: Deps): readonly Operation[] {
  return [
    ...alsoAt(listRoute(deps), '/api/logs/:agentId'),
    ...alsoAt(deleteRoute(deps), '/api/logs/:agentId/:logId'),
  ];
}

function listRoute(deps: Deps): Operation {
  const schemas = { params: ByAgent, query: LogsQuery };
  return operation(
    {
      ...{ id: 'eliza.agentLogs', method: 'GET', path: '/api/agents/:agentId/logs', schemas },
      ...{ access: 'principal', summary: 'Log entries of an agent, the newest first' },
      responses: {
        200: { description: 'Entries', schema: successOf(Type.Array(Entry)) },
        ...errors(400, 403, 404, 503),
      },
    },
    async (request: RequestOf<typeof schemas>) => {
      const caller = callerOf(request);
      const agent = await agentOf(deps, caller, request.params.agentId);
      if (agent instanceof Problem) return agent;
      const query = logQuery(request.query, agent.id, entityOf(request));
      if (query instanceof Problem) return query;
      const found = await deps.records.logs(caller, query);
      if (found instanceof Problem) return found;
      const excluded = (query.excludedTypes ?? []).map((type) => type.toLowerCase());
      return succeeded(found.filter((entry) => !isOfModel(entry, excluded)).map(encodeEntry));
    },
  );
}

function deleteRoute(deps: Deps): Operation {
  const params = Type.Object({ ...ByAgent.properties, logId: text(exampleLog) });
  const schemas = { params };
  return operation(
    {
      ...{ id: 'eliza.deleteAgentLog', method: 'DELETE', path: '/api/agents/:agentId/logs/:logId', schemas },
      ...{ access: 'principal', summary: 'Delete a log entry; also where there is none' },
      responses: { 204: { description: 'There is none', schema: null }, ...errors(400, 403, 404, 503) },
    },
    async (request: RequestOf<typeof schemas>) => {
      const caller = callerOf(request);
      const agent = await agentOf(deps, caller, request.params.agentId);
      if (agent instanceof Problem) return agent;
      const id = canonicalUuid(request.params.logId);
      if (id === null) return invalidId('agent or log');
      const deleted = await deps.records.deleteLog(caller, agent.id, id);
      return deleted instanceof Problem ? deleted : { status: 204 };
    },
  );
}

function logQuery(
  query: Static<typeof LogsQuery>,
  agent: PrincipalId,
  entity: PrincipalId | null,
): LogQuery | Problem {
  const room = uuidOf(query.roomId, 'room');
  if (room instanceof Problem) return room;
  const { type = '', excludeTypes = [] } = query;
  return {
    ...{ agent, excludedTypes: excludeTypes },
    limit: countOf(query.count ?? query.limit, entriesByDefault, limits.agentRecordsPageMax),
    offset: countOf(query.offset, 0, limits.agentRecordsCountedMax, 0),
    ...(room === null ? {} : { room }),
    ...(entity === null ? {} : { entity }),
    ...(type === '' ? {} : { type }),
  };
}

/** Excluded types name models, too, by any part of their type. */
function isOfModel({ body }: AgentLogEntry, excluded: readonly string[]): boolean {
  const { modelType } = body;
  return typeof modelType === 'string' && excluded.some((type) => modelType.toLowerCase().includes(type));
}

function encodeEntry({ id, at, entity, room, type, body }: AgentLogEntry): Static<typeof Entry> {
  const place = room === null ? {} : { roomId: room };
  return { id, createdAt: formatMicros(at), entityId: entity, ...place, type, body };
}
