/** Tokens of guests: each names the one session of its guest. */
import { isUuid } from '../../../domain/ids.ts';
import { guestTenant } from '../../../domain/limiting/guest-limits.ts';
import type { Principal } from '../../../domain/principal.ts';
import { Problem } from '../../../domain/problem.ts';
import type { IdentityDeps } from '../identity-deps.ts';
import { principalOfSession, unauthenticated } from './principal-of.ts';
import { guestPurpose } from './token-purposes.ts';

type Deps = Pick<IdentityDeps, 'store' | 'keys' | 'clock'>;

/** Who a guest's token belongs to. */
export async function principalOfGuestToken(deps: Deps, token: string): Promise<Principal | Problem> {
  const { verifier } = deps.keys;
  if (verifier.originOf(token) !== 'ours') return unauthenticated('invalid');
  const claims = await verifier.verify(token, guestPurpose);
  if (claims === 'unavailable') return new Problem('unavailable');
  if (typeof claims === 'string') return unauthenticated(claims === 'expired' ? 'token_expired' : 'invalid');
  if (claims.tenant !== guestTenant || !isUuid(claims.sid)) return unauthenticated('invalid');
  const found = await guestOfSession(deps, claims.sid);
  return found instanceof Problem || found.id === claims.subject ? found : unauthenticated('token_revoked');
}

export async function guestOfSession(
  { store, clock }: Pick<Deps, 'store' | 'clock'>,
  sid: string,
): Promise<Principal | Problem> {
  const found = await store.sessions.load(guestTenant, sid);
  if (found instanceof Problem) return found;
  if (found === null) return unauthenticated('token_revoked');
  return principalOfSession(found, clock.nowMicros(), found.session.expiresAt);
}
