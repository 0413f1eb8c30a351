/** Bounds of a node that closes: part of `limits`. */
export const drainLimits = {
  /** The longest PARLEY_DRAIN_DELAY_MS: below what is waited for any part of a node that closes. */
  drainDelayMsMax: 30_000,
  /** How long it waits for requests in flight. */
  drainRequestsMs: 10_000,
  /** It closes its sockets in so many waves, so that they do not come back all at once… */
  drainWaves: 20,
  drainWaveMs: 100,
  /** …and tells each to wait for a random part of this, 1 ms for each socket that is closed. */
  drainRetryMsMin: 500,
  drainRetryMsMax: 15_000,
} as const;
