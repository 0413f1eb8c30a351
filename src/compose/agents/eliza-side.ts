/**
 * The tenant of clients that know no tenants: those of ElizaOS. It is there from the first boot; the two server keys
 * of the environment, and on a developer's machine nobody's credential at all, act as its service.
 */
import type { Config } from '../../config/config.ts';
import { withServerKeys } from '../../core/identity/server-keys.ts';
import type { TenantId } from '../../domain/ids.ts';
import { type Principal, scopes } from '../../domain/principal.ts';
import type { IdSource } from '../../ports/id-source.ts';
import type { Identity, Realm } from '../../ports/identity/identity-service.ts';

/** The same in every deployment; no account can be made in it. */
export const elizaTenant: TenantId = '00000000-0000-4000-8000-00656c697a61';
const serverId = '00000000-0000-4000-8001-00656c697a61';
const firstAgentName = 'Eliza';

export interface ElizaSideOptions {
  readonly identity: Identity;
  readonly ids: Pick<IdSource, 'ofText'>;
  readonly config: Pick<Config, 'elizaAuthToken' | 'serverApiKey'> & {
    /** `parley dev`: who shows no credential is the service, unless there is a server key. */
    readonly isForOneMachine?: boolean;
  };
}

export interface ElizaSide {
  /** Knows the server keys, too. */
  readonly identity: Identity;
  /** Who asks without a credential; null: nobody may. */
  readonly anonymous: Principal | null;
}

/** Rejects when Postgres is away. */
export async function openElizaSide(options: ElizaSideOptions): Promise<ElizaSide> {
  const { identity, ids, config } = options;
  const realm: Realm = {
    ...{ tenant: elizaTenant, name: 'eliza' },
    firstAgent: { id: ids.ofText(firstAgentName), displayName: firstAgentName },
    firstService: { id: serverId, displayName: 'ElizaOS server' },
  };
  const refused = await identity.ensureRealm(realm);
  if (refused !== null) throw new Error(`the tenant of ElizaOS could not be made: ${refused.message}`);
  const named = [config.elizaAuthToken, config.serverApiKey].filter((key) => key !== null);
  const isOpen = config.isForOneMachine === true && named.length === 0;
  const keys = isOpen ? sampleKeys : named;
  const authenticator = withServerKeys(
    identity.authenticator,
    new Map(keys.map((key) => [key, elizaServer])),
  );
  return {
    identity: { ...identity, authenticator },
    anonymous: isOpen ? elizaServer : null,
  };
}

/** What stands for a key in the samples of ElizaOS's documents: where none is needed, these are as good as none. */
const sampleKeys = ['your-api-key', 'your_token'];

const elizaServer: Principal = {
  ...{ tenant: elizaTenant, id: serverId, kind: 'service', displayName: 'ElizaOS server' },
  ...{ scopes, role: 'member', superAdmin: false, sid: 'server key', service: null, expiresAt: null },
};
