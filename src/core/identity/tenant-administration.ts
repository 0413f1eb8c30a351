/** What owners and admins do: invites, people, agents, API keys. */
import { canonicalUuid, isUuid, type TenantId } from '../../domain/ids.ts';
import { isAdministrator, type Principal } from '../../domain/principal.ts';
import { Problem } from '../../domain/problem.ts';
import type { TenantAdministration } from '../../ports/identity-service.ts';
import { decideUserChange } from './change-user.ts';
import { createApiKey } from './create-api-key.ts';
import type { AnnounceChange, IdentityDeps } from './identity-deps.ts';
import { canonicalEmail, newPrincipal } from './new-records.ts';
import { inviteStart } from './token-purposes.ts';

export function tenantAdministrationWith(deps: IdentityDeps, announce: AnnounceChange): TenantAdministration {
  const { store, secrets, clock, ids } = deps;

  /** Nodes are told before the answer, so that whoever gets it sees the change everywhere soon. */
  async function announced<T>(outcome: T | Problem): Promise<T | Problem> {
    if (!(outcome instanceof Problem)) await announce();
    return outcome;
  }

  return {
    async invite(by, tenant, invite) {
      const refused = refuseOthers(by, tenant);
      if (refused !== null) return refused;
      const token = `${inviteStart}${secrets.random()}`;
      const now = clock.nowMicros();
      const expiresAt = now + invite.expiresInSec * 1_000_000;
      const email = invite.email === null ? null : canonicalEmail(invite.email);
      const { role, v2Role } = invite;
      const record = { tenant, role, v2Role, email, createdBy: by.id, createdAt: now, expiresAt };
      return (await store.invites.add(record, secrets.digest(token))) ?? { token, expiresAt };
    },

    async users(by, tenant, query) {
      return refuseOthers(by, tenant) ?? store.principals.list(tenant, 'user', query);
    },

    async changeUser(by, tenant, id, changes) {
      const refused = refuseOthers(by, tenant);
      if (refused !== null) return refused;
      const target = canonicalUuid(id) ?? id;
      return announced(
        await store.principals.change(tenant, target, 'user', (record, owners) =>
          decideUserChange(by, record, owners, changes),
        ),
      );
    },

    async createAgent(by, tenant, agent) {
      const refused = refuseOthers(by, tenant);
      if (refused !== null) return refused;
      const id = agent.id === null ? ids.next() : (canonicalUuid(agent.id) ?? agent.id);
      const { jobTitle, bio, isDefaultAgent } = agent;
      const fresh = newPrincipal(tenant, id, 'agent', agent.displayName, clock.nowMicros());
      const record = { ...fresh, jobTitle, bio, isDefaultAgent };
      return announced((await store.agents.add(record)) ?? record);
    },

    async agents(by, tenant, query) {
      return refuseForeigners(by, tenant) ?? store.principals.list(tenant, 'agent', query);
    },

    async deleteAgent(by, tenant, id) {
      const refused = refuseOthers(by, tenant);
      if (refused !== null) return refused;
      return announced(await store.agents.removeAgent(tenant, canonicalUuid(id) ?? id));
    },

    async createApiKey(by, tenant, key) {
      return refuseOthers(by, tenant) ?? announced(await createApiKey(deps, by, tenant, key));
    },

    async apiKeys(by, tenant, query) {
      return refuseOthers(by, tenant) ?? store.apiKeys.list(tenant, query);
    },

    async deleteApiKey(by, tenant, id) {
      const refused = refuseOthers(by, tenant);
      if (refused !== null) return refused;
      if (!isUuid(id)) return new Problem('not_found');
      const isRevoked = await announced(
        await store.apiKeys.revoke(tenant, id.toLowerCase(), clock.nowMicros()),
      );
      if (isRevoked instanceof Problem) return isRevoked;
      return isRevoked ? null : new Problem('not_found');
    },
  };
}

function refuseForeigners(by: Principal, tenant: TenantId): Problem | null {
  const isAllowed = by.tenant === tenant || (by.superAdmin && isUuid(tenant));
  return isAllowed ? null : new Problem('not_found');
}

function refuseOthers(by: Principal, tenant: TenantId): Problem | null {
  if (!isAdministrator(by)) return new Problem('forbidden', 'Only owners and admins of the tenant do this.');
  return refuseForeigners(by, tenant);
}
