/** From a command to its events in the log: part of `limits`. */
export const writingLimits = {
  decideRoundsMax: 64,
  appendTimeoutMs: 5_000,
  /** The last pause before an append that no stream listened to is sent again; all of them are 0.8 s. */
  appendUnheardPauseMsMax: 400,
  /** Queue depth from which a batch is cheaper than single appends (measured.md: 2.4 ms a batch on R1). */
  batchThresholdR1: 48,
  batchThresholdR3: 8,
  batchEventsMax: 500,
  batchBytesMax: 4 * 1024 * 1024,
  lossesBeforeForward: 3,
  forwardMs: 2_000,
  forwardTimeoutMs: 2_000,
  logReadPageMax: 500,
  logReadTimeoutMs: 5_000,
  lagBridgedMax: 20_000,
  unknownResolveMs: 10_000,
} as const;
