/** One signing key, as it is made and kept. */
import { calculateJwkThumbprint, exportJWK, generateKeyPair } from 'jose';
import { Problem } from '../../domain/problem.ts';
import type { Micros } from '../../domain/time.ts';
import type { SigningKeyRecord } from '../../ports/identity/token-key-store.ts';
import type { KeySealing } from './key-sealing.ts';

/** The one algorithm. A token's own `alg` is compared with it, never followed. */
export const algorithm = 'EdDSA';

export async function newSigningKey(sealing: KeySealing, now: Micros): Promise<SigningKeyRecord> {
  const { privateKey, publicKey } = await generateKeyPair(algorithm, { crv: 'Ed25519', extractable: true });
  const bare = await exportJWK(publicKey);
  const kid = await calculateJwkThumbprint(bare);
  const publicJwk = { ...bare, kid, alg: algorithm, use: 'sig' };
  const privateJwk = { ...(await exportJWK(privateKey)), kid, alg: algorithm, use: 'sig' };
  return { kid, privateJwk: sealing.seal(kid, privateJwk), publicJwk, createdAt: now, retiredAt: null };
}

export function notUnwrapped(kid: string): Problem {
  const sentence =
    `The signing key ${kid} was wrapped by another master key: PARLEY_MASTER_KEY, or ` +
    'PARLEY_MASTER_KEY_PREVIOUS, must be the one that wrapped it.';
  return new Problem('internal', sentence, { reason: 'not_unwrapped' });
}
