import { limits } from '../../../domain/limits.ts';
import type { Problem } from '../../../domain/problem.ts';
import type { IdentityChange, IdentityChangeFeed } from '../../../ports/identity-store.ts';
import type { Pool, Sql } from '../pool.ts';

interface ChangeRow {
  /** Transactions before this one have ended: nothing of them will appear any more. */
  readonly horizon: string;
  readonly id: number | null;
  readonly xact: string;
  readonly tenant_id: string | null;
  readonly kind: IdentityChange['kind'];
  readonly subject: string;
  readonly reason: 'revoked' | 'suspended' | 'changed';
}

/**
 * Reads identity_changes exactly once each, although ids are given before transactions commit: it
 * reads again from the oldest transaction that was still open at the last call, and leaves out the rows
 * it has seen.
 */
export function openChangeFeed(pool: Pool): IdentityChangeFeed {
  let horizon: string | null = null;
  let seen = new Set<number>();

  async function next(sql: Sql): Promise<readonly IdentityChange[]> {
    if (horizon === null) {
      const [row] = await sql<{ horizon: string }[]>`
        select pg_snapshot_xmin(pg_current_snapshot())::text as horizon`;
      // What is open now may still commit changes, but nothing was verified before them.
      horizon = row?.horizon ?? null;
      return [];
    }
    const rows = await readSince(sql, horizon);
    const fresh = rows.filter(({ id }) => id !== null && !seen.has(id));
    horizon = rows[0]?.horizon ?? horizon;
    const from = BigInt(horizon);
    seen = new Set(rows.flatMap(({ id, xact }) => (id !== null && BigInt(xact) >= from ? [id] : [])));
    return fresh.flatMap(toChange);
  }

  return { next: () => pool.answering(next) as Promise<readonly IdentityChange[] | Problem> };
}

/** All rows of transactions at or after `horizon`, page by page; the first page's horizon counts. */
async function readSince(sql: Sql, horizon: string): Promise<readonly ChangeRow[]> {
  const rows: ChangeRow[] = [];
  let after = 0;
  for (;;) {
    const page = await sql<ChangeRow[]>`
      select h.horizon::text as horizon, c.id, c.xact::text as xact, c.tenant_id, c.kind, c.subject, c.reason
      from (select pg_snapshot_xmin(pg_current_snapshot()) as horizon) h
      left join identity_changes c on c.xact >= ${horizon}::text::xid8 and c.id > ${after}
      order by c.id limit ${limits.identityChangesPageMax}`;
    rows.push(...page);
    if (page.length < limits.identityChangesPageMax) return rows;
    after = page.at(-1)?.id ?? after;
  }
}

function toChange(row: ChangeRow): IdentityChange[] {
  if (row.kind === 'signing_keys') {
    return [{ kind: 'signing_keys', reason: row.reason === 'revoked' ? 'revoked' : 'changed' }];
  }
  if (row.tenant_id === null) return [];
  if (row.kind === 'data_keys') {
    return [
      { kind: row.kind, tenant: row.tenant_id, reason: row.reason === 'revoked' ? 'revoked' : 'changed' },
    ];
  }
  return [{ kind: row.kind, tenant: row.tenant_id, subject: row.subject, reason: row.reason }];
}
