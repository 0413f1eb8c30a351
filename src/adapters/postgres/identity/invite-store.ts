import { Problem } from '../../../domain/problem.ts';
import type { AuditEntry } from '../../../ports/audit.ts';
import type { InviteRecord, PrincipalRecord } from '../../../ports/identity/identity-records.ts';
import type { Credential, InviteStore } from '../../../ports/identity/identity-store.ts';
import { insertAudit } from '../audit/insert-audit.ts';
import type { Pool, Sql, TenantPool, Transaction } from '../pool.ts';
import { insertCredential, insertPrincipal } from './principals/insert-principal.ts';
import { toPage } from './rows.ts';
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
        return row === undefined ? null : toInvite(row);
      }),

    list: (tenant, now, { limit, after }) =>
      requests.answering(tenant, async (sql) => {
        const rows = await sql<(InviteRow & { readonly id: string })[]>`
          select ${idOf(sql)} as id, tenant_id, role, v2_role, email, created_by, created_us, expires_us from invites
          where tenant_id = ${tenant} and consumed_us is null and expires_us > ${now}
            and (created_us, ${idOf(sql)}) > (${after?.createdAt ?? -1}, ${after?.id ?? ''})
          order by created_us, ${idOf(sql)} limit ${limit + 1}`;
        return toPage(
          rows.map((row) => ({ ...toInvite(row), id: row.id })),
          limit,
        );
      }),

    revoke: (tenant, id, now, audit) =>
      requests.transacting(tenant, async (tx) => {
        // Used up by nobody: accept() and this one wait for each other's row.
        const { count } = await tx`
          update invites set consumed_us = ${now}
          where tenant_id = ${tenant} and ${idOf(tx)} = ${id} and consumed_us is null and expires_us > ${now}`;
        if (count === 1) await insertAudit(tx, audit);
        return count === 1;
      }),

    accept: (digest, person, credential, now, audit) =>
      requests.transacting(person.tenant, (tx) =>
        refusingDuplicates(acceptInvite(tx, digest, person, credential, now, audit)),
      ),
  };
}

/** 64 bits: enough to tell the invites of a tenant apart, and too few to be of use to anybody. */
const idOf = (sql: Sql | Transaction) => sql`substr(encode(sha256, 'hex'), 1, 16)`;

function toInvite(row: InviteRow): InviteRecord {
  return {
    tenant: row.tenant_id,
    role: row.role,
    v2Role: row.v2_role,
    email: row.email,
    createdBy: row.created_by,
    createdAt: row.created_us,
    expiresAt: row.expires_us,
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
