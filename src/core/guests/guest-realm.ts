import type { PrincipalId } from '../../domain/ids.ts';
import { guestTenant } from '../../domain/limiting/guest-limits.ts';
import type { Realm } from '../../ports/identity/identity-service.ts';

/** The tenant of guests, and the agent that answers them. */
export function guestRealm(agent: PrincipalId): Realm {
  const firstAgent = { id: agent, displayName: 'Assistant' };
  return { tenant: guestTenant, name: 'Guests', firstAgent, firstService: null };
}
