import type { AuditEntry } from '../../../ports/audit.ts';
import type { Sql, Transaction } from '../pool.ts';

/** Appends an entry with whatever else the transaction does: both or neither happened. */
export async function insertAudit(sql: Sql | Transaction, entry: AuditEntry): Promise<void> {
  const { tenant, actor, action, subject, detail, address } = entry;
  await sql`
    insert into audit_entries (
      tenant_id, actor_id, actor_kind, actor_tenant, on_behalf_of, action, subject, detail, address, request_id
    ) values (
      ${tenant}, ${actor?.id ?? null}, ${actor?.kind ?? null}, ${actor?.tenant ?? null},
      ${entry.onBehalfOf ?? null}, ${action}, ${subject}, ${sql.json(detail)}, ${address},
      ${entry.requestId ?? null}
    )`;
}
