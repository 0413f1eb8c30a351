/** What a tenant's owner and the platform's administrators do with its data keys. */
import type { TenantId } from '../../domain/ids.ts';
import type { Principal } from '../../domain/principal.ts';
import type { Problem } from '../../domain/problem.ts';
import type { RequestTrace } from '../audit.ts';

export interface DataKeyAdministration {
  /**
   * A new version for what comes; what was sealed before stays readable. Others than the owner and super
   * admins: `forbidden`, of another tenant `not_found`.
   */
  rotate(
    by: Principal,
    tenant: TenantId,
    trace: RequestTrace,
  ): Promise<{ readonly version: number } | Problem>;
  /**
   * Destroys every version: what they sealed is unreadable for good, on every node within a second. The next
   * sealed post makes a new one. Who may: as above.
   */
  erase(by: Principal, tenant: TenantId, trace: RequestTrace): Promise<{ readonly erased: number } | Problem>;
}
