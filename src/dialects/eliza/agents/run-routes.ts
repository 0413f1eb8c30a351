/** What agents did: their runs (eliza.md §2). */
import { type Static, Type } from '@sinclair/typebox';
import { type Operation, operation, type RequestOf } from '../../../contract/operation.ts';
import { canonicalUuid, type PrincipalId } from '../../../domain/ids.ts';
import { Problem } from '../../../domain/problem.ts';
import { msOf } from '../../../domain/time.ts';
import type { AgentRun, ListedRun, RunQuery, RunStatus } from '../../../ports/agents/agent-records.ts';
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
  millis,
  notFound,
  succeeded,
  successOf,
  text,
  toMicros,
  uuidOf,
} from './declared.ts';

type Deps = Pick<ElizaDeps, 'agents' | 'records'>;

const exampleRun = '0193a1f0-9bff-7a90-8c7e-1f2a3b4c5d6e';
const statuses: readonly string[] = ['started', 'completed', 'timeout', 'error'] satisfies RunStatus[];
const runsPerPage = 20;
const runsPerPageMax = 100;

const Run = Type.Object({
  runId: text(exampleRun),
  status: text('completed', '`started`, `completed`, `timeout` or `error`'),
  startedAt: millis('When it began'),
  endedAt: Type.Union([Type.Integer(), Type.Null()], { examples: [1_795_168_801_456] }),
  durationMs: Type.Union([Type.Integer(), Type.Null()], { examples: [1_333] }),
  messageId: text('0193a1f0-9c02-7e4d-b1a5-3c5d7f90e821', 'What is answered'),
  roomId: text(exampleRoom),
  entityId: text(exampleAgent, 'Who said that'),
  metadata: Type.Record(Type.String(), Type.Unknown(), { examples: [{ agentName: 'Two' }] }),
  counts: Type.Object({
    actions: Type.Integer({ examples: [0] }),
    modelCalls: Type.Integer({ examples: [1] }),
    errors: Type.Integer({ examples: [0] }),
    evaluators: Type.Integer({ examples: [0] }),
  }),
});
const Runs = Type.Object({
  runs: Type.Array(Run),
  total: Type.Integer({ examples: [1] }),
  hasMore: Type.Boolean({ examples: [false] }),
});
const RunDetail = Type.Object({
  summary: Run,
  events: Type.Array(
    Type.Object({
      type: text('RUN_STARTED', '`RUN_STARTED`, `MODEL_USED` or `RUN_ENDED`'),
      timestamp: millis('When it happened'),
      data: Type.Record(Type.String(), Type.Unknown(), { examples: [{ source: 'messages' }] }),
    }),
  ),
});
const RunsQuery = Type.Object({
  roomId: Type.Optional(text(exampleRoom)),
  status: Type.Optional(text('completed', 'Anything else, and `all`: every status')),
  limit: Type.Optional(text('20', '1 to 100; default 20')),
  from: Type.Optional(text('1795168800123', 'Milliseconds, of its start')),
  to: Type.Optional(text('1795168900000', 'Milliseconds, of its start')),
});

export function runRoutes(deps: Deps): readonly Operation[] {
  return [
    ...alsoAt(listRoute(deps), '/api/runs/:agentId'),
    ...alsoAt(detailRoute(deps), '/api/runs/:agentId/:runId'),
  ];
}

function listRoute(deps: Deps): Operation {
  const schemas = { params: ByAgent, query: RunsQuery };
  return operation(
    {
      ...{ id: 'eliza.listRuns', method: 'GET', path: '/api/agents/:agentId/runs', schemas },
      ...{ access: 'principal', summary: 'Runs of an agent, the newest first' },
      responses: { 200: { description: 'Runs', schema: successOf(Runs) }, ...errors(400, 403, 404, 503) },
    },
    async (request: RequestOf<typeof schemas>) => {
      const caller = callerOf(request);
      const agent = await agentOf(deps, caller, request.params.agentId);
      if (agent instanceof Problem) return agent;
      const query = runQuery(request.query, agent.id, entityOf(request));
      if (query instanceof Problem) return query;
      const found = await deps.records.runs(caller, query);
      if (found instanceof Problem) return found;
      const { runs, total, hasMore } = found;
      return succeeded({ runs: runs.map(encodeRun), total, hasMore });
    },
  );
}

function detailRoute(deps: Deps): Operation {
  const params = Type.Object({ ...ByAgent.properties, runId: text(exampleRun) });
  const schemas = { params, query: Type.Object({ roomId: Type.Optional(text(exampleRoom)) }) };
  return operation(
    {
      ...{ id: 'eliza.getRun', method: 'GET', path: '/api/agents/:agentId/runs/:runId', schemas },
      ...{ access: 'principal', summary: 'One run, with what happened in it' },
      responses: {
        200: { description: 'The run', schema: successOf(RunDetail) },
        ...errors(400, 403, 404, 503),
      },
    },
    async (request: RequestOf<typeof schemas>) => {
      const caller = callerOf(request);
      const agent = await agentOf(deps, caller, request.params.agentId);
      if (agent instanceof Problem) return agent;
      const id = canonicalUuid(request.params.runId);
      const room = uuidOf(request.query.roomId, 'room');
      if (room instanceof Problem) return room;
      if (id === null) return invalidId('run');
      const run = await deps.records.run(caller, agent.id, id);
      if (run instanceof Problem) return run.code === 'not_found' ? notFound('Run not found') : run;
      if (room !== null && room !== run.room) return notFound('Run not found');
      return succeeded({ summary: encodeRun(run), events: encodeEvents(run) });
    },
  );
}

function runQuery(
  query: Static<typeof RunsQuery>,
  agent: PrincipalId,
  entity: PrincipalId | null,
): RunQuery | Problem {
  const room = uuidOf(query.roomId, 'room');
  if (room instanceof Problem) return room;
  const { status = 'all' } = query;
  const [from, to] = [toMicros(query.from), toMicros(query.to)];
  return {
    ...{ agent, limit: countOf(query.limit, runsPerPage, runsPerPageMax) },
    ...(room === null ? {} : { room }),
    ...(entity === null ? {} : { entity }),
    ...(statuses.includes(status) ? { status: status as RunStatus } : {}),
    ...(from === null ? {} : { from }),
    // The whole millisecond.
    ...(to === null ? {} : { to: to + 999 }),
  };
}

function encodeRun(run: ListedRun): Static<typeof Run> {
  const { id, status, startedAt, endedAt, message, room, entity, metadata, counts } = run;
  return {
    ...{ runId: id, status, startedAt: msOf(startedAt) },
    endedAt: endedAt === null ? null : msOf(endedAt),
    durationMs: endedAt === null ? null : msOf(endedAt) - msOf(startedAt),
    ...{ messageId: message, roomId: room, entityId: entity, metadata, counts },
  };
}

function encodeEvents({ events }: AgentRun): Static<typeof RunDetail>['events'] {
  return events.map(({ type, at, data }) => ({ type, timestamp: msOf(at), data }));
}
