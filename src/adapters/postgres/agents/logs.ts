/** Log entries of agents, newest first. */
import { isUuid } from '../../../domain/ids.ts';
import { limits } from '../../../domain/limits.ts';
import type {
  AgentLogEntry,
  LogLevel,
  LogQuery,
  TenantLogQuery,
} from '../../../ports/agents/agent-records.ts';
import type { Sql } from '../pool.ts';

interface LogRow {
  readonly tenant_id: string;
  readonly id: string;
  readonly agent_id: string;
  readonly at_us: number;
  readonly type: string;
  readonly level: LogLevel;
  readonly body: Readonly<Record<string, unknown>>;
  readonly conversation_id: string | null;
  readonly room_id: string | null;
  readonly entity_id: string | null;
  readonly run_id: string | null;
}

const columns = (sql: Sql) => sql`
  l.tenant_id, l.id, l.agent_id, l.at_us, l.type, l.level, l.body, l.conversation_id, l.room_id, l.entity_id,
  l.run_id`;

export async function readLogs(sql: Sql, tenant: string, query: LogQuery): Promise<readonly AgentLogEntry[]> {
  const { agent, room = null, entity = null, type = null, excludedTypes = [], offset = 0 } = query;
  const rows = await sql<LogRow[]>`
    select ${columns(sql)} from agent_logs l
    where l.tenant_id = ${tenant} and l.agent_id = ${agent}
      and (${room}::text is null or l.room_id = ${room})
      and (${entity}::text is null or l.entity_id = ${entity})
      and (${type}::text is null or l.type = ${type})
      and l.type <> all(${[...excludedTypes]}::text[])
    order by l.at_us desc, l.id desc
    limit ${Math.min(query.limit, limits.agentRecordsPageMax)}
    offset ${Math.min(offset, limits.agentRecordsCountedMax)}`;
  return rows.map(toEntry);
}

export async function readTenantLogs(
  sql: Sql,
  tenant: string,
  query: TenantLogQuery,
): Promise<{ readonly entries: readonly AgentLogEntry[]; readonly total: number }> {
  const { agent = null, level = null, since = null } = query;
  const matching = sql`
    from agent_logs l
    where l.tenant_id = ${tenant} and (${agent}::text is null or l.agent_id = ${agent})
      and (${level}::text is null or l.level = ${level}) and (${since}::bigint is null or l.at_us >= ${since})`;
  const [rows, [count]] = await Promise.all([
    sql<LogRow[]>`
      select ${columns(sql)} ${matching}
      order by l.at_us desc, l.id desc limit ${Math.min(query.limit, limits.agentRecordsPageMax)}`,
    sql<{ total: number }[]>`
      select count(*) as total from (select 1 ${matching} limit ${limits.agentRecordsCountedMax}) counted`,
  ]);
  return { entries: rows.map(toEntry), total: count?.total ?? 0 };
}

export async function deleteLog(sql: Sql, tenant: string, agent: string, id: string): Promise<boolean> {
  if (!isUuid(id)) return false;
  const { count } = await sql`
    delete from agent_logs where tenant_id = ${tenant} and agent_id = ${agent} and id = ${id}`;
  return count > 0;
}

export async function clearLogs(sql: Sql, tenant: string): Promise<number> {
  const { count } = await sql`
    delete from agent_logs l using (
      select d.id from agent_logs d where d.tenant_id = ${tenant}
      order by d.id limit ${limits.agentRecordsDeletedAtOnce} for update
    ) as doomed
    where l.tenant_id = ${tenant} and l.id = doomed.id`;
  return count;
}

function toEntry(row: LogRow): AgentLogEntry {
  return {
    tenant: row.tenant_id,
    id: row.id,
    agent: row.agent_id,
    at: row.at_us,
    type: row.type,
    level: row.level,
    body: row.body,
    conversation: row.conversation_id,
    room: row.room_id,
    entity: row.entity_id,
    run: row.run_id,
  };
}
