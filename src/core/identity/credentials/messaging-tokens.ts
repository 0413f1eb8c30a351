/** Messaging tokens: each opens a socket or two, so none is remembered; what it stands for is looked up each time. */
import { isTenantId, isUuid } from '../../../domain/ids.ts';
import { limits } from '../../../domain/limits.ts';
import type { Principal } from '../../../domain/principal.ts';
import { Problem } from '../../../domain/problem.ts';
import type { TokenClaims } from '../../../ports/identity/token-signer.ts';
import type { IdentityDeps } from '../identity-deps.ts';
import { principalOfKey, principalOfSession, unauthenticated } from './principal-of.ts';
import { messagingPurpose } from './token-purposes.ts';

type Deps = Pick<IdentityDeps, 'store' | 'keys' | 'clock' | 'log'>;

/**
 * Who a messaging token belongs to; never rejects. Looked up again when a change arrived meanwhile, which may have
 * been the end of the very session.
 */
export async function principalOfMessagingToken(
  deps: Deps,
  token: string,
  generation: () => number,
): Promise<Principal | Problem> {
  if (token.length > limits.tokenCharsMax) return unauthenticated('invalid');
  try {
    for (let round = 1; ; round += 1) {
      const before = generation();
      const found = await lookUp(deps, token);
      if (found instanceof Problem || before === generation()) return found;
      if (round === limits.authenticationRoundsMax) return found;
    }
  } catch (error) {
    deps.log.error({ error }, 'A messaging token could not be looked up');
    return new Problem('internal');
  }
}

async function lookUp(deps: Deps, token: string): Promise<Principal | Problem> {
  const { verifier } = deps.keys;
  if (verifier.originOf(token) !== 'ours') return unauthenticated('invalid');
  const claims = await verifier.verify(token, messagingPurpose);
  if (claims === 'unavailable') return new Problem('unavailable');
  if (typeof claims === 'string') return unauthenticated(claims === 'expired' ? 'token_expired' : 'invalid');
  if (!isTenantId(claims.tenant) || !isUuid(claims.sid)) return unauthenticated('invalid');
  return await principalOf(deps, claims);
}

/** `sid` names a session or an API key: whichever asked for the token. */
async function principalOf({ store, clock }: Deps, claims: TokenClaims): Promise<Principal | Problem> {
  const { tenant, subject, sid } = claims;
  const session = await store.sessions.load(tenant, sid);
  if (session instanceof Problem) return session;
  if (session !== null && session.principal.id === subject)
    return principalOfSession(session, clock.nowMicros(), claims.expiresAtSec * 1_000_000);
  const key = await store.apiKeys.load(tenant, sid);
  if (key instanceof Problem) return key;
  const isOwn = key !== null && key.principal.id === subject;
  return isOwn ? principalOfKey(key, clock.nowMicros()) : unauthenticated('token_revoked');
}
