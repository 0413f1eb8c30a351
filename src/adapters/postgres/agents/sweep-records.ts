import type { AgentRecordStore } from '../../../ports/agents/agent-records.ts';
import type { Sql } from '../pool.ts';

type Ages = Parameters<AgentRecordStore['sweep']>[0];

/** Several nodes may sweep at once: what another one has deleted is deleted, and what it holds is tried again later. */
export async function sweepRecords(sql: Sql, ages: Ages): Promise<number> {
  const { recordsBefore, memoriesBefore, unendedBefore, limit } = ages;
  const [row] = await sql<{ gone: number }[]>`
    with unended as (
      update agent_runs r set status = 'timeout', outcome = 'too old', ended_us = r.started_us
      from (
        select tenant_id, run_id from agent_runs
        where status = 'started' and started_us < ${unendedBefore} and started_us >= ${recordsBefore}
        limit ${limit} for update skip locked
      ) as late
      where r.tenant_id = late.tenant_id and r.run_id = late.run_id
    ),
    runs as (
      delete from agent_runs r using (
        select tenant_id, run_id from agent_runs where started_us < ${recordsBefore} limit ${limit}
      ) as old
      where r.tenant_id = old.tenant_id and r.run_id = old.run_id returning 1
    ),
    logs as (
      delete from agent_logs l using (
        select tenant_id, id from agent_logs where at_us < ${recordsBefore} limit ${limit}
      ) as old
      where l.tenant_id = old.tenant_id and l.id = old.id returning 1
    ),
    memories as (
      delete from agent_memories m using (
        select tenant_id, id from agent_memories where created_us < ${memoriesBefore} limit ${limit}
      ) as old
      where m.tenant_id = old.tenant_id and m.id = old.id returning 1
    )
    select (select count(*) from runs) + (select count(*) from logs) + (select count(*) from memories) as gone`;
  return row?.gone ?? 0;
}
