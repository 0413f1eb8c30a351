/** The SharedTime port on PostgreSQL: its clock, which all nodes see alike. */
import type { SharedTime } from '../../../ports/agents/timed-sessions.ts';
import type { Pool } from '../pool.ts';

export function openDatabaseTime(pool: Pool): SharedTime {
  return {
    now: () =>
      pool.answering(async (sql) => {
        const [row] = await sql<{ now: number }[]>`
          select (extract(epoch from clock_timestamp()) * 1000000)::bigint as now`;
        if (row === undefined) throw new Error('a select without from answers one row');
        return row.now;
      }),
  };
}
