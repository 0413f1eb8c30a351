import { createHash, randomBytes, randomUUID } from 'node:crypto';
import type { TokenSecrets } from '../../ports/identity/token-secrets.ts';

const secretBytes = 32;

/** Secrets from the system's generator. They have 256 random bits, so a plain digest is all they need. */
export const tokenSecrets: TokenSecrets = {
  random: () => randomBytes(secretBytes).toString('base64url'),
  randomId: () => randomUUID(),
  digest: (secret) => createHash('sha256').update(secret).digest(),
};
