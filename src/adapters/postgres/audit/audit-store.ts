/** The AuditStore port: the table audit_entries, which only grows. */
import type { PrincipalKind } from '../../../domain/principal.ts';
import type { AuditDetail, AuditPage, AuditQuery, AuditRecord, AuditStore } from '../../../ports/audit.ts';
import type { IdentityPools } from '../identity/identity-store.ts';
import type { Sql } from '../pool.ts';
import { insertAudit } from './insert-audit.ts';

interface AuditRow {
  readonly id: number;
  readonly at_us: number;
  readonly tenant_id: string | null;
  readonly actor_id: string | null;
  readonly actor_kind: PrincipalKind | null;
  readonly actor_tenant: string | null;
  readonly on_behalf_of: string | null;
  readonly action: string;
  readonly subject: string | null;
  readonly detail: AuditDetail;
  readonly address: string | null;
  readonly request_id: string | null;
}

/** What is of no tenant, or of all, is only for who works across tenants. */
export function openAuditStore({ requests, identity }: IdentityPools): AuditStore {
  return {
    record: (entry) => {
      const insert = (sql: Sql): Promise<null> => insertAudit(sql, entry).then(() => null);
      return entry.tenant === null ? identity.answering(insert) : requests.answering(entry.tenant, insert);
    },
    list: (query) => {
      const read = (sql: Sql): Promise<AuditPage> => list(sql, query);
      return query.tenant === undefined ? identity.answering(read) : requests.answering(query.tenant, read);
    },
  };
}

async function list(sql: Sql, query: AuditQuery): Promise<AuditPage> {
  const { tenant = null, actor = null, action = null, after = null, before = null, limit } = query;
  const rows = await sql<AuditRow[]>`
    select id, at_us, tenant_id, actor_id, actor_kind, actor_tenant, on_behalf_of, action, subject, detail,
           address, request_id
    from audit_entries
    where (${tenant}::text is null or tenant_id = ${tenant})
      and (${actor}::text is null or actor_id = ${actor})
      and (${action}::text is null or action = ${action})
      and (${after}::bigint is null or at_us >= ${after})
      and (${before}::bigint is null or at_us < ${before})
      and (${query.olderThan ?? null}::bigint is null or id < ${query.olderThan ?? null})
    order by id desc limit ${limit + 1}`;
  const records = rows.slice(0, limit).map(toRecord);
  return { records, next: rows.length > limit ? (records.at(-1)?.id ?? null) : null };
}

function toRecord(row: AuditRow): AuditRecord {
  const { actor_id: id, actor_kind: kind, actor_tenant: tenant } = row;
  return {
    id: String(row.id),
    at: row.at_us,
    tenant: row.tenant_id,
    actor: id === null || kind === null ? null : { id, kind, ...(tenant === null ? {} : { tenant }) },
    onBehalfOf: row.on_behalf_of,
    action: row.action,
    subject: row.subject,
    detail: row.detail,
    address: row.address,
    requestId: row.request_id,
  };
}
