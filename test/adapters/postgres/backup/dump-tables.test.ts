import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import t from 'tap';
import { dumpTables } from '../../../../src/adapters/postgres/backup/dump-tables.ts';
import { restoreTables } from '../../../../src/adapters/postgres/backup/restore-tables.ts';
import { migrate } from '../../../../src/adapters/postgres/migrate.ts';
import { silentLogger } from '../../../kit/memory/silent-logger.ts';
import { openOwner } from '../../../kit/servers/owner.ts';
import { startPostgres } from '../../../kit/servers/postgres.ts';
import { temporaryDir } from '../../../kit/temporary.ts';

const many = 5_000;

t.test('tables of several megabytes are dumped one after another, and restored', async (t) => {
  const [from, to] = [await startPostgres(t), await startPostgres(t)];
  for (const { url } of [from, to]) await migrate(url, silentLogger());
  const sql = openOwner(t, from.url);
  // A name of its own for each, so that the rows do not look alike.
  await sql`
    insert into tenants (id, slug, name, created_us)
    select 'tenant ' || n, 'slug-' || n, repeat(md5(n::text), 20), 0 from generate_series(1, ${many}) n`;
  const dir = await temporaryDir('dump');
  t.teardown(() => dir.remove());
  const dump = await dumpTables(from.url, dir.path);
  t.same((await readdir(dir.path)).sort(), dump.tables.map(({ file }) => file).sort());
  const tenants = dump.tables.find(({ name }) => name === 'tenants');
  t.equal(tenants?.rows, many);
  const lines = gunzipSync(await readFile(join(dir.path, tenants?.file ?? '')))
    .toString('utf8')
    .split('\n');
  t.equal(new Set(lines).size, many + 1, 'each row is a line');
  await restoreTables(to.url, dump, dir.path);
  const restored = openOwner(t, to.url);
  const [sums, sumsAgain] = await Promise.all(
    [sql, restored].map(
      (one) => one`select count(*), md5(string_agg(id || name, ',' order by id)) from tenants`,
    ),
  );
  t.same([...(sumsAgain ?? [])], [...(sums ?? [])]);
});
