import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { openPostgres, type PostgresServer } from '../../../src/adapters/embedded/postgres-server.ts';
import { quietPort, type Teardown, temporaryDir } from '../temporary.ts';
import { gone, resumed } from './nats.ts';

/** An empty database of one test. */
export type TestDatabase = {
  readonly url: string;
  /** Drops it, also under open connections. */
  stop(): Promise<void>;
};

/** A server of one test, which may be killed and come back. */
export type TestPostgres = TestDatabase & {
  /** Where its files lie. */
  readonly dataDir: string;
  pid(): number;
  /** kill -9; the store stays. */
  kill(): Promise<void>;
  /** Starts it again on the same store and port; a running one is shut down first. */
  restart(): Promise<void>;
  /** SIGSTOP: no new connection is answered; those that are open go on. */
  pause(): void;
  resume(): void;
};

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
  let server = await open(await quietPort());
  const { url, port: home } = server;
  const postgres: TestPostgres = {
    url,
    dataDir: dir.path,
    pid: () => server.pid,
    async kill() {
      process.kill(server.pid, 'SIGKILL');
      await gone(server.pid);
      await server.close();
    },
    async restart() {
      await server.close();
      server = await open(home);
      if (server.port !== home) throw new Error(`port ${home} was taken while postgres was away`);
    },
    pause: () => void process.kill(server.pid, 'SIGSTOP'),
    resume: () => void process.kill(server.pid, 'SIGCONT'),
    async stop() {
      await resumed(server.pid);
      await server.close();
      await dir.remove();
    },
  };
  t?.teardown(() => postgres.stop());
  return postgres;
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
