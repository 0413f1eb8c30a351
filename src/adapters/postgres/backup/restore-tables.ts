/** Fills a database that has the schema of the dump, and nothing else, in one transaction. */
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import type { DatabaseDump, DumpedTable } from './dump-tables.ts';
import { asOwner, type OwnerTransaction } from './owner-connection.ts';

/** True when nothing was ever made in this database. */
export function isEmptyDatabase(url: string): Promise<boolean> {
  return asOwner(url, async (sql) => {
    const [row] = await sql<{ count: number }[]>`
      select count(*)::int as count from pg_class
      where relkind = 'r' and relnamespace = current_schema()::regnamespace`;
    return row?.count === 0;
  });
}

/** Rejects, with nothing changed, when a table does not take its rows. */
export async function restoreTables(
  url: string,
  dump: DatabaseDump,
  dir: string,
  onTable: (done: number, total: number) => void = () => undefined,
): Promise<void> {
  await asOwner(url, (sql) =>
    sql.begin(async (tx) => {
      const { tables } = dump;
      // What triggers note of changes is for nodes that run; none does, and the audit must be empty first.
      for (const { name } of tables) await tx`alter table ${tx(name)} disable trigger user`;
      for (const { name } of [...tables].reverse()) await tx`delete from ${tx(name)}`;
      for (const [at, table] of tables.entries()) {
        await restoreTable(tx, table, dir);
        onTable(at + 1, tables.length);
      }
      for (const { name } of tables) await tx`alter table ${tx(name)} enable trigger user`;
    }),
  );
}

async function restoreTable(tx: OwnerTransaction, table: DumpedTable, dir: string): Promise<void> {
  const { name, columns, rows, file } = table;
  const taking = await tx`copy ${tx(name)} (${tx([...columns])}) from stdin`.writable();
  await pipeline(createReadStream(join(dir, file)), createGunzip(), taking);
  const [filled] = await tx<{ count: string }[]>`select count(*) as count from ${tx(name)}`;
  if (Number(filled?.count) !== rows) throw new Error(`${name} took ${filled?.count} rows of ${rows}`);
  const numbered = await tx<{ column: string }[]>`
    select attname as column from pg_attribute where attrelid = ${name}::regclass and attidentity <> ''`;
  for (const { column } of numbered) {
    await tx`
      select setval(pg_get_serial_sequence(${name}, ${column}), coalesce(max(${tx(column)}), 0) + 1, false)
      from ${tx(name)}`;
  }
}
