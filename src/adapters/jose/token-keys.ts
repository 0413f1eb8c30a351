/** Our tokens: JWTs signed with Ed25519 (vero.md §2.1). */
import { errors, type JWTPayload, jwtVerify, SignJWT } from 'jose';
import { limits } from '../../domain/limits.ts';
import { Problem } from '../../domain/problem.ts';
import type { Clock } from '../../ports/clock.ts';
import type { SigningKeyStore } from '../../ports/identity/token-key-store.ts';
import type { TokenClaims, TokenFault, TokenKeys, TokenPurpose } from '../../ports/identity/token-signer.ts';
import type { KeyWrap } from '../../ports/sealing/key-wrap.ts';
import { KeyRing } from './key-ring.ts';
import { keySealingBy } from './key-sealing.ts';
import { algorithm } from './signing-key.ts';
import { isCompactJws, originOf } from './token-form.ts';

export interface TokenKeysOptions {
  readonly store: SigningKeyStore;
  readonly clock: Clock;
  /** `iss` of every token. */
  readonly issuer: string;
  /** Wraps the private keys in the store; null: they lie there as they are. */
  readonly wrap?: KeyWrap | null;
}

/** Loads the keys, and makes the first one of a new deployment. Rejects when Postgres is away. */
export async function openTokenKeys({
  store,
  clock,
  issuer,
  wrap = null,
}: TokenKeysOptions): Promise<TokenKeys> {
  const ring = new KeyRing(store, clock, keySealingBy(wrap));
  assertDone(await ring.open());

  return {
    signer: {
      sign: (claims, purpose) => sign(ring, issuer, claims, purpose),
    },
    verifier: {
      originOf: (token) => originOf(token, issuer),
      verify: (token, purpose) => verify(ring, issuer, clock, token, purpose),
    },
    jwks: async () => ({ keys: ring.publicJwks }),
    reload: () => ring.reload(),
  };
}

function assertDone(problem: Problem | null): void {
  if (problem === null) return;
  const { code, message, reason } = problem;
  const sentence = `The signing keys cannot be read or written: ${code}`;
  throw new Error(reason === 'not_unwrapped' ? message : sentence);
}

async function sign(
  ring: KeyRing,
  issuer: string,
  claims: TokenClaims,
  purpose: TokenPurpose,
): Promise<string> {
  const signing = ring.signing;
  if (signing === null) throw new Error('There is no signing key');
  return new SignJWT({ tenant_id: claims.tenant, sid: claims.sid, typ: purpose.type })
    .setProtectedHeader({ alg: algorithm, kid: signing.kid, typ: 'JWT' })
    .setIssuer(issuer)
    .setAudience(purpose.audience)
    .setSubject(claims.subject)
    .setJti(claims.id)
    .setIssuedAt(claims.issuedAtSec)
    .setExpirationTime(claims.expiresAtSec)
    .sign(signing.key);
}

/** A key could not be looked up: thrown through jose and caught here. */
class KeyUnavailable extends Error {}

async function verify(
  ring: KeyRing,
  issuer: string,
  clock: Clock,
  token: string,
  purpose: TokenPurpose,
): Promise<TokenClaims | TokenFault> {
  if (!isCompactJws(token)) return 'invalid';
  try {
    const { payload } = await jwtVerify(token, (header) => keyOf(ring, header.kid), {
      algorithms: [algorithm],
      issuer,
      audience: purpose.audience,
      clockTolerance: limits.clockSkewSec,
      currentDate: new Date(clock.nowMicros() / 1000),
      requiredClaims: ['iss', 'aud', 'sub', 'exp', 'iat', 'jti', 'sid', 'tenant_id', 'typ'],
    });
    return toClaims(payload, purpose, clock) ?? 'invalid';
  } catch (error) {
    if (error instanceof errors.JWTExpired) return 'expired';
    return error instanceof KeyUnavailable ? 'unavailable' : 'invalid';
  }
}

async function keyOf(ring: KeyRing, kid: string | undefined) {
  const key = kid === undefined ? null : await ring.verifying(kid);
  if (key instanceof Problem) throw new KeyUnavailable();
  if (key === null) throw new errors.JWKSNoMatchingKey();
  return key;
}

function toClaims(payload: JWTPayload, purpose: TokenPurpose, clock: Clock): TokenClaims | null {
  const { sub, sid, jti, iat, exp, tenant_id: tenant, typ } = payload;
  if (typ !== purpose.type || typeof sid !== 'string' || typeof tenant !== 'string') return null;
  if (!sub || typeof sub !== 'string' || !jti || typeof jti !== 'string') return null;
  if (iat === undefined || exp === undefined) return null;
  // A token from the future was not signed by a clock we trust.
  if (iat > clock.nowMicros() / 1_000_000 + limits.clockSkewSec) return null;
  return { tenant, subject: sub, sid, id: jti, issuedAtSec: iat, expiresAtSec: exp };
}
