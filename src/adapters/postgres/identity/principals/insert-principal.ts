import type { PrincipalRecord } from '../../../../ports/identity/identity-records.ts';
import type { Credential } from '../../../../ports/identity/identity-store.ts';
import type { Transaction } from '../../pool.ts';

export async function insertPrincipal(sql: Transaction, record: PrincipalRecord): Promise<void> {
  await sql`
    insert into principals (
      tenant_id, id, kind, display_name, status, role, scopes, v2_roles, super_admin, avatar_url,
      timezone, phone, job_title, bio, is_default_agent, runs, created_us
    ) values (
      ${record.tenant}, ${record.id}, ${record.kind}, ${record.displayName}, ${record.status},
      ${record.role}, ${[...record.grantedScopes]}, ${[...record.v2Roles]}, ${record.superAdmin},
      ${record.avatarUrl}, ${record.timezone}, ${record.phone}, ${record.jobTitle}, ${record.bio},
      ${record.isDefaultAgent}, ${record.runs}, ${record.createdAt}
    )`;
}

export async function insertCredential(sql: Transaction, credential: Credential, now: number): Promise<void> {
  await sql`
    insert into credentials (email, password_hash, tenant_id, principal_id, changed_us)
    values (${credential.email}, ${credential.passwordHash}, ${credential.tenant}, ${credential.principal}, ${now})`;
}
