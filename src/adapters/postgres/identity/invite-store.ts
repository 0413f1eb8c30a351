import { Problem } from '../../../domain/problem.ts';
import type { AuditEntry } from '../../../ports/audit.ts';
import type { PrincipalRecord } from '../../../ports/identity/identity-records.ts';
import type { Credential, InviteStore } from '../../../ports/identity/identity-store.ts';
import { insertAudit } from '../audit/insert-audit.ts';
import type { Pool, TenantPool, Transaction } from '../pool.ts';
import { insertCredential, insertPrincipal } from './principals/insert-principal.ts';
import { refusingDuplicates } from './unique-refusals.ts';

interface InviteRow {
  readonly tenant_id: string;
  readonly role: 'admin' | 'member';
  readonly v2_role: string | null;
  readonly email: string | null;
  readonly created_by: string;
  readonly created_us: number;
  readonly expires_us: number;
}

export function openInviteStore(requests: TenantPool, identity: Pool): InviteStore {
  return {
    add: (invite, digest, audit) =>
      requests.transacting(invite.tenant, async (tx) => {
        await tx`
          insert into invites (sha256, tenant_id, role, v2_role, email, created_by, created_us, expires_us)
          values (${digest}, ${invite.tenant}, ${invite.role}, ${invite.v2Role}, ${invite.email},
                  ${invite.createdBy}, ${invite.createdAt}, ${invite.expiresAt})`;
        await insertAudit(tx, audit);
        return null;
      }),

    find: (digest, now) =>
      identity.answering(async (sql) => {
        const [row] = await sql<InviteRow[]>`
          select tenant_id, role, v2_role, email, created_by, created_us, expires_us from invites
          where sha256 = ${digest} and consumed_us is null and expires_us > ${now}`;
        if (row === undefined) return null;
        return {
          tenant: row.tenant_id,
          role: row.role,
          v2Role: row.v2_role,
          email: row.email,
          createdBy: row.created_by,
          createdAt: row.created_us,
          expiresAt: row.expires_us,
        };
      }),

    accept: (digest, person, credential, now, audit) =>
      requests.transacting(person.tenant, (tx) =>
        refusingDuplicates(acceptInvite(tx, digest, person, credential, now, audit)),
      ),
  };
}

/** The UPDATE is the race: one of concurrent calls finds the invite unused. */
async function acceptInvite(
  tx: Transaction,
  digest: Uint8Array,
  person: PrincipalRecord,
  credential: Credential,
  now: number,
  audit: AuditEntry,
): Promise<Problem | null> {
  const { count } = await tx`
    update invites set consumed_us = ${now}, consumed_by = ${person.id}
    where sha256 = ${digest} and tenant_id = ${person.tenant} and consumed_us is null and expires_us > ${now}`;
  if (count === 0) return new Problem('invalid_request', undefined, { reason: 'invite' });
  await insertPrincipal(tx, person);
  await insertCredential(tx, credential, now);
  await insertAudit(tx, audit);
  return null;
}
