/**
 * Who a principal is that is known by its name only. On NATS the subject proves tenant and principal, but one
 * principal may have several credentials, and the subject does not say which one it came in with.
 */
import type { PrincipalId, TenantId } from '../../domain/ids.ts';
import type { Principal } from '../../domain/principal.ts';
import type { Problem } from '../../domain/problem.ts';

export interface NamedPrincipal {
  /** What it holds whichever of its credentials it uses. Its `sid` names none of them. */
  readonly principal: Principal;
  /** See ownsId(). */
  readonly ownsId: boolean;
}

export interface NamedPrincipals {
  /**
   * A person by role and status; an agent or service by its live keys: the scopes that all of them hold, and
   * the service that all of them are bound to (`forbidden` when they differ). `unauthenticated` when there
   * is no such principal or no live key, `suspended`, `unavailable`. Synchronous when it was asked before and
   * nothing changed; never rejects.
   */
  find(tenant: TenantId, id: PrincipalId): NamedPrincipal | Problem | Promise<NamedPrincipal | Problem>;
  /** True when, of all principals of the deployment that have this id, this tenant's is the oldest. */
  ownsId(tenant: TenantId, id: PrincipalId): Promise<boolean | Problem>;
}
