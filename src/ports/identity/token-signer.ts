/** Signed tokens (JWT). What they prove is checked by core against the session. */
import type { PrincipalId, TenantId } from '../../domain/ids.ts';
import type { Problem } from '../../domain/problem.ts';

export interface TokenClaims {
  readonly tenant: TenantId;
  readonly subject: PrincipalId;
  readonly sid: string;
  /** Unique id of this token. */
  readonly id: string;
  /** Seconds since the epoch. */
  readonly issuedAtSec: number;
  readonly expiresAtSec: number;
}

/** What a token is for: one made for another purpose does not verify. */
export interface TokenPurpose {
  readonly audience: string;
  readonly type: string;
}

export interface TokenSigner {
  sign(claims: TokenClaims, purpose: TokenPurpose): Promise<string>;
}

export type TokenFault = 'invalid' | 'expired' | 'unavailable';

/** Whose a text claims to be: a token of ours, of another issuer, or no JWT at all. Nothing is verified. */
export type TokenOrigin = 'ours' | 'foreign' | 'opaque';

export interface TokenVerifier {
  originOf(token: string): TokenOrigin;
  /** Never rejects. `unavailable`: it names a key that could not be looked up. */
  verify(token: string, purpose: TokenPurpose): Promise<TokenClaims | TokenFault>;
}

/** The keys behind both. */
export interface TokenKeys {
  readonly signer: TokenSigner;
  readonly verifier: TokenVerifier;
  /** The public keys as a JWK set (RFC 7517): what /.well-known/jwks.json answers. */
  jwks(): Promise<{ readonly keys: readonly object[] }>;
  /**
   * Reads the keys again: one was made, retired or revoked. `internal`/`not_unwrapped`: they verify, but this
   * node cannot sign, because its master key is not the one that wrapped the present key.
   */
  reload(): Promise<Problem | null>;
}
