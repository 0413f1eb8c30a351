import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { openPostgres, type PostgresServer } from '../../../src/adapters/embedded/postgres-server.ts';
import { quietPort, type Teardown, type TemporaryDir, temporaryDir } from '../temporary.ts';
import { type KillableServer, openKillable } from './killable-server.ts';

/** A database of one test. */
export type TestDatabase = {
  readonly url: string;
  /** Drops it, also under open connections. */
  stop(): Promise<void>;
};

/** A server of one test, which may be killed and come back. */
export type TestPostgres = TestDatabase & KillableServer;

/** Nothing in a test outlives the machine, so nothing waits for the disk. */
export const fastSettings = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  autovacuum: 'off',
} as const;

/** Of the test runner: it has the schema (postgres-template.ts). */
export const templateName = 'parley_test_template';

/**
 * A database without rows: in the server of the test runner (PARLEY_TEST_DATABASE_URL; fast), else in a server
 * of its own. With a tap test, it is dropped at its end. It may have the schema, unless it `isBare`.
 */
export async function startPostgres(t?: Teardown, { isBare = false } = {}): Promise<TestDatabase> {
  const shared = process.env['PARLEY_TEST_DATABASE_URL'];
  if (shared === undefined) return startPostgresServer(t);
  const name = `parley_test_${randomBytes(8).toString('hex')}`;
  // Nothing is flushed here, so copying files is cheaper than writing each of their blocks to the WAL (60 ms, not 80).
  const template = isBare ? 'template1' : templateName;
  await runSql(shared, `CREATE DATABASE ${name} TEMPLATE ${template} STRATEGY FILE_COPY`);
  const database: TestDatabase = {
    url: databaseIn(shared, name),
    stop: () => runSql(shared, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`),
  };
  t?.teardown(() => database.stop());
  return database;
}

/** The URL of another database of the same server. */
export function databaseIn(server: string, name: string): string {
  const url = new URL(server);
  url.pathname = `/${name}`;
  return url.href;
}

/**
 * A PostgreSQL server of its own, for tests that stop it. With a tap test, it is stopped at its end. `isDurable`: what
 * it said is committed is there after kill -9. `on`: where its data lies.
 */
export async function startPostgresServer(
  t?: Teardown,
  { isDurable = false, on }: { readonly isDurable?: boolean; readonly on?: TemporaryDir } = {},
): Promise<TestPostgres> {
  const dir = on ?? (await temporaryDir('postgres'));
  const settings = isDurable ? {} : fastSettings;
  const open = (at: number): Promise<PostgresServer> =>
    openPostgres({ dataDir: dir.path, port: at, settings });
  const server = await openKillable(dir, await quietPort(), open, t);
  return { ...server, url: server.present().url };
}

/** Runs one statement on a connection of its own. */
export async function runSql(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
