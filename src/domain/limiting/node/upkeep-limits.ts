/** Bounds of what an operator starts: backups, restores, rebuilds of the projection. Part of `limits`. */
export const upkeepLimits = {
  snapshotChunkBytes: 256 * 1024,
  /** So long nats-server may be silent: it packs a large stream, or unpacks it, before it answers. */
  snapshotAnswerMs: 120_000,
  /**
   * Nobody waits for a rebuild, so its transactions are larger: what a conversation costs in each of them (its lock,
   * its row) is paid for more of its events.
   */
  rebuildBatchMax: 4_000,
  /** A rebuild that makes no progress for this long has failed. */
  rebuildStallMsMax: 120_000,
} as const;
