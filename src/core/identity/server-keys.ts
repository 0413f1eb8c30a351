/** Keys that the environment of a deployment names: each is a principal as long as the process runs. */
import type { Principal } from '../../domain/principal.ts';
import type { Authenticator } from '../../ports/identity/identity-authenticator.ts';

/**
 * The same authenticator, to which each of `keys` is a credential, too, as bearer and as key. Nobody revokes them;
 * who has one is what the map says.
 */
export function withServerKeys(
  authenticator: Authenticator,
  keys: ReadonlyMap<string, Principal>,
): Authenticator {
  if (keys.size === 0) return authenticator;
  const bySid = new Map([...keys.values()].map((principal) => [principal.sid, principal]));
  const known = (secret: string | null | undefined): Principal | null => keys.get(secret ?? '') ?? null;
  return {
    authenticateCached: (secret) => known(secret) ?? authenticator.authenticateCached(secret),
    authenticate: (shown) => known(shown.bearer) ?? known(shown.apiKey) ?? authenticator.authenticate(shown),
    renew: async (principal) => bySid.get(principal.sid) ?? authenticator.renew(principal),
    forget: (secret) => authenticator.forget(secret),
    onRevoked: (listener) => authenticator.onRevoked(listener),
  };
}
