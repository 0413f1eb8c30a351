/** Runs of agents, newest first. */
import { limits } from '../../../domain/limits.ts';
import type {
  AgentRun,
  ListedRun,
  RunEvent,
  RunQuery,
  RunStatus,
} from '../../../ports/agents/agent-records.ts';
import type { Sql } from '../pool.ts';

interface RunRow {
  readonly tenant_id: string;
  readonly run_id: string;
  readonly agent_id: string;
  readonly conversation_id: string;
  readonly room_id: string;
  readonly message_id: string;
  readonly entity_id: string;
  readonly status: RunStatus;
  readonly outcome: string | null;
  readonly started_us: number;
  readonly ended_us: number | null;
  readonly actions: number;
  readonly model_calls: number;
  readonly errors: number;
  readonly evaluators: number;
  readonly metadata: Readonly<Record<string, unknown>>;
}

const columns = (sql: Sql) => sql`
  r.tenant_id, r.run_id, r.agent_id, r.conversation_id, r.room_id, r.message_id, r.entity_id, r.status, r.outcome,
  r.started_us, r.ended_us, r.actions, r.model_calls, r.errors, r.evaluators, r.metadata`;

function matching(sql: Sql, tenant: string, query: RunQuery) {
  const { agent, room = null, entity = null, status = null, from = null, to = null } = query;
  return sql`
    from agent_runs r
    where r.tenant_id = ${tenant} and r.agent_id = ${agent}
      and (${room}::text is null or r.room_id = ${room})
      and (${entity}::text is null or r.entity_id = ${entity})
      and (${status}::text is null or r.status = ${status})
      and (${from}::bigint is null or r.started_us >= ${from})
      and (${to}::bigint is null or r.started_us <= ${to})`;
}

export async function readRuns(
  sql: Sql,
  tenant: string,
  query: RunQuery,
): Promise<{ readonly runs: readonly ListedRun[]; readonly total: number; readonly hasMore: boolean }> {
  const limit = Math.min(query.limit, limits.agentRecordsPageMax);
  const [rows, [count]] = await Promise.all([
    sql<RunRow[]>`
      select ${columns(sql)} ${matching(sql, tenant, query)}
      order by r.started_us desc, r.run_id desc limit ${limit + 1}`,
    sql<{ total: number }[]>`
      select count(*) as total from (
        select 1 ${matching(sql, tenant, query)} limit ${limits.agentRecordsCountedMax}
      ) counted`,
  ]);
  const total = count?.total ?? 0;
  return { runs: rows.slice(0, limit).map(toRun), total, hasMore: rows.length > limit };
}

export async function readRun(sql: Sql, tenant: string, agent: string, id: string): Promise<AgentRun | null> {
  const [row] = await sql<(RunRow & { readonly events: readonly RunEvent[] })[]>`
    select ${columns(sql)}, r.events from agent_runs r
    where r.tenant_id = ${tenant} and r.agent_id = ${agent} and r.run_id = ${id}`;
  return row === undefined ? null : { ...toRun(row), events: row.events };
}

function toRun(row: RunRow): ListedRun {
  const { actions, model_calls: modelCalls, errors, evaluators } = row;
  return {
    tenant: row.tenant_id,
    id: row.run_id,
    agent: row.agent_id,
    conversation: row.conversation_id,
    room: row.room_id,
    message: row.message_id,
    entity: row.entity_id,
    status: row.status,
    outcome: row.outcome,
    startedAt: row.started_us,
    endedAt: row.ended_us,
    counts: { actions, modelCalls, errors, evaluators },
    metadata: row.metadata,
  };
}
