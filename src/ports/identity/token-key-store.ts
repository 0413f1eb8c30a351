/** Where signing keys are kept: every node signs and verifies with the same ones. */
import type { Problem } from '../../domain/problem.ts';
import type { Micros } from '../../domain/time.ts';
import type { AuditEntry } from '../audit.ts';

export interface SigningKeyRecord {
  readonly kid: string;
  /** A JWK (RFC 8037: OKP, Ed25519), or as text what KeyWrap made of its JSON. */
  readonly privateJwk: Readonly<Record<string, unknown>> | string;
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
  /**
   * Adds a key and retires all others; with `isRevoking` they are deleted instead, so that nothing that they
   * signed verifies any more.
   */
  replace(key: SigningKeyRecord, isRevoking: boolean, audit: AuditEntry): Promise<Problem | null>;
  /** Stores the same keys wrapped anew, all or none. One that was replaced meanwhile is left as it is. */
  rewrap(
    keys: readonly Pick<SigningKeyRecord, 'kid' | 'privateJwk'>[],
    audit: AuditEntry,
  ): Promise<Problem | null>;
}
