/** Wraps keys that are stored: a copy of the database alone opens nothing. */

/** What a wrapped key is for, and its own id: a text that is moved to another row does not unwrap there. */
export interface WrapBinding {
  /** `signing-key`, `data-key`: one word for each kind of key. */
  readonly purpose: string;
  readonly id: string;
}

export interface KeyWrap {
  /** Names the master key that wraps; two nodes with the same id unwrap each other's keys. No secret. */
  readonly id: string;
  /** A text for a column: a few hundred characters for a key, different at each call. */
  wrap(bytes: Uint8Array, binding: WrapBinding): string;
  /** Null: wrapped by a master key that is not known here, for another binding, or changed since. */
  unwrap(text: string, binding: WrapBinding): Uint8Array | null;
  /** False: wrapped by a former master key, so that it should be wrapped anew. */
  isCurrent(text: string): boolean;
}
