/** The limits of tenants: where they are kept, what the core asks of them, and who may change them. */
import type { TenantId } from '../../domain/ids.ts';
import type { TenantLimits, TenantOverrides } from '../../domain/limiting/tenant-limits.ts';
import type { Principal } from '../../domain/principal.ts';
import type { Problem } from '../../domain/problem.ts';
import type { AuditEntry, RequestTrace } from '../audit.ts';

export interface StoredOverrides {
  readonly tenant: TenantId;
  readonly overrides: TenantOverrides;
  /** Microseconds of the database's clock. */
  readonly changedAt: number;
}

export interface TenantLimitsStore {
  /** Those that changed at or after this time, oldest first, at most limits.tenantLimitsPageMax. */
  changedSince(changedAt: number): Promise<readonly StoredOverrides[] | Problem>;
  /** All null when none are set; `not_found` when there is no such tenant. */
  read(tenant: TenantId): Promise<TenantOverrides | Problem>;
  /** Changes what is given and writes the entry with it. `not_found` when there is no such tenant. */
  change(
    tenant: TenantId,
    changes: Partial<TenantOverrides>,
    audit: (former: TenantOverrides, present: TenantOverrides) => AuditEntry,
  ): Promise<TenantOverrides | Problem>;
  /** Conversations that are not deleted, counted up to `max`. */
  conversations(tenant: TenantId, max: number): Promise<number | Problem>;
}

/** What is asked before a command goes its way. Synchronous but for counting. */
export interface TenantCaps {
  of(tenant: TenantId): TenantLimits;
  /** Takes one post of the tenant's rate; `rate_limited`, reason `tenant_limit`. */
  takePost(tenant: TenantId): Problem | null;
  /** A place for one more conversation, to be released when it was stored or refused; `conflict`, reason `tenant_limit`. */
  roomForConversation(tenant: TenantId): Promise<(() => void) | Problem>;
}

export interface TenantLimitsAdministration {
  /** A super admin of any tenant, an owner of its own. `forbidden`; `not_found` for what the caller may not see. */
  read(by: Principal, tenant: TenantId): Promise<TenantOverrides | Problem>;
  /** Super admins only. */
  change(
    by: Principal,
    tenant: TenantId,
    changes: Partial<TenantOverrides>,
    trace: RequestTrace,
  ): Promise<TenantOverrides | Problem>;
}
