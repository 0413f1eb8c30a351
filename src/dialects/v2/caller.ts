/** Who may use this API, and in which organization a request acts. */
import type { Bus } from '../../core/bus.ts';
import { isUuid, type PrincipalId, type TenantId } from '../../domain/ids.ts';
import type { Principal } from '../../domain/principal.ts';
import { Problem } from '../../domain/problem.ts';
import type { TenantOfConversation } from '../../ports/conversations/conversation-administration.ts';
import type { IdSource } from '../../ports/id-source.ts';
import type { Directory } from '../../ports/identity/identity-service.ts';
import { say } from './refuse.ts';

/** What this dialect is made of. */
export interface V2Deps {
  readonly bus: Bus;
  readonly directory: Directory;
  readonly ids: Pick<IdSource, 'fromName'>;
  readonly tenantOf: TenantOfConversation;
  /** Answers when the projection holds what was stored before the call. */
  readonly projectedNow: () => Promise<boolean>;
}

/** Name on the wire -> what it is, for GET /auth/me. Each of them may do the same here: what counts is who takes part. */
export const roles: ReadonlyMap<string, string> = new Map([
  ['super_admin', 'Administers the platform'],
  ['pmc_admin', 'Administers a property management company'],
  ['pm', 'Manages properties'],
  ['landlord', 'Owns properties'],
  ['tenant', 'Rents'],
  ['vendor', 'Works for the company'],
]);

/** The roles of a principal, also those that this API grants nothing. */
export function rolesOf({ superAdmin, v2Roles = [] }: Principal): readonly string[] {
  return [...(superAdmin ? ['super_admin'] : []), ...v2Roles];
}

/** Null for who may ask whose its token is: whoever has one, whatever its roles. */
export function admitAnybody({ kind, id }: Principal): Problem | null {
  // A person whom another issuer names otherwise: v2.md §0, 8.
  if (kind !== 'user' || isUuid(id)) return null;
  return new Problem('unauthenticated', undefined, { reason: 'invalid' });
}

/** Null for who may call; the first question about a request. */
export function admit(principal: Principal): Problem | null {
  const refused = admitAnybody(principal);
  if (refused !== null || rolesOf(principal).some((role) => roles.has(role))) return refused;
  return say('forbidden', `Access denied. Required roles: ${[...roles.keys()].join(', ')}`);
}

/** Ids of others than our own making need not be UUIDs: here they are shown as one that follows from them. */
export function shownId(ids: Pick<IdSource, 'fromName'>, tenant: TenantId, principal: PrincipalId): string {
  return isUuid(principal) ? principal.toLowerCase() : ids.fromName(`v2/user/${tenant}/${principal}`);
}

export function organizationId(ids: Pick<IdSource, 'fromName'>, tenant: TenantId): string {
  return isUuid(tenant) ? tenant.toLowerCase() : ids.fromName(`v2/organization/${tenant}`);
}

/** The caller in the organization that a body or query names; null: another one than its own. */
export function inOrganization(
  { ids }: V2Deps,
  principal: Principal,
  organization: string,
): Principal | null {
  if (organization === organizationId(ids, principal.tenant)) return principal;
  return principal.superAdmin ? { ...principal, tenant: organization } : null;
}
