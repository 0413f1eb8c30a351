/** The second wall as the catalog of a migrated database has it: a table without it cannot be added unnoticed. */
import t, { type Test } from 'tap';
import { migrate } from '../../../../src/adapters/postgres/migrate.ts';
import { openPool } from '../../../../src/adapters/postgres/pool.ts';
import { findGaps, requireWall } from '../../../../src/adapters/postgres/walls.ts';
import { silentLogger } from '../../../kit/memory/silent-logger.ts';
import { type Owner, openOwner } from '../../../kit/servers/owner.ts';
import { startPostgres } from '../../../kit/servers/postgres.ts';

const roles = ['parley_identity', 'parley_platform', 'parley_projector', 'parley_requests'] as const;
const ownTenant = (column: string): string => `(${column} = current_setting('parley.tenant'::text, true))`;

/** Tables whose rows belong to no tenant, and why that is no gap. */
const ofNoTenant: Readonly<Record<string, string>> = {
  deployment_keys: 'secrets of the deployment; only parley_identity has a grant',
  tenants: 'a row is a tenant: its policy compares the id',
  signing_keys: 'the keys of the deployment; only parley_identity has a grant',
  projector_marks: 'a row is a partition of the log of all tenants; only parley_projector has a grant',
  schema_migrations: 'the migration runner owns it; no role has a grant',
};

interface Table {
  readonly name: string;
  readonly has_tenant: boolean;
  readonly is_walled: boolean;
}

const tables = (sql: Owner) => sql<Table[]>`
  select relname as name, relrowsecurity as is_walled, exists(
    select from pg_attribute where attrelid = c.oid and attname = 'tenant_id' and not attisdropped
  ) as has_tenant
  from pg_class c where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'v', 'm', 'f')
  order by relname`;

/** Who may do anything at all with a table or one of its columns, but its owner; `PUBLIC` is everybody. */
const grantees = (sql: Owner) => sql<{ name: string; grantee: string; privileges: string[] }[]>`
  select name, grantee, array_agg(distinct privilege order by privilege) as privileges from (
    select relname as name, case a.grantee when 0 then 'PUBLIC' else pg_get_userbyid(a.grantee) end as grantee,
           a.privilege_type as privilege
    from pg_class c, aclexplode(c.relacl) a
    where relnamespace = 'public'::regnamespace and a.grantee <> relowner and relkind <> 'S'
    union all
    select relname, case a.grantee when 0 then 'PUBLIC' else pg_get_userbyid(a.grantee) end, a.privilege_type
    from pg_class c join pg_attribute on attrelid = c.oid, aclexplode(attacl) a
    where relnamespace = 'public'::regnamespace and a.grantee <> relowner and relkind <> 'S'
  ) as granted group by name, grantee order by name, grantee`;

const policies = (sql: Owner) => sql<
  { name: string; policy: string; roles: string[]; qual: string | null; with_check: string | null }[]
>`
  select tablename as name, policyname as policy, roles::text[], qual, with_check
  from pg_policies where schemaname = 'public'`;

t.test(
  'every table with a tenant has row level security, and each role that may use it has its policy',
  async (t) => {
    const sql = await openMigrated(t);
    const [all, granted, stated] = await Promise.all([tables(sql), grantees(sql), policies(sql)]);
    t.ok(all.length > 10);
    for (const { name, has_tenant, is_walled } of all) {
      if (!has_tenant && name !== 'tenants') continue;
      t.ok(is_walled, `${name} has row level security`);
      for (const { grantee } of granted.filter((one) => one.name === name)) {
        const own = stated.filter((one) => one.name === name && one.roles.includes(grantee));
        const expected =
          grantee === 'parley_requests' ? ownTenant(name === 'tenants' ? 'id' : 'tenant_id') : 'true';
        t.same(
          own.map(({ qual }) => qual),
          [expected],
          `what ${grantee} sees of ${name}`,
        );
        t.same(
          own.map(({ with_check }) => with_check),
          [expected],
          `what ${grantee} writes to ${name}`,
        );
      }
    }
  },
);

t.test('a table without a tenant is one of those that need none', async (t) => {
  const sql = await openMigrated(t);
  const [all, granted] = await Promise.all([tables(sql), grantees(sql)]);
  const without = all.filter(({ has_tenant }) => !has_tenant).map(({ name }) => name);
  t.same(without, Object.keys(ofNoTenant).sort());
  const open = granted
    .filter(({ name }) => without.includes(name))
    .map(({ name, grantee }) => `${name} ${grantee}`);
  t.same(open, [
    'deployment_keys parley_identity',
    'projector_marks parley_projector',
    'signing_keys parley_identity',
    'tenants parley_identity',
    'tenants parley_requests',
  ]);
});

t.test('grants go to the run-time roles alone, and none of them is another role in disguise', async (t) => {
  const sql = await openMigrated(t);
  const granted = await grantees(sql);
  t.same([...new Set(granted.map(({ grantee }) => grantee))].sort(), roles);
  const requests = granted.filter(({ grantee }) => grantee === 'parley_requests');
  t.notOk(requests.some(({ name }) => name === 'signing_keys' || name === 'identity_changes'));
  t.same(requests.find(({ name }) => name === 'refresh_tokens')?.privileges, ['INSERT']);
  t.same(requests.find(({ name }) => name === 'messages')?.privileges, ['SELECT']);
  for (const { name, privileges } of requests)
    t.strictSame(
      privileges.filter((one) => !['SELECT', 'INSERT', 'UPDATE', 'DELETE'].includes(one)),
      [],
      name,
    );
  t.same(
    granted
      .filter(({ grantee }) => grantee === 'parley_platform')
      .map(({ name, privileges }) => [name, privileges]),
    [
      ['conversations', ['SELECT']],
      ['participants', ['SELECT']],
    ],
    'who sees all tenants writes nothing, and reads no message',
  );
  const attributes = await sql`
    select rolname as name from pg_roles
    where rolname = any(${[...roles]})
      and not (rolsuper or rolbypassrls or rolcanlogin or rolcreaterole or rolcreatedb or rolreplication)
      and not exists (select from pg_auth_members where member = pg_roles.oid)
    order by 1`;
  t.same(
    attributes.map(({ name }) => name),
    roles,
  );
});

t.test('no run-time role owns anything, in this database or in another', async (t) => {
  const sql = await openMigrated(t);
  const owned = await sql`
    select classid::regclass::text as kind, objid from pg_shdepend
    where deptype = 'o' and refclassid = 'pg_authid'::regclass
      and refobjid in (select oid from pg_roles where rolname = any(${[...roles]}))`;
  t.same([...owned], []);
});

t.test(
  'functions with the rights of the owner have a fixed search path, and none but search is called',
  async (t) => {
    const sql = await openMigrated(t);
    const found = await sql`
    select proname as name, prorettype::regtype::text as answers, proconfig as settings,
           array(select grantee::regrole::text from aclexplode(proacl) where grantee <> proowner) as callers
    from pg_proc
    where pronamespace = 'public'::regnamespace and prosecdef`;
    t.ok(found.length > 0);
    for (const { name, answers, settings, callers } of found) {
      t.equal(settings[0], 'search_path=pg_catalog, public, pg_temp', name);
      if (name !== 'search_messages') t.equal(answers, 'trigger', name);
      // It answers places, no texts, and of the connection's tenant alone (foreign-tenant.test.ts).
      else t.same([answers, callers], ['message_place', ['parley_requests']]);
    }
  },
);

t.test('a node and the doctor see a wall with gaps', async (t) => {
  const { url } = await startPostgres(t);
  await migrate(url, silentLogger());
  const sql = openOwner(t, url);
  const pool = openPool({ url, role: 'parley_identity', max: 1, log: silentLogger() });
  t.teardown(() => pool.close());
  t.same(await findGaps('parley_identity', pool.answering), []);
  await requireWall('parley_identity', pool.answering);
  t.match(await findGaps('parley_projector', pool.answering), [/work as parley_identity instead/]);
  await sql`alter table api_keys disable row level security`;
  await sql`create table notes (tenant_id text)`;
  await sql`grant create on schema public to parley_identity`;
  await pool.answering((as) => as`create table mine (id text)`);
  const gaps = [/the owner of tables \(mine\)/, /is off for api_keys, notes/];
  t.match(await findGaps('parley_identity', pool.answering), gaps);
  await t.rejects(requireWall('parley_identity', pool.answering), /would not hold: .*mine.*; .*api_keys/);
  await sql`drop table mine`;
});

t.test(
  'a login that bypasses row level security is told, and the role that it works as keeps it out',
  async (t) => {
    const { url } = await startPostgres(t);
    await migrate(url, silentLogger());
    // A pooler that drops the startup parameter leaves connections at work as the owner.
    const sql = openOwner(t, url);
    const gaps = await findGaps('parley_requests', (work) => work(sql));
    t.match(gaps, [
      /instead of parley_requests: is a connection pooler/,
      /the owner of tables \(agent_characters, /,
    ]);
  },
);

async function openMigrated(t: Test): Promise<Owner> {
  const { url } = await startPostgres(t);
  await migrate(url, silentLogger());
  return openOwner(t, url);
}
