/** What `parley doctor` asks of PostgreSQL. */
import { limits } from '../../domain/limits.ts';
import { connected } from './connections/connected.ts';

export interface PostgresFacts {
  readonly version: string;
  /** How far the server's clock is ahead of ours, milliseconds. */
  readonly clockAheadMs: number;
  /** Connections that the server allows in all. */
  readonly connectionsMax: number;
}

/** Rejects when nobody answers. */
export async function readPostgresFacts(url: string): Promise<PostgresFacts> {
  return connected(url, 'parley doctor', async (client) => {
    await client.query(`set statement_timeout = ${limits.sqlStatementMsMax}`);
    const askedMs = Date.now();
    const { rows } = await client.query<{ version: string; now_ms: number; connections_max: number }>(`
      select
        current_setting('server_version') as version,
        (extract(epoch from clock_timestamp()) * 1000)::float8 as now_ms,
        current_setting('max_connections')::int as connections_max`);
    const middleMs = (askedMs + Date.now()) / 2;
    const [row] = rows;
    if (row === undefined) throw new Error('a select without from answers one row');
    return {
      version: row.version,
      clockAheadMs: Math.round(row.now_ms - middleMs),
      connectionsMax: row.connections_max,
    };
  });
}
