import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import t from 'tap';
import { type MigrationStep, migrate, pendingMigrations } from '../../../src/adapters/postgres/migrate.ts';
import { silentLogger } from '../../kit/memory/silent-logger.ts';
import { dumpSchema } from '../../kit/schema-dump.ts';
import { runSql, startPostgres } from '../../kit/servers/postgres.ts';
import { repository } from '../../kit/temporary.ts';

const golden = join(repository, 'test/golden/schema.sql');
const logger = silentLogger();

t.test('the schema is the one in test/golden/schema.sql (PARLEY_GOLDEN=write writes it)', async (t) => {
  const { url } = await startPostgres(t, { isBare: true });
  await migrate(url, logger);
  const schema = await dumpSchema(url);
  if (process.env['PARLEY_GOLDEN'] === 'write') await writeFile(golden, schema);
  t.equal(schema, await readFile(golden, 'utf8'));
});

t.test('nodes that start at once migrate one after another, each file once', async (t) => {
  const { url } = await startPostgres(t, { isBare: true });
  const pending = await pendingMigrations(url);
  t.ok(pending.length >= 2);
  const runs = await Promise.all([migrate(url, logger), migrate(url, logger), migrate(url, logger)]);
  t.same(runs.flat().sort(), pending);
  t.same(await pendingMigrations(url), []);
  t.same(await migrate(url, logger), [], 'nothing is left to do');
});

t.test('a migration that another node holds up goes on when that node dies', async (t) => {
  const { url } = await startPostgres(t, { isBare: true });
  const other = new pg.Client({ connectionString: url });
  await other.connect();
  await other.query('begin');
  await other.query('create table conversations (id text)');
  const waiting = migrate(url, logger);
  await other.query('rollback');
  await other.end();
  t.ok((await waiting).includes('0002_projection'));
});

t.test('a migration that fails leaves nothing half-done', async (t) => {
  const { url } = await startPostgres(t, { isBare: true });
  await runSql(url, 'create table reactions (id text)');
  await t.rejects(migrate(url, logger));
  t.ok((await pendingMigrations(url)).includes('0002_projection'));
  const steps: MigrationStep[] = [];
  await t.rejects(migrate(url, logger, (step) => steps.push(step)));
  t.match(
    steps.at(-1),
    { name: '0002_projection', number: 1, isDone: false },
    'who is told knows which it was',
  );
  t.equal((await pendingMigrations(url))[0], '0002_projection', 'those before it have run');
  await runSql(url, 'drop table reactions');
  t.ok((await migrate(url, logger)).includes('0002_projection'));
});

t.test('a database that is away is an error at once', async (t) => {
  await t.rejects(migrate('postgres://parley:x@127.0.0.1:1/parley', logger));
  await t.rejects(pendingMigrations('postgres://parley:x@127.0.0.1:1/parley'));
});

t.test(
  'of the agents that are there when agents begin to run, those that tenants were born with do',
  async (t) => {
    const { url } = await startPostgres(t, { isBare: true });
    await migrate(url, logger);
    await runSql(url, `insert into tenants (id, name, slug, created_us) values ('a', 'a', 'a', 7)`);
    await runSql(
      url,
      `insert into principals (tenant_id, id, kind, display_name, created_us) values
      ('a', 'owner', 'user', 'Owner', 7), ('a', 'first', 'agent', 'Assistant', 7), ('a', 'later', 'agent', 'Later', 8)`,
    );
    const file = join(repository, 'src/adapters/postgres/migrations/0022_running_agents.sql');
    const update = /^update principals[^;]+;/m.exec(await readFile(file, 'utf8'))?.[0] ?? '';
    await runSql(url, update);
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    t.same((await client.query('select id from principals where runs')).rows, [{ id: 'first' }]);
    await client.end();
  },
);
