/** Bounds of traces: a collector that is away or slow costs nothing but what it was not told. */
export const tracingLimits = {
  /** Spans that wait for the collector; more are dropped, and counted. */
  spansWaitingMax: 8_192,
  spansPerExportMax: 512,
  spanExportPauseMs: 2_000,
  spanExportMsMax: 10_000,
  /** How long a node that ends waits for the collector. */
  spanFlushMsMax: 3_000,
  /** A batch of the projection names so many of its causes. */
  spanLinksMax: 64,
  spanTextCharsMax: 256,
} as const;
