/** Who acts: the caller itself, or the author that a service names (eliza.md decisions 3 and 8). */
import type { RequestContext } from '../../contract/operation.ts';
import { canonicalUuid, type PrincipalId } from '../../domain/ids.ts';
import { hasScope, type Principal } from '../../domain/principal.ts';
import { Problem } from '../../domain/problem.ts';
import type { ElizaDeps } from './deps.ts';

/** A super admin acts in the tenant that X-Org-Id names, everybody else in the own one (which it must be). */
export function callerOf({
  principal,
  orgId,
}: Pick<RequestContext, 'orgId'> & { readonly principal: Principal }): Principal {
  return orgId === null || !principal.superAdmin ? principal : { ...principal, tenant: orgId };
}

/**
 * The principal whose words these are. Ids that the tenant does not know are people without an account.
 * `forbidden` for who may not speak for others; `suspended` when that one is.
 */
export async function authorOf(
  { directory }: Pick<ElizaDeps, 'directory'>,
  caller: Principal,
  named: string,
): Promise<Principal | Problem> {
  const id: PrincipalId = canonicalUuid(named) ?? named;
  if (id === caller.id) return caller;
  if (!hasScope(caller, 'cap:messaging.impersonate')) {
    return new Problem('forbidden', 'The author must be the caller.', { reason: 'other_author' });
  }
  const known = await directory.principalsOf(caller.tenant, [id]);
  if (known instanceof Problem) return known;
  const one = known.get(id);
  if (one?.status === 'suspended') return new Problem('suspended');
  return { ...caller, id, kind: one?.kind ?? 'user', displayName: one?.displayName ?? 'User' };
}

/** X-Entity-Id narrows what is shown; what is no UUID narrows nothing. */
export function entityOf({ entityId }: Pick<RequestContext, 'entityId'>): PrincipalId | null {
  return entityId === null ? null : canonicalUuid(entityId);
}
