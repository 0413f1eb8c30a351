/** What `parley doctor` asks of PostgreSQL. */
import type { Problem } from '../../domain/problem.ts';
import type { Pool } from './pool.ts';

export interface PostgresFacts {
  readonly version: string;
  /** How far the server's clock is ahead of ours, milliseconds. */
  readonly clockAheadMs: number;
  /** Connections that the server allows in all. */
  readonly connectionsMax: number;
}

/** `unavailable` when nobody answers. */
export async function readPostgresFacts(pool: Pool): Promise<PostgresFacts | Problem> {
  // A first query opens the connection, so that the second measures one round trip only.
  return pool.answering(async (sql) => {
    await sql`select 1`;
    const askedMs = Date.now();
    const [row] = await sql<{ version: string; now_ms: number; connections_max: number }[]>`
      select
        current_setting('server_version') as version,
        (extract(epoch from clock_timestamp()) * 1000)::float8 as now_ms,
        current_setting('max_connections')::int as connections_max`;
    const middleMs = (askedMs + Date.now()) / 2;
    if (row === undefined) throw new Error('a select without from answers one row');
    return {
      version: row.version,
      clockAheadMs: Math.round(row.now_ms - middleMs),
      connectionsMax: row.connections_max,
    };
  });
}
