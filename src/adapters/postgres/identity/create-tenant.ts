import type { Problem } from '../../../domain/problem.ts';
import type { PrincipalRecord, TenantRecord } from '../../../ports/identity-records.ts';
import type { Credential } from '../../../ports/identity-store.ts';
import type { Sql } from '../pool.ts';
import { insertCredential, insertPrincipal } from './insert-principal.ts';
import { refusingDuplicates } from './unique-refusals.ts';

/** A tenant, its owner and its first agent, all or nothing. */
export function createTenant(
  sql: Sql,
  tenant: TenantRecord,
  owner: PrincipalRecord,
  credential: Credential,
  agent: PrincipalRecord,
): Promise<Problem | null> {
  const created = sql.begin(async (tx) => {
    await tx`
      insert into tenants (id, name, slug, created_us)
      values (${tenant.id}, ${tenant.name}, ${tenant.slug}, ${tenant.createdAt})`;
    await insertPrincipal(tx, owner);
    await insertPrincipal(tx, agent);
    await insertCredential(tx, credential, tenant.createdAt);
    return null;
  });
  return refusingDuplicates(created);
}
