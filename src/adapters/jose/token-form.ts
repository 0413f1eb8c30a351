/** What a text shows of itself before anything is verified: it decides who verifies it, nothing else. */
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { limits } from '../../domain/limits.ts';
import type { TokenOrigin } from '../../ports/identity/token-signer.ts';

/** Three segments of base64url; the signature, which nothing signs, in its one canonical spelling. */
export function isCompactJws(token: string): boolean {
  if (token.length > limits.tokenCharsMax) return false;
  const parts = /^[\w-]+\.[\w-]+\.([\w-]+)$/.exec(token);
  const signature = parts?.[1];
  return signature !== undefined && Buffer.from(signature, 'base64url').toString('base64url') === signature;
}

/** By its `iss`: a token that names ours is ours alone, whatever else it says. */
export function originOf(token: string, ourIssuer: string): TokenOrigin {
  const issuer = issuerOf(token);
  if (issuer === null) return 'opaque';
  return issuer === ourIssuer ? 'ours' : 'foreign';
}

/** `iss` as it stands there; undefined when there is none, null for what is no JWT. Nothing is verified. */
export function issuerOf(token: string): unknown {
  if (token.length > limits.tokenCharsMax) return null;
  try {
    decodeProtectedHeader(token);
    return decodeJwt(token).iss;
  } catch {
    return null;
  }
}
