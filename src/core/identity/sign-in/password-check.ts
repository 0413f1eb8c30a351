import { Problem } from '../../../domain/problem.ts';
import type { PasswordHash } from '../../../ports/identity/password-hash.ts';

/**
 * Checks passwords in equal time whether the address is known or not: an unknown one is verified against
 * a hash that no password has.
 */
export class PasswordCheck {
  readonly #passwords: PasswordHash;
  readonly #dummyHash: string;

  private constructor(passwords: PasswordHash, dummyHash: string) {
    this.#passwords = passwords;
    this.#dummyHash = dummyHash;
  }

  /** `secret` is random and kept nowhere. Rejects when it cannot be hashed. */
  static async open(passwords: PasswordHash, secret: string): Promise<PasswordCheck> {
    const dummyHash = await passwords.hash(secret);
    if (dummyHash instanceof Problem) throw new Error(`Passwords cannot be hashed: ${dummyHash.code}`);
    return new PasswordCheck(passwords, dummyHash);
  }

  hash(password: string): Promise<string | Problem> {
    return this.#passwords.hash(password);
  }

  /** `stored` is null for an unknown address: the answer is then false, as late as any other. */
  async verify(stored: string | null, password: string): Promise<boolean | Problem> {
    const matches = await this.#passwords.verify(stored ?? this.#dummyHash, password);
    return matches instanceof Problem ? matches : matches && stored !== null;
  }
}
