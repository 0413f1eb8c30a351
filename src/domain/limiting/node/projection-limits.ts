/** How the projection follows the logs: part of `limits`. */
export const projectionLimits = {
  projectionBatchMax: 1_000,
  projectionRetryMsMax: 5_000,
  /** Between two batches of a partition; a lone event is projected at once, and the more wait, the longer they do. */
  projectionPaceMsMin: 10,
  projectionPaceMs: 120,
  projectionBusyFrom: 16,
  projectionPendingMax: 4_000,
  projectionLagReadyMs: 10_000,
  /** An administrator's count waits so long for the projection, which is some milliseconds behind… */
  projectedNowMsMax: 2_000,
  /** …and looks this often at first, less often the longer it takes. */
  projectedLookMsMin: 5,
  projectedLookMsMax: 50,
  /** A node stands aside for a rebuild that said so within this time. */
  projectionPauseMs: 20_000,
  /** How long a rebuild waits for nodes that have a batch in hand… */
  projectionPauseWaitMs: 60_000,
  /** …and how long it listens each time for one that still projects. */
  projectionAskMs: 500,
  projectionResumeRetryMs: 1_000,
  erasuresInFlightMax: 16,
} as const;
