/** What goes out to sockets, and what waits for those that read slowly: part of `limits`. */
export const outboxLimits = {
  outboxBytesMax: 4 * 1024 * 1024,
  /** Outboxes are looked at each time so much was published to topics. */
  outboxLookBytes: 512 * 1024,
  /** Where uWebSockets.js itself drops frames: far enough above that a close frame still has room. */
  transportOutboxBytesMax: 16 * 1024 * 1024,
  /** Above this, volatile pulses are dropped for that socket. */
  outboxPulseBytesMax: 65_536,
  /** From so many readers on, frames of a busy topic are published together. */
  fanoutGatherFrom: 24,
  fanoutGatherMs: 2,
  fanoutGatherMsMax: 10,
  fanoutGatherFramesMax: 64,
  backlogPageBytesMax: 262_144,
  backlogStallMs: 30_000,
} as const;
