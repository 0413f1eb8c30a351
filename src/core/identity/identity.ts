/** Identity, put together: what openIdentity() answers is all that others know of it. */
import { limits } from '../../domain/limits.ts';
import { Problem } from '../../domain/problem.ts';
import type { Identity } from '../../ports/identity/identity-service.ts';
import type { IdentityChange } from '../../ports/identity/identity-store.ts';
import { regularly } from '../regularly.ts';
import { ManagedAgents } from './agents/managed-agents.ts';
import { CachingAuthenticator } from './credentials/authenticator.ts';
import { ChangeFollower } from './credentials/change-follower.ts';
import { FollowedKeys } from './credentials/followed-keys.ts';
import { ensureAdministrator } from './ensure-administrator.ts';
import { ensureRealm } from './ensure-realm.ts';
import { ExternalAuthentication } from './external/external-authentication.ts';
import { guestsWith } from './guests.ts';
import type { IdentityDeps } from './identity-deps.ts';
import { KnownPrincipals } from './known-principals.ts';
import { CachedNamedPrincipals } from './named-principals.ts';
import { ownPrincipalWith } from './own-principal.ts';
import { PasswordCheck } from './sign-in/password-check.ts';
import { PasswordLogins } from './sign-in/password-logins.ts';
import { Sessions } from './sign-in/sessions.ts';
import { signInWith } from './sign-in/sign-in.ts';
import { tenantAdministrationWith } from './tenant-administration.ts';

/** Follows changes from now on. Rejects when Postgres is away. */
export async function openIdentity(deps: IdentityDeps): Promise<Identity> {
  const { store, keys, link, clock, log } = deps;
  const generation = (): number => follower.generation;
  const { external } = deps;
  const outside =
    external === undefined ? null : new ExternalAuthentication(deps, external, external.store, generation);
  const authenticator = new CachingAuthenticator(deps, generation, outside);
  const onRevoked = (): void => authenticator.voidTokens();
  const followedKeys = new FollowedKeys({ keys, clock, log, onRevoked });
  const directory = new KnownPrincipals(store.principals, generation);
  const named = new CachedNamedPrincipals(deps, generation);
  const agents = new ManagedAgents(deps, generation, () => follower.announce());

  const apply = (changes: readonly IdentityChange[]): void => {
    for (const change of changes) {
      if (change.kind === 'signing_keys') {
        void followedKeys.changed(change.reason);
        continue;
      }
      if (change.kind === 'data_keys') {
        deps.onDataKeys?.(change.tenant, change.reason === 'revoked');
        continue;
      }
      if (change.kind === 'principal') {
        directory.forget(change.tenant, change.subject);
        agents.changed(change.tenant, change.subject);
      }
      named.apply(change);
      authenticator.apply(change);
    }
  };
  const forgetAll = (): void => {
    authenticator.forgetAll();
    directory.forgetAll();
    agents.forgetAll();
    void followedKeys.changed('changed');
    deps.onDataKeys?.(null, true);
    named.forgetAll();
  };
  const follower = new ChangeFollower({ feed: store.changeFeed(), link, clock, log, apply, forgetAll });
  const passwords = await PasswordCheck.open(deps.passwords, deps.secrets.random());
  await follower.open();

  const logins = new PasswordLogins(deps, passwords);
  const announce = (): Promise<void> => follower.announce();
  const sessions = new Sessions(deps, announce);
  const stopPruning = pruneRegularly(deps);
  return {
    signIn: signInWith(deps, passwords, logins, sessions),
    own: ownPrincipalWith(deps, passwords, logins, sessions, announce),
    administration: tenantAdministrationWith(deps, directory, announce, (tenant, id) =>
      agents.removed(tenant, id),
    ),
    agents,
    directory,
    authenticator,
    named,
    guests: guestsWith(deps),
    ensureRealm: (realm) => ensureRealm(deps, realm),
    ensureAdministrator: (email, password) =>
      ensureAdministrator(deps, passwords, announce, { email, password }),
    jwks: () => keys.jwks(),
    async close() {
      await stopPruning();
      followedKeys.close();
      await follower.close();
    },
  };
}

/** Every node prunes; deleting what another one has deleted costs nothing. */
function pruneRegularly({ store, clock, log }: IdentityDeps): () => Promise<void> {
  return regularly(clock, limits.identityPruneMs, async () => {
    const refused = await store.prune(clock.nowMicros());
    if (refused instanceof Problem) log.warn({ code: refused.code }, 'Ended sessions were not pruned');
  });
}
