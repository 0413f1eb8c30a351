/** Brings the schema up to date: the plain SQL files in migrations/, each in a transaction of its own, once. */
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runner } from 'node-pg-migrate';
import type pg from 'pg';
import { limits } from '../../domain/limits.ts';
import type { Logger } from '../../ports/logger.ts';
import { connected } from './connections/connected.ts';

const migrationsTable = 'schema_migrations';
/** Any number, the same in every release: nodes that start at once migrate one after another. */
const lockKey = 7_165_210_914;

/** SQL is not compiled: wherever this runs from (src/, dist/src/), the files lie under the package's root. */
const dir = sourceFolder('src/adapters/postgres/migrations');

function sourceFolder(path: string): string {
  for (let root = fileURLToPath(new URL('.', import.meta.url)); ; root = dirname(root)) {
    const folder = join(root, path);
    if (existsSync(folder)) return folder;
    if (root === dirname(root)) throw new Error(`${path} is missing from this installation`);
  }
}

/** One that runs, or has run when `isDone`: number `number` of `total`. */
export interface MigrationStep {
  readonly name: string;
  readonly number: number;
  readonly total: number;
  readonly isDone: boolean;
}

/**
 * Runs what has not run yet, and answers the names. Rejects when Postgres is away or a file fails; those before it have
 * run. With `onStep` they run one by one, each told before and after.
 */
export async function migrate(
  url: string,
  log: Logger,
  onStep?: (step: MigrationStep) => void,
): Promise<readonly string[]> {
  return connected(url, 'parley migrate', async (client) => {
    // A session lock is freed with the connection, also when this process is killed.
    await client.query(`set lock_timeout = ${limits.migrationWaitMsMax}`);
    await client.query('select pg_advisory_lock($1)', [lockKey]);
    const names = onStep === undefined ? await run(client, log) : await runEach(client, log, onStep);
    if (names.length > 0) log.info({ migrations: names }, 'schema migrated');
    return names;
  });
}

/** All that is pending, or so many of it. */
async function run(client: pg.Client, log: Logger, count?: number): Promise<readonly string[]> {
  const done = await runner({
    dbClient: client,
    dir,
    direction: 'up',
    migrationsTable,
    ...(count === undefined ? {} : { count }),
    // Ours waits, the runner's own refuses the second node.
    noLock: true,
    log: (message) => log.debug({ migration: message }, 'migrating'),
  });
  return done.map(({ name }) => name);
}

async function runEach(
  client: pg.Client,
  log: Logger,
  onStep: (step: MigrationStep) => void,
): Promise<readonly string[]> {
  const pending = await pendingOn(client);
  const names: string[] = [];
  for (const [index, name] of pending.entries()) {
    const step = { name, number: index + 1, total: pending.length };
    onStep({ ...step, isDone: false });
    names.push(...(await run(client, log, 1)));
    onStep({ ...step, isDone: true });
  }
  return names;
}

/** Names of migrations that have not run on this database, in order (`parley doctor`). */
export async function pendingMigrations(url: string): Promise<readonly string[]> {
  return connected(url, 'parley migrate', pendingOn);
}

async function pendingOn(client: pg.Client): Promise<readonly string[]> {
  const files = (await readdir(dir)).filter((name) => name.endsWith('.sql')).sort();
  const names = files.map((file) => file.replace(/\.sql$/, ''));
  const exists = await client.query('select to_regclass($1) is not null as it', [migrationsTable]);
  if (exists.rows[0]?.it !== true) return names;
  const done = await client.query(`select name from ${migrationsTable}`);
  const ran = new Set(done.rows.map(({ name }) => name));
  return names.filter((name) => !ran.has(name));
}
