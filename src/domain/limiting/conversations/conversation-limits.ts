/** What one conversation may hold: part of `limits`. */
export const conversationLimits = {
  participantsMax: 1_000,
  /** By one command: they are one atomic step. */
  participantsAddedMax: 100,
  runsMax: 1_000,
  runIdleMs: 15 * 60_000,
  editsPerMessageMax: 1_000,
  /** A year: whoever wants longer edits for ever. */
  editWindowSecMax: 31_536_000,
  reactionsPerPrincipalMax: 20,
  idempotencyWindowMax: 4_096,
  idempotencyKeptMs: 24 * 3_600_000,
  forwardTargetsMax: 20,
  /** How long a forward tries again where a server is away for a moment. */
  forwardRetryMs: 5_000,
  /** How often two principals may end their conversation, and how often one that begins it anew is overtaken. */
  directGenerationsMax: 1_000_000,
  directRoundsMax: 8,
} as const;
