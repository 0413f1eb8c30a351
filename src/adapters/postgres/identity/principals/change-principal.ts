import type { PrincipalKind } from '../../../../domain/principal.ts';
import { Problem } from '../../../../domain/problem.ts';
import type { AuditEntry } from '../../../../ports/audit.ts';
import type { PrincipalRecord } from '../../../../ports/identity/identity-records.ts';
import type { PrincipalChanges } from '../../../../ports/identity/identity-store.ts';
import { insertAudit } from '../../audit/insert-audit.ts';
import type { Transaction } from '../../pool.ts';
import { type PrincipalRow, principalColumns, toPrincipal, withCredential } from '../rows.ts';

/**
 * Changes one principal by what `decide` answers. The tenant's row is locked meanwhile, so that of two
 * owners who demote each other only one succeeds.
 */
export async function changePrincipal(
  tx: Transaction,
  tenant: string,
  id: string,
  kind: PrincipalKind,
  decide: (target: PrincipalRecord, owners: number) => PrincipalChanges | Problem,
  audit: (former: PrincipalRecord, present: PrincipalRecord) => AuditEntry | null,
): Promise<PrincipalRecord | Problem> {
  await lockTenant(tx, tenant);
  const target = await readPrincipal(tx, tenant, id, kind);
  if (target === null) return new Problem('not_found');
  const changes = decide(target, await countActiveOwners(tx, tenant));
  if (changes instanceof Problem) return changes;
  const changed: PrincipalRecord = { ...target, ...changes };
  await writePrincipal(tx, changed);
  const entry = audit(target, changed);
  if (entry !== null) await insertAudit(tx, entry);
  return changed;
}

/** Whatever counts or moves among the principals of a tenant happens one after another. */
export async function lockTenant(tx: Transaction, tenant: string): Promise<void> {
  await tx`select 1 from tenants where id = ${tenant} for update`;
}

async function readPrincipal(
  tx: Transaction,
  tenant: string,
  id: string,
  kind: PrincipalKind,
): Promise<PrincipalRecord | null> {
  const [row] = await tx<PrincipalRow[]>`
    select ${principalColumns(tx)} from principals p ${withCredential(tx)}
    where p.tenant_id = ${tenant} and p.id = ${id} and p.kind = ${kind}`;
  return row === undefined ? null : toPrincipal(row);
}

async function countActiveOwners(tx: Transaction, tenant: string): Promise<number> {
  const [row] = await tx<{ owners: number }[]>`
    select count(*) as owners from principals
    where tenant_id = ${tenant} and role = 'owner' and status = 'active'`;
  return row?.owners ?? 0;
}

async function writePrincipal(tx: Transaction, record: PrincipalRecord): Promise<void> {
  await tx`
    update principals set
      display_name = ${record.displayName}, avatar_url = ${record.avatarUrl}, timezone = ${record.timezone},
      role = ${record.role}, scopes = ${[...record.grantedScopes]}, v2_roles = ${[...record.v2Roles]},
      status = ${record.status}, super_admin = ${record.superAdmin}
    where tenant_id = ${record.tenant} and id = ${record.id}`;
}
