import { limits } from '../../../domain/limits.ts';
import type { Sql } from '../pool.ts';

/** So much that the statement surely ends in time. */
export async function forgetAgent(sql: Sql, tenant: string, agent: string): Promise<number> {
  const limit = limits.agentRecordsDeletedAtOnce;
  const [row] = await sql<{ gone: number }[]>`
    with runs as (
      delete from agent_runs r using (
        select run_id from agent_runs where tenant_id = ${tenant} and agent_id = ${agent} limit ${limit}
      ) as doomed
      where r.tenant_id = ${tenant} and r.run_id = doomed.run_id returning 1
    ),
    logs as (
      delete from agent_logs l using (
        select id from agent_logs where tenant_id = ${tenant} and agent_id = ${agent} limit ${limit}
      ) as doomed
      where l.tenant_id = ${tenant} and l.id = doomed.id returning 1
    ),
    memories as (
      delete from agent_memories m using (
        select id from agent_memories where tenant_id = ${tenant} and agent_id = ${agent} limit ${limit}
      ) as doomed
      where m.tenant_id = ${tenant} and m.id = doomed.id returning 1
    )
    select (select count(*) from runs) + (select count(*) from logs) + (select count(*) from memories) as gone`;
  return row?.gone ?? 0;
}
