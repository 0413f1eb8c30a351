/** Where new ids come from. */
export interface IdSource {
  /** A new UUIDv7: increasing on this node. */
  next(): string;
  /** UUIDv5 of a name: the same everywhere. */
  fromName(name: string): string;
}
