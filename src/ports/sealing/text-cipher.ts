/** Seals texts with a data key: authenticated encryption, bound to the place that a text belongs to. */

export interface TextCipher {
  /** A new data key, from the system's randomness. */
  newKey(): Uint8Array;
  /**
   * `v1.<version>.<nonce>.<ciphertext>.<tag>`, the parts in base64url, different at each call. It opens only
   * with the same key, version and `place`.
   */
  seal(text: string, key: Uint8Array, version: number, place: readonly (string | number)[]): string;
  /** Null: not sealed with this key, or for another place, or changed since. */
  open(sealed: string, key: Uint8Array, place: readonly (string | number)[]): string | null;
  /** The key version that a sealed text names; null when it is not one. */
  versionOf(sealed: string): number | null;
}
