/** How processes share the partitions that are to be projected. */
export const projectorLimits = {
  /** Each says so often that it is there… */
  projectorHereMs: 1_500,
  /** …and one that was silent for so long is counted no more. */
  projectorSilentMs: 5_000,
  /** Whose turn it is has so long to take a partition up; then everybody offers to. */
  projectorMissingMs: 10_000,
  /** Others are not heard of any more: a bound, far from what a deployment has. */
  projectorsKnownMax: 4_096,
  /** What was delivered is projected before a partition is handed on, but no longer than this. */
  projectionDrainMsMax: 3_000,
  /** A consumer renews its request for messages after this; a look that failed is repeated after about as long. */
  consumerPullMs: 6_000,
  /** After two of these without a sign of the server a consumer asks anew. */
  consumerHeartbeatMs: 2_000,
  /** A consumer that closes waits so long for what is on its way to it. */
  consumerDrainMs: 2_000,
} as const;
