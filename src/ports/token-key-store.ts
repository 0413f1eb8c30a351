/** Where signing keys are kept: every node signs and verifies with the same ones. */
import type { Problem } from '../domain/problem.ts';
import type { Micros } from '../domain/time.ts';

export interface SigningKeyRecord {
  readonly kid: string;
  /** JWKs (RFC 8037: OKP, Ed25519). */
  readonly privateJwk: Readonly<Record<string, unknown>>;
  readonly publicJwk: Readonly<Record<string, unknown>>;
  readonly createdAt: Micros;
  /** No token is signed with it any more; null while it is in use. */
  readonly retiredAt: Micros | null;
}

export interface SigningKeyStore {
  /** Newest first. */
  list(): Promise<readonly SigningKeyRecord[] | Problem>;
  /** Adds the deployment's first key; does nothing when there is one. */
  addFirst(key: SigningKeyRecord): Promise<Problem | null>;
  /** Adds a key and retires all others. */
  replace(key: SigningKeyRecord): Promise<Problem | null>;
}
