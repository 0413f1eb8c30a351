/** Who reads what was recorded, and how a record is made of a request. */
import { isAdministrator, type Principal } from '../../domain/principal.ts';
import { Problem } from '../../domain/problem.ts';
import type { AuditEntry, AuditStore, AuditTrail, RequestTrace } from '../../ports/audit.ts';

export function auditTrailOver(store: AuditStore): AuditTrail {
  return {
    async read(by, query) {
      if (!isAdministrator(by)) return new Problem('forbidden', 'Only owners and admins read this.');
      if (by.superAdmin) return store.list(query);
      const { tenant = by.tenant } = query;
      if (tenant !== by.tenant) return new Problem('forbidden', 'This is another tenant.');
      return store.list({ ...query, tenant });
    },
  };
}

export const noTrace: RequestTrace = { address: null, requestId: null };

/** An entry about something of `tenant` that `by` did; `by` null: nobody known. */
export function entryOf(
  by: Pick<Principal, 'tenant' | 'id' | 'kind'> | null,
  trace: RequestTrace,
  what: Pick<AuditEntry, 'tenant' | 'action' | 'subject'> & { readonly detail?: AuditEntry['detail'] },
): AuditEntry {
  const isForeign = by !== null && by.tenant !== what.tenant;
  return {
    ...what,
    detail: what.detail ?? {},
    actor: by === null ? null : { id: by.id, kind: by.kind, ...(isForeign ? { tenant: by.tenant } : {}) },
    address: trace.address,
    requestId: trace.requestId,
  };
}
