/** Tenants that a deployment has by itself: of guests, and of clients that know no tenants. */
import type { Problem } from '../../domain/problem.ts';
import type { Realm } from '../../ports/identity/identity-service.ts';
import { entryOf, noTrace } from '../audit/audit-trail.ts';
import type { IdentityDeps } from './identity-deps.ts';
import { newFirstAgent, newPrincipal, newTenant } from './new-records.ts';

export function ensureRealm(
  { store, clock }: Pick<IdentityDeps, 'store' | 'clock'>,
  { tenant, name, firstAgent, firstService }: Realm,
): Promise<Problem | null> {
  const now = clock.nowMicros();
  const agent = { ...newFirstAgent(tenant, firstAgent.id, now), displayName: firstAgent.displayName };
  const services =
    firstService === null
      ? []
      : [newPrincipal(tenant, firstService.id, 'service', firstService.displayName, now)];
  const audit = entryOf(null, noTrace, { tenant, action: 'tenant.created', subject: tenant });
  return store.principals.ensureRealm(newTenant(tenant, name, now), [agent, ...services], audit);
}
