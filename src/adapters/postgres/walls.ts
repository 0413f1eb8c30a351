/** Does the second wall stand? Asked of each pool when a node starts, and by `parley doctor`. */
import { Problem } from '../../domain/problem.ts';
import type { Sql } from './pool.ts';

interface Standing {
  readonly works_as: string;
  readonly is_above: boolean;
  readonly owned: string | null;
  readonly open_tables: string | null;
}

/** A pool of any kind: for the tenant's, `answering` with whatever tenant. */
type Asking = (work: (sql: Sql) => Promise<readonly string[]>) => Promise<readonly string[] | Problem>;

/**
 * What lets a pool of `role` past row level security, as sentences for an operator; none: the wall stands.
 * A Problem when Postgres is away, or when the connection may not become the role.
 */
export function findGaps(role: string, asking: Asking): Promise<readonly string[] | Problem> {
  return asking(async (sql) => {
    // A column of a table without row level security is open to whoever has a grant, whatever its policies.
    const [standing] = await sql<Standing[]>`
      select
        current_user::text as works_as,
        (select rolsuper or rolbypassrls from pg_roles where rolname = current_user) as is_above,
        (
          select string_agg(relname, ', ' order by relname) from pg_class
          where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')
            and pg_has_role(current_user, relowner, 'USAGE')
        ) as owned,
        (
          select string_agg(relname, ', ' order by relname) from pg_class
          where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not relrowsecurity
            and exists (
              select from pg_attribute
              where attrelid = pg_class.oid and attname = 'tenant_id' and not attisdropped
            )
        ) as open_tables`;
    return standing === undefined ? [] : gapsOf(role, standing);
  });
}

function gapsOf(role: string, { works_as, is_above, owned, open_tables }: Standing): string[] {
  const gaps: string[] = [];
  if (works_as !== role) {
    gaps.push(
      `connections work as ${works_as} instead of ${role}: is a connection pooler between, which drops the startup parameter "role"?`,
    );
  }
  if (is_above) gaps.push(`${works_as} is a superuser or has BYPASSRLS`);
  if (owned !== null)
    gaps.push(`${works_as} has the rights of the owner of tables (${owned}), whom no policy binds`);
  if (open_tables !== null) gaps.push(`row level security is off for ${open_tables}`);
  return gaps;
}

/** Throws a sentence for an operator when the wall has gaps, or when that cannot be told. */
export async function requireWall(role: string, asking: Asking): Promise<void> {
  const gaps = await findGaps(role, asking);
  if (gaps instanceof Problem) {
    if (gaps.code === 'unavailable')
      throw new Error(
        'PostgreSQL does not answer: is DATABASE_URL right, and does it run? See `parley doctor`',
      );
    throw new Error(`PostgreSQL did not let Parley work as ${role} (${gaps.code}): see \`parley doctor\``);
  }
  if (gaps.length > 0) throw new Error(`row level security would not hold: ${gaps.join('; ')}`);
}
