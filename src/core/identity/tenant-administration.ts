/** What owners and admins do: invites, people, agents, API keys. */
import { canonicalUuid, isUuid, type PrincipalId, type TenantId } from '../../domain/ids.ts';
import { isAdministrator, type Principal } from '../../domain/principal.ts';
import { Problem } from '../../domain/problem.ts';
import type { Directory, TenantAdministration } from '../../ports/identity/identity-service.ts';
import { entryOf, noTrace } from '../audit/audit-trail.ts';
import { decideUserChange, userChangeEntry } from './change-user.ts';
import { createApiKey } from './create-api-key.ts';
import { inviteStart } from './credentials/token-purposes.ts';
import type { AnnounceChange, IdentityDeps } from './identity-deps.ts';
import { canonicalEmail, newPrincipal } from './new-records.ts';

/** What it needs of what a node has: the command line has no more. */
export type AdministrationDeps = Pick<IdentityDeps, 'store' | 'secrets' | 'clock' | 'ids'>;

export function tenantAdministrationWith(
  deps: AdministrationDeps,
  directory: Pick<Directory, 'hasTenant'>,
  announce: AnnounceChange,
  onAgentRemoved: (tenant: TenantId, id: PrincipalId) => void,
): TenantAdministration {
  const { store, secrets, clock, ids } = deps;

  /** Nodes are told before the answer, so that whoever gets it sees the change everywhere soon. */
  async function announced<T>(outcome: T | Problem): Promise<T | Problem> {
    if (!(outcome instanceof Problem)) await announce();
    return outcome;
  }

  /** A super admin may act in any tenant that there is; nothing is made in one that there is not. */
  async function refuseForeigners(by: Principal, tenant: TenantId): Promise<Problem | null> {
    if (by.tenant === tenant) return null;
    if (!by.superAdmin) return new Problem('not_found');
    const isThere = await directory.hasTenant(tenant);
    if (isThere instanceof Problem) return isThere;
    return isThere ? null : new Problem('not_found');
  }

  async function refuseOthers(by: Principal, tenant: TenantId): Promise<Problem | null> {
    if (isAdministrator(by)) return refuseForeigners(by, tenant);
    return new Problem('forbidden', 'Only owners and admins of the tenant do this.');
  }

  return {
    async invite(by, tenant, invite, trace = noTrace) {
      const refused = await refuseOthers(by, tenant);
      if (refused !== null) return refused;
      const token = `${inviteStart}${secrets.random()}`;
      const now = clock.nowMicros();
      const expiresAt = now + invite.expiresInSec * 1_000_000;
      const email = invite.email === null ? null : canonicalEmail(invite.email);
      const { role, v2Role } = invite;
      const record = { tenant, role, v2Role, email, createdBy: by.id, createdAt: now, expiresAt };
      const detail = { role, v2_role: v2Role, email };
      const audit = entryOf(by, trace, { tenant, action: 'invite.created', subject: null, detail });
      return (await store.invites.add(record, secrets.digest(token), audit)) ?? { token, expiresAt };
    },

    async invites(by, tenant, query) {
      return (await refuseOthers(by, tenant)) ?? store.invites.list(tenant, clock.nowMicros(), query);
    },

    async revokeInvite(by, tenant, id, trace = noTrace) {
      const refused = await refuseOthers(by, tenant);
      if (refused !== null) return refused;
      const audit = entryOf(by, trace, { tenant, action: 'invite.revoked', subject: id });
      const isRevoked = await store.invites.revoke(tenant, id, clock.nowMicros(), audit);
      if (isRevoked instanceof Problem) return isRevoked;
      return isRevoked ? null : new Problem('not_found');
    },

    async users(by, tenant, query) {
      return (await refuseOthers(by, tenant)) ?? store.principals.list(tenant, 'user', query);
    },

    async changeUser(by, tenant, id, changes, trace = noTrace) {
      const refused = await refuseOthers(by, tenant);
      if (refused !== null) return refused;
      const target = canonicalUuid(id) ?? id;
      return announced(
        await store.principals.change(
          tenant,
          target,
          'user',
          (record, owners) => decideUserChange(by, record, owners, changes),
          (former, present) => userChangeEntry(by, trace, former, present),
        ),
      );
    },

    async createAgent(by, tenant, agent, trace = noTrace) {
      const refused = await refuseOthers(by, tenant);
      if (refused !== null) return refused;
      const id = agent.id === null ? ids.next() : (canonicalUuid(agent.id) ?? agent.id);
      const { jobTitle, bio, isDefaultAgent } = agent;
      const fresh = newPrincipal(tenant, id, 'agent', agent.displayName, clock.nowMicros());
      const record = { ...fresh, jobTitle, bio, isDefaultAgent };
      const detail = { display_name: agent.displayName, is_default_agent: isDefaultAgent };
      const audit = entryOf(by, trace, { tenant, action: 'agent.created', subject: id, detail });
      return announced((await store.agents.add(record, audit)) ?? record);
    },

    async agents(by, tenant, query) {
      return (await refuseForeigners(by, tenant)) ?? store.principals.list(tenant, 'agent', query);
    },

    async deleteAgent(by, tenant, id, trace = noTrace) {
      const refused = await refuseOthers(by, tenant);
      if (refused !== null) return refused;
      const agent = canonicalUuid(id) ?? id;
      const audit = entryOf(by, trace, { tenant, action: 'agent.deleted', subject: agent });
      const problem = await store.agents.removeAgent(tenant, agent, audit);
      if (problem === null) onAgentRemoved(tenant, agent);
      return announced(problem);
    },

    async createApiKey(by, tenant, key, trace = noTrace) {
      return (await refuseOthers(by, tenant)) ?? announced(await createApiKey(deps, by, tenant, key, trace));
    },

    async apiKeys(by, tenant, query) {
      return (await refuseOthers(by, tenant)) ?? store.apiKeys.list(tenant, query);
    },

    async deleteApiKey(by, tenant, id, trace = noTrace) {
      const refused = await refuseOthers(by, tenant);
      if (refused !== null) return refused;
      if (!isUuid(id)) return new Problem('not_found');
      const subject = id.toLowerCase();
      const audit = entryOf(by, trace, { tenant, action: 'key.deleted', subject });
      const isRevoked = await announced(
        await store.apiKeys.revoke(tenant, subject, clock.nowMicros(), audit),
      );
      if (isRevoked instanceof Problem) return isRevoked;
      return isRevoked ? null : new Problem('not_found');
    },
  };
}
