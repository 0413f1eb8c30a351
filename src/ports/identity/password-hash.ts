import type { Problem } from '../../domain/problem.ts';

/**
 * Argon2id in a pool: hashing never runs on the event loop, and only so many at once. Behind those a
 * bounded number waits; beyond it the answer is `overloaded`.
 */
export interface PasswordHash {
  hash(password: string): Promise<string | Problem>;
  /** False for a wrong password and for a malformed hash. */
  verify(hash: string, password: string): Promise<boolean | Problem>;
}
