/** Tokens of an external issuer, verified with its published keys. */
import { errors, type JWTPayload, type JWTVerifyOptions, jwtVerify } from 'jose';
import { limits } from '../../domain/limits.ts';
import { Problem } from '../../domain/problem.ts';
import type { Clock } from '../../ports/clock.ts';
import type { ClaimMapping, ExternalTokens, Vouching } from '../../ports/identity/external-identity.ts';
import { mapClaims } from './mapped-claims.ts';
import { RemoteKeySet, type RemoteKeySetOptions } from './remote-key-set.ts';
import { isCompactJws, issuerOf } from './token-form.ts';

export interface ExternalTokensOptions extends RemoteKeySetOptions {
  /** Null: any issuer whose key is in the set. */
  readonly issuer: string | null;
  /** Null: tokens for anybody. */
  readonly audience: string | null;
  readonly mapping: ClaimMapping;
}

/** Asymmetric ones only: with a secret one, who can verify could also sign. */
const algorithms = [
  ...['EdDSA', 'Ed25519', 'ES256', 'ES384', 'ES512'],
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
];

/** Fetches nothing before the first token. */
export function openExternalTokens(options: ExternalTokensOptions): ExternalTokens {
  const keySet = new RemoteKeySet(options);
  const { clock, mapping } = options;
  return {
    isFor: (token) => options.issuer === null || issuerOf(token) === options.issuer,
    async verify(token) {
      if (!isCompactJws(token)) return 'invalid';
      try {
        const { payload, protectedHeader } = await jwtVerify(
          token,
          async (header) => {
            const key = await keySet.keyFor(header);
            if (key instanceof Problem) throw new KeysAway(key);
            if (key === null) throw new errors.JWKSNoMatchingKey();
            return key;
          },
          expectations(options),
        );
        return isForAccess(payload, protectedHeader.typ) ? vouching(payload, mapping, clock) : 'invalid';
      } catch (error) {
        if (error instanceof KeysAway) return error.problem;
        return error instanceof errors.JWTExpired ? 'expired' : 'invalid';
      }
    },
  };
}

/** The keys cannot be told: thrown through jose and caught here. */
class KeysAway extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super();
    this.problem = problem;
  }
}

function expectations({ issuer, audience, clock }: ExternalTokensOptions): JWTVerifyOptions {
  return {
    algorithms,
    ...(issuer === null ? {} : { issuer }),
    ...(audience === null ? {} : { audience }),
    clockTolerance: limits.clockSkewSec,
    currentDate: new Date(clock.nowMicros() / 1000),
    requiredClaims: ['exp'],
  };
}

const accessTypes: readonly string[] = ['access', 'bearer', 'jwt', 'at+jwt'];

/** Refresh, identity and logout tokens of the same issuer say so: in the header, `typ`, or `token_use`. */
function isForAccess(payload: JWTPayload, headerType: string | undefined): boolean {
  const said = [headerType?.replace(/^application\//i, ''), payload['typ'], payload['token_use']];
  return said
    .filter((word) => word !== undefined)
    .every((word) => typeof word === 'string' && accessTypes.includes(word.toLowerCase()));
}

function vouching(payload: JWTPayload, mapping: ClaimMapping, clock: Clock): Vouching {
  const now = clock.nowMicros();
  if (payload.iat !== undefined && payload.iat > now / 1_000_000 + limits.clockSkewSec) return 'invalid';
  const mapped = mapClaims(payload, mapping);
  if (mapped === null || payload.exp === undefined) return 'invalid';
  const expiresAt = Math.floor(payload.exp * 1_000_000);
  // A key that its issuer takes back ends its tokens when the set is fetched again.
  return { ...mapped, expiresAt, recheckAt: Math.min(expiresAt, now + limits.keySetAgeMsMax * 1000) };
}
