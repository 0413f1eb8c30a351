import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { openPostgres, type PostgresServer } from '../../../src/adapters/embedded/postgres-server.ts';
import { quietPort, type Teardown, temporaryDir } from '../temporary.ts';
import { type KillableServer, openKillable } from './killable-server.ts';

/** An empty database of one test. */
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

/**
 * An empty database: in the server of the test runner (PARLEY_TEST_DATABASE_URL; fast), else in a server
 * of its own. With a tap test, it is dropped at its end.
 */
export async function startPostgres(t?: Teardown): Promise<TestDatabase> {
  const shared = process.env['PARLEY_TEST_DATABASE_URL'];
  if (shared === undefined) return startPostgresServer(t);
  const name = `parley_test_${randomBytes(8).toString('hex')}`;
  await runSql(shared, `CREATE DATABASE ${name}`);
  const url = new URL(shared);
  url.pathname = `/${name}`;
  const database: TestDatabase = {
    url: url.href,
    stop: () => runSql(shared, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`),
  };
  t?.teardown(() => database.stop());
  return database;
}

/** A PostgreSQL server of its own, for tests that stop it. With a tap test, it is stopped at its end. */
export async function startPostgresServer(t?: Teardown): Promise<TestPostgres> {
  const dir = await temporaryDir('postgres');
  const open = (at: number): Promise<PostgresServer> =>
    openPostgres({ dataDir: dir.path, port: at, settings: fastSettings });
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
