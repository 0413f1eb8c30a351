/** What `parley doctor` asks of PostgreSQL, as the owner of the schema: read only. */
import { limits } from '../../domain/limits.ts';
import { clockAheadMs } from '../../domain/time.ts';
import { connected } from './connections/connected.ts';

export interface PostgresFacts {
  readonly version: string;
  /** 17 of `17.2`. */
  readonly versionMajor: number;
  /** How far the server's clock is ahead of ours, milliseconds. */
  readonly clockAheadMs: number;
  /** Connections that the server allows, without those that it keeps for superusers. */
  readonly connectionsMax: number;
  /** Of them, open now; those of this question are not counted. */
  readonly connectionsOpen: number;
  /** Of those, of Parley's nodes. */
  readonly connectionsOfNodes: number;
  /** It follows another one, and takes no writes. */
  readonly isReadOnly: boolean;
  /** Of this database; Parley writes UTF8. */
  readonly encoding: string;
  /** Settings that are off although a power failure then loses what was committed. */
  readonly unsafeSettings: readonly string[];
}

interface Row {
  readonly version: string;
  readonly version_num: number;
  readonly now_ms: number;
  readonly connections_max: number;
  readonly connections_open: number;
  readonly connections_of_nodes: number;
  readonly is_read_only: boolean;
  readonly encoding: string;
  readonly unsafe_settings: string[];
}

/** Rejects when nobody answers. */
export async function readPostgresFacts(url: string): Promise<PostgresFacts> {
  return connected(url, 'parley doctor', async (client) => {
    await client.query(`set statement_timeout = ${limits.sqlStatementMsMax}`);
    const askedMs = Date.now();
    const { rows } = await client.query<Row>(`
      select
        current_setting('server_version') as version,
        current_setting('server_version_num')::int as version_num,
        (extract(epoch from clock_timestamp()) * 1000)::float8 as now_ms,
        current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
          as connections_max,
        (select count(*)::int - 1 from pg_stat_activity where backend_type = 'client backend') as connections_open,
        (
          select count(*)::int from pg_stat_activity
          where backend_type = 'client backend' and application_name = 'parley' and datname = current_database()
        ) as connections_of_nodes,
        pg_is_in_recovery() or current_setting('default_transaction_read_only')::bool as is_read_only,
        (select pg_encoding_to_char(encoding) from pg_database where datname = current_database()) as encoding,
        array(
          select name::text from pg_settings
          where name in ('fsync', 'full_page_writes', 'synchronous_commit') and setting = 'off' order by name
        ) as unsafe_settings`);
    const answeredMs = Date.now();
    const [row] = rows;
    if (row === undefined) throw new Error('a select without from answers one row');
    return factsOf(row, clockAheadMs(row.now_ms, askedMs, answeredMs));
  });
}

function factsOf(row: Row, aheadMs: number): PostgresFacts {
  return {
    version: row.version,
    versionMajor: Math.floor(row.version_num / 10_000),
    clockAheadMs: aheadMs,
    connectionsMax: row.connections_max,
    connectionsOpen: row.connections_open,
    connectionsOfNodes: row.connections_of_nodes,
    isReadOnly: row.is_read_only,
    encoding: row.encoding,
    unsafeSettings: row.unsafe_settings,
  };
}

export interface WebhookFigures {
  readonly deadLetters: number;
  /** Endpoints that Parley itself has switched off. */
  readonly disabled: number;
}

/** Asked of a schema that is up to date. Rejects when nobody answers. */
export async function readWebhookFigures(url: string): Promise<WebhookFigures> {
  return connected(url, 'parley doctor', async (client) => {
    await client.query(`set statement_timeout = ${limits.sqlStatementMsMax}`);
    const { rows } = await client.query<{ dead_letters: number; disabled: number }>(`
      select
        (select count(*)::int from webhook_dead_letters) as dead_letters,
        (select count(*)::int from webhooks where status = 'disabled') as disabled`);
    return { deadLetters: rows[0]?.dead_letters ?? 0, disabled: rows[0]?.disabled ?? 0 };
  });
}
