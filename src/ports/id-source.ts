/** Where new ids come from. */
export interface IdSource {
  /** A new UUIDv7: increasing on this node. */
  next(): string;
  /** UUIDv5 of a name: the same everywhere. */
  fromName(name: string): string;
  /**
   * The UUID that ElizaOS makes of a text, the same everywhere: SHA-1 of its URI-encoded form, version 0. A lone
   * surrogate counts as U+FFFD.
   */
  ofText(text: string): string;
}
