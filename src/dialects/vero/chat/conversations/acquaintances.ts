/** Who the others of a conversation are. */
import type { PrincipalId, TenantId } from '../../../../domain/ids.ts';
import { Problem } from '../../../../domain/problem.ts';
import type { KnownPrincipal } from '../../../../ports/identity/identity-service.ts';
import type { ChatDeps } from '../chat-deps.ts';
import type { Acquaintances } from './encode-conversation.ts';

type Deps = Pick<ChatDeps, 'directory' | 'presence'>;

/** Looks them up at once; ids that are nobody's stay opaque. */
export async function acquaintancesOf(
  { directory, presence }: Deps,
  tenant: TenantId,
  ids: readonly PrincipalId[],
): Promise<Acquaintances | Problem> {
  const known =
    ids.length === 0 ? new Map<string, KnownPrincipal>() : await directory.principalsOf(tenant, ids);
  if (known instanceof Problem) return known;
  return (id) => ({ known: known.get(id) ?? null, presence: presence.of(tenant, id) });
}

/** All of them, or one refusal that does not tell an unknown id from a stranger's or a suspended one's. */
export async function requireKnown(
  { directory }: Pick<Deps, 'directory'>,
  tenant: TenantId,
  ids: readonly PrincipalId[],
): Promise<readonly KnownPrincipal[] | Problem> {
  if (ids.length === 0) return [];
  const known = await directory.principalsOf(tenant, ids);
  if (known instanceof Problem) return known;
  const found = ids.map((id) => known.get(id)).filter((one) => one?.status === 'active');
  if (found.length < ids.length) {
    return new Problem('invalid_request', 'Not everybody who is named is known here.', {
      reason: 'unknown_user',
    });
  }
  return found as readonly KnownPrincipal[];
}
