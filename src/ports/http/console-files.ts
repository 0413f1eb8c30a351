/** The web console as it was built: what a node serves at /console. */
export interface ConsoleFile {
  readonly contentType: string;
  /** Names the bytes; with its quotes. */
  readonly etag: string;
  readonly bytes: Uint8Array;
  /** The same, compressed when it was built; null: not worth it. */
  readonly brotli: Uint8Array | null;
  readonly gzip: Uint8Array | null;
}

export interface ConsoleFiles {
  readonly page: ConsoleFile;
  /** By name; a name has the hash of its content, so a file never changes. */
  readonly assets: ReadonlyMap<string, ConsoleFile>;
}
