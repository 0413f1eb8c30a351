/** Argon2id in a pool: hashing never runs on the event loop, and only so many at once. */
export interface PasswordHash {
  hash(password: string): Promise<string>;
  /** False for a wrong password and for a malformed hash. */
  verify(hash: string, password: string): Promise<boolean>;
}
