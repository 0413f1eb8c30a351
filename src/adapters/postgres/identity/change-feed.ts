import { limits } from '../../../domain/limits.ts';
import { Problem } from '../../../domain/problem.ts';
import type { IdentityChange, IdentityChangeFeed } from '../../../ports/identity/identity-store.ts';
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

/** Where the next reading begins: the oldest transaction that was open at the last one, and the rows seen since. */
interface Place {
  readonly horizon: string;
  readonly seen: ReadonlySet<number>;
}

interface Reading {
  readonly place: Place | null;
  readonly changes: readonly IdentityChange[];
}

/**
 * Reads identity_changes exactly once each, although ids are given before transactions commit: it
 * reads again from the oldest transaction that was still open at the last call, and leaves out the rows
 * it has seen.
 */
export function openChangeFeed(pool: Pool): IdentityChangeFeed {
  let place: Place | null = null;
  return {
    async next() {
      const from = place;
      const reading = await pool.answering((sql) => (from === null ? findEnd(sql) : readFrom(sql, from)));
      if (reading instanceof Problem) return reading;
      // Only now: what the pool gave up nobody was told, and it must be read again.
      place = reading.place;
      return reading.changes;
    },
  };
}

/** What is open now may still commit changes, but nothing was verified before them. */
async function findEnd(sql: Sql): Promise<Reading> {
  const [row] = await sql<{ horizon: string }[]>`
    select pg_snapshot_xmin(pg_current_snapshot())::text as horizon`;
  return { place: row === undefined ? null : { horizon: row.horizon, seen: new Set() }, changes: [] };
}

async function readFrom(sql: Sql, former: Place): Promise<Reading> {
  const rows = await readSince(sql, former.horizon);
  const fresh = rows.filter(({ id }) => id !== null && !former.seen.has(id));
  const horizon = rows[0]?.horizon ?? former.horizon;
  const from = BigInt(horizon);
  const seen = new Set(rows.flatMap(({ id, xact }) => (id !== null && BigInt(xact) >= from ? [id] : [])));
  return { place: { horizon, seen }, changes: fresh.flatMap(toChange) };
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
