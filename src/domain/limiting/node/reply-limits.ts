/** Bounds of answers that go on while things happen (server-sent events): part of `limits`. */
export const replyLimits = {
  /** Those that a node has open, all together and those of one caller… */
  openRepliesMax: 10_000,
  openRepliesPerCallerMax: 1_000,
  /** …how long each of them may be… */
  openReplyMsMax: 15 * 60_000,
  /** …what waits in one for a reader that is slower than its pieces come… */
  openReplyWaitingBytesMax: 1_048_576,
  /** …and how long they may go on in a node that closes, to come to their own end. */
  openReplyDrainMs: 3_000,
  /** How long a client of ElizaOS waits for the answer of an agent at most. */
  answerHeardMsMax: 120_000,
} as const;
