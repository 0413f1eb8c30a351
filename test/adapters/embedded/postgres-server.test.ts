import { access, chmod, mkdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import t from 'tap';
import {
  openPostgres,
  type PostgresServer,
  type PostgresServerOptions,
} from '../../../src/adapters/embedded/postgres-server.ts';
import { isAlive } from '../../../src/adapters/embedded/process-identity.ts';
import { until } from '../../kit/log-entries.ts';
import { startOwnedServer } from '../../kit/processes/owned-server.ts';
import { gone } from '../../kit/servers/killable-server.ts';
import { fastSettings, runSql, startPostgres } from '../../kit/servers/postgres.ts';
import { type Teardown, temporaryDir } from '../../kit/temporary.ts';

// A dozen servers are made, one after another: 20 s, and more on a busy machine.
t.setTimeout(360_000);

async function dataDir(t: Teardown): Promise<string> {
  const dir = await temporaryDir('embedded');
  t.teardown(dir.remove);
  return dir.path;
}

async function open(
  t: Teardown,
  dir: string,
  more: Partial<PostgresServerOptions> = {},
): Promise<PostgresServer> {
  const server = await openPostgres({ dataDir: dir, settings: fastSettings, ...more });
  t.teardown(() => server.close());
  return server;
}

async function value(url: string, query: string): Promise<unknown> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query({ text: query, rowMode: 'array' });
    return rows[0]?.[0];
  } finally {
    await client.end();
  }
}

t.test('a first start makes a database that Parley owns without being a superuser', async (t) => {
  const dir = await dataDir(t);
  const server = await open(t, dir);
  t.match(await value(server.url, 'select version()'), /^PostgreSQL 17/);
  t.equal(await value(server.url, 'select current_user'), 'parley');
  t.equal(
    await value(server.url, 'select rolsuper or rolbypassrls from pg_roles where rolname = current_user'),
    false,
  );
  t.equal(await value(server.url, 'select current_database()'), 'parley');
  t.equal(await value(server.url, `select to_tsvector('simple', 'ÉTÉ')::text`), `'été':1`);
  t.equal(await value(server.url, 'show timezone'), 'UTC');
  const wrong = new URL(server.url);
  wrong.password = 'wrong';
  await t.rejects(value(wrong.href, 'select 1'), /password authentication failed/);
  for (const name of ['password', 'superuser-password']) {
    t.equal((await stat(join(dir, 'postgres', name))).mode & 0o777, 0o600, name);
  }
});

t.test('a second start finds the data of the first, under the same password', async (t) => {
  const dir = await dataDir(t);
  const first = await open(t, dir);
  await runSql(first.url, `create table kept as select 'kept' as word`);
  await first.close();
  t.equal(await isAlive(first.pid), false);
  const second = await open(t, dir);
  t.equal(new URL(second.url).password, new URL(first.url).password);
  t.equal(await value(second.url, 'select word from kept'), 'kept');
});

t.test('the role of an older store learns to create roles, which the schema needs', async (t) => {
  const dir = await dataDir(t);
  const first = await open(t, dir);
  const mayCreate = 'select rolcreaterole from pg_roles where rolname = current_user';
  t.equal(await value(first.url, mayCreate), true);
  const superuser = new URL(first.url);
  superuser.username = 'postgres';
  superuser.password = (await readFile(join(dir, 'postgres', 'superuser-password'), 'utf8')).trim();
  await runSql(superuser.href, 'alter role parley nocreaterole');
  await first.close();
  await rm(join(dir, 'postgres', 'role-may-create-roles'));
  const second = await open(t, dir);
  t.equal(await value(second.url, mayCreate), true);
});

t.test('the orphan of a killed owner is ended by the next start, and its data is there', async (t) => {
  const dir = await dataDir(t);
  const orphan = await startOwnedServer(t, 'postgres', dir);
  await runSql(orphan.url, 'create table kept as select 1 as one');
  await orphan.killOwner();
  t.equal(await isAlive(orphan.pid), true, 'it outlives its owner');
  const server = await open(t, dir);
  t.equal(await isAlive(orphan.pid), false, 'exactly one server works on the store');
  t.equal(await value(server.url, 'select one from kept'), 1);
});

t.test('a postmaster that was killed under open connections is no obstacle', async (t) => {
  const dir = await dataDir(t);
  const orphan = await startOwnedServer(t, 'postgres', dir);
  const client = new pg.Client({ connectionString: orphan.url });
  client.on('error', () => undefined);
  await client.connect();
  await orphan.killOwner();
  process.kill(orphan.pid, 'SIGKILL');
  await gone(orphan.pid);
  const server = await open(t, dir);
  t.equal(await value(server.url, 'select 1'), 1);
  await client.end();
});

t.test('a store with a living owner is refused, and its server goes on', async (t) => {
  const dir = await dataDir(t);
  const owned = await startOwnedServer(t, 'postgres', dir);
  await t.rejects(open(t, dir), /already works on this store/);
  t.equal(await value(owned.url, 'select 1'), 1);
  await owned.killOwner();
  await open(t, dir); // ends the orphan, so that the test leaves nothing
});

t.test('a first start that was cut off is made again', async (t) => {
  const dir = await dataDir(t);
  await mkdir(join(dir, 'postgres/initdb/data'), { recursive: true });
  const server = await open(t, dir);
  t.equal(await value(server.url, 'select 1'), 1);
  await t.rejects(access(join(dir, 'postgres/initdb')), { code: 'ENOENT' });
});

t.test('a failed start says why and leaves the store free', async (t) => {
  const dir = await dataDir(t);
  await t.rejects(open(t, dir, { settings: { shared_buffers: 'much' } }), /shared_buffers/);
  await t.rejects(access(join(dir, 'postgres/owner')), { code: 'ENOENT' });
  await open(t, dir);
});

t.test('its death is told, its closing is not', async (t) => {
  const exits: unknown[] = [];
  const server = await open(t, await dataDir(t), { onExit: (exit) => exits.push(exit) });
  process.kill(server.pid, 'SIGKILL');
  await until(() => exits.length > 0);
  await server.close();
  t.same(exits, [{ code: null, signal: 'SIGKILL' }]);
});

const isRoot = process.getuid?.() === 0;
t.test('as root it works below a directory that is closed to others', { skip: !isRoot }, async (t) => {
  const dir = await dataDir(t);
  await chmod(dir, 0o700);
  const server = await open(t, dir);
  t.equal(await value(server.url, 'select 1'), 1);
});

t.test('the kit gives each test an empty database and drops it', async (t) => {
  const [one, two] = [await startPostgres(), await startPostgres()];
  await runSql(one.url, 'create table here (id int)');
  t.equal(await value(two.url, `select to_regclass('here')`), null);
  await one.stop();
  await t.rejects(value(one.url, 'select 1'), /does not exist|refused/);
  await two.stop();
});
