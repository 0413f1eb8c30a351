/** Who makes the run-time roles: an account that may, or an operator who is told how. On a server of its own: roles are global. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { openPostgres } from '../../../../src/adapters/embedded/postgres-server.ts';
import { migrate, pendingMigrations } from '../../../../src/adapters/postgres/migrate.ts';
import { openPool } from '../../../../src/adapters/postgres/pool.ts';
import { findGaps } from '../../../../src/adapters/postgres/walls.ts';
import { silentLogger } from '../../../kit/memory/silent-logger.ts';
import { fastSettings, runSql } from '../../../kit/servers/postgres.ts';
import { temporaryDir } from '../../../kit/temporary.ts';

const logger = silentLogger();
const dir = await temporaryDir('roles');
t.teardown(() => dir.remove());
const server = await openPostgres({ dataDir: dir.path, settings: fastSettings });
t.teardown(() => server.close());
const superuserPassword = await readFile(join(dir.path, 'postgres', 'superuser-password'), 'utf8');

/** The database as an account; the embedded superuser is `postgres`. */
function urlOf(database: string, user: string, password: string): string {
  const url = new URL(server.url);
  return Object.assign(url, { pathname: `/${database}`, username: user, password }).href;
}
const superuser = (database = 'postgres'): string => urlOf(database, 'postgres', superuserPassword.trim());

/** Works on the migrated database as each role. */
async function gaps(url: string): Promise<readonly unknown[]> {
  const found: unknown[] = [];
  const requests = openPool({ url, role: 'parley_requests', max: 1, log: logger });
  found.push(await findGaps('parley_requests', (work) => requests.answering('', work)));
  await requests.close();
  for (const role of ['parley_identity', 'parley_projector', 'parley_platform'] as const) {
    const pool = openPool({ url, role, max: 1, log: logger });
    found.push(await findGaps(role, pool.answering));
    await pool.close();
  }
  return found;
}

const refused = /The role plain may not .* A superuser does it once: (CREATE ROLE .*;)$/;

t.test(
  'an account that may not make roles is told what a superuser has to do, and does it need no more',
  async (t) => {
    await runSql(superuser(), `create role plain login password 'plain'`);
    await runSql(superuser(), 'create database of_plain owner plain');
    const url = urlOf('of_plain', 'plain', 'plain');
    const error = await migrate(url, logger).then(() => t.fail('it may not'), String);
    const statements = refused.exec(String(error))?.[1] ?? '';
    t.ok(statements, String(error));
    t.ok((await pendingMigrations(url)).includes('0003_walls'), 'nothing is half-done');
    await runSql(superuser(), statements);
    await migrate(url, logger);
    t.same(await gaps(url), [[], [], [], []]);
  },
);

t.test('roles that another account made need a superuser once, too', async (t) => {
  // The account of the embedded server may make roles, but those there are not its own.
  await t.rejects(migrate(server.url, logger), /The role parley may not .* GRANT .* TO parley/);
  await runSql(superuser(), 'drop database of_plain');
  await runSql(superuser(), 'drop role parley_requests, parley_identity, parley_projector, parley_platform');
});

t.test('databases of one server that migrate at once make the roles once', async (t) => {
  const names = ['one', 'two', 'three', 'four'];
  for (const name of names) await runSql(server.url, `create database ${name}`);
  const urls = names.map((name) => urlOf(name, 'parley', new URL(server.url).password));
  await Promise.all(urls.map((url) => migrate(url, logger)));
  for (const url of urls) t.same(await gaps(url), [[], [], [], []]);
});

t.test('a superuser needs no membership, and its run-time connections are none', async (t) => {
  await runSql(superuser(), 'create database of_superuser');
  await migrate(superuser('of_superuser'), logger);
  t.same(await gaps(superuser('of_superuser')), [[], [], [], []]);
});
