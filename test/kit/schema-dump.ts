/** The schema of a database as text that a person can compare: what pg_dump says, without pg_dump. */
import pg from 'pg';

/** Everything that migrations make in the schema `public`, in an order that does not depend on theirs. */
export async function dumpSchema(url: string): Promise<string> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const tables = await rows(client, tablesSql);
    const parts: string[] = [];
    for (const { name = '', options = '' } of tables) parts.push(await dumpTable(client, name, options));
    for (const { definition } of await rows(client, functionsSql)) parts.push(`${definition};`);
    return `${parts.join('\n\n')}\n`;
  } finally {
    await client.end();
  }
}

type Row = Readonly<Record<string, string>>;

async function rows(client: pg.Client, sql: string, values: readonly string[] = []): Promise<Row[]> {
  return (await client.query<Record<string, string>>(sql, [...values])).rows;
}

async function dumpTable(client: pg.Client, name: string, options: string | undefined): Promise<string> {
  const columns = (await rows(client, columnsSql, [name])).map(({ line }) => `  ${line}`);
  const constraints = (await rows(client, constraintsSql, [name])).map(({ line }) => `  ${line}`);
  const others: Row[] = [];
  for (const sql of [indexesSql, triggersSql, wallsSql, policiesSql, grantsSql, columnGrantsSql])
    others.push(...(await rows(client, sql, [name])));
  const table = `create table ${name} (\n${[...columns, ...constraints].join(',\n')}\n)${options ?? ''};`;
  return [table, ...others.map(({ line }) => `${line};`)].join('\n');
}

const tablesSql = `
  select relname as name, ' with (' || array_to_string(reloptions, ', ') || ')' as options
  from pg_class
  where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and relname <> 'schema_migrations'
  order by relname collate "C"`;

const columnsSql = `
  select concat_ws(' ', quote_ident(attname), format_type(atttypid, atttypmod),
    case when attcollation <> typcollation then 'collate ' || quote_ident(collname) end,
    case
      when attidentity <> '' then 'generated always as identity'
      when attgenerated = 's' then 'generated always as (' || pg_get_expr(adbin, adrelid) || ') stored'
      when adbin is not null then 'default ' || pg_get_expr(adbin, adrelid)
    end,
    case when attnotnull then 'not null' end
  ) as line
  from pg_attribute
  join pg_type on pg_type.oid = atttypid
  left join pg_collation on pg_collation.oid = attcollation
  left join pg_attrdef on adrelid = attrelid and adnum = attnum
  where attrelid = $1::regclass and attnum > 0 and not attisdropped
  order by attnum`;

const constraintsSql = `
  select 'constraint ' || conname || ' ' || pg_get_constraintdef(oid) as line
  from pg_constraint
  where conrelid = $1::regclass and contype <> 'n'
  order by contype desc, conname collate "C"`;

const indexesSql = `
  select pg_get_indexdef(indexrelid) as line
  from pg_index join pg_class on pg_class.oid = indexrelid
  where indrelid = $1::regclass
    and not exists (select from pg_constraint where conindid = indexrelid and conrelid = indrelid)
  order by relname collate "C"`;

const triggersSql = `
  select pg_get_triggerdef(oid) as line
  from pg_trigger
  where tgrelid = $1::regclass and not tgisinternal
  order by tgname collate "C"`;

const wallsSql = `
  select 'alter table ' || relname || ' enable row level security' as line
  from pg_class where oid = $1::regclass and relrowsecurity`;

const policiesSql = `
  select format(
    'create policy %s on %s for %s to %s using (%s) with check (%s)',
    policyname, tablename, lower(cmd), array_to_string(roles, ', '), qual, with_check
  ) as line
  from pg_policies where schemaname = 'public' and tablename = $1
  order by policyname collate "C"`;

/** Of everybody but the owner. */
const grantsSql = `
  select format(
    'grant %s on %s to %s',
    string_agg(lower(privilege_type), ', ' order by privilege_type), relname, pg_get_userbyid(grantee)
  ) as line
  from pg_class, aclexplode(relacl)
  where pg_class.oid = $1::regclass and grantee <> relowner
  group by relname, grantee
  order by 1`;

const columnGrantsSql = `
  select format(
    'grant %s (%s) on %s to %s',
    lower(privilege_type), string_agg(attname, ', ' order by attnum), $1::text, pg_get_userbyid(grantee)
  ) as line
  from pg_attribute, aclexplode(attacl)
  where attrelid = $1::regclass and not attisdropped
  group by privilege_type, grantee
  order by 1`;

const functionsSql = `
  select regexp_replace(pg_get_functiondef(oid), '\\s+$', '') as definition
  from pg_proc
  where pronamespace = 'public'::regnamespace
  order by proname collate "C"`;
