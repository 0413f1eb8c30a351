/** The tables that a backup holds: all but what is made again, in the order in which they can be filled. */
import { projectedTables } from '../projection-writer.ts';
import type { OwnerConnection, OwnerTransaction } from './owner-connection.ts';

/**
 * `identity_changes` is a feed between nodes, ordered by numbers of transactions: those of another server would stand
 * in the way of all new ones until this one has counted as far.
 */
const leftOut: readonly string[] = [...projectedTables, 'identity_changes', 'schema_migrations'];

/** A table comes after those that its foreign keys name. */
export async function truthTables(sql: OwnerConnection | OwnerTransaction): Promise<readonly string[]> {
  const tables = await sql<{ name: string; needs: string[] }[]>`
    select c.relname as name, array(
      select distinct k.confrelid::regclass::text from pg_constraint k
      where k.conrelid = c.oid and k.contype = 'f' and k.confrelid <> c.oid
    ) as needs
    from pg_class c
    where c.relkind = 'r' and c.relnamespace = current_schema()::regnamespace
    order by c.relname`;
  const waiting = new Map(
    tables.filter(({ name }) => !leftOut.includes(name)).map(({ name, needs }) => [name, needs]),
  );
  const ordered: string[] = [];
  while (waiting.size > 0) {
    const next = [...waiting].find(([, needs]) => !needs.some((table) => waiting.has(table)))?.[0];
    if (next === undefined) throw new Error(`foreign keys in a circle: ${[...waiting.keys()].join(' ')}`);
    waiting.delete(next);
    ordered.push(next);
  }
  return ordered;
}
