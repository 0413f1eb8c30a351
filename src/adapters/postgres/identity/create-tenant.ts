import type { AuditEntry } from '../../../ports/audit.ts';
import type { PrincipalRecord, TenantRecord } from '../../../ports/identity/identity-records.ts';
import type { Credential } from '../../../ports/identity/identity-store.ts';
import { insertAudit } from '../audit/insert-audit.ts';
import type { Transaction } from '../pool.ts';
import { insertCredential, insertPrincipal } from './principals/insert-principal.ts';

/** A tenant, its owner and its first agent, all or nothing. */
export async function createTenant(
  tx: Transaction,
  tenant: TenantRecord,
  owner: PrincipalRecord,
  credential: Credential,
  agent: PrincipalRecord,
  audit: AuditEntry,
): Promise<null> {
  await tx`
    insert into tenants (id, name, slug, created_us)
    values (${tenant.id}, ${tenant.name}, ${tenant.slug}, ${tenant.createdAt})`;
  await insertPrincipal(tx, owner);
  await insertPrincipal(tx, agent);
  await insertCredential(tx, credential, tenant.createdAt);
  await insertAudit(tx, audit);
  return null;
}
