/** The bounds of typing and presence, as part of `limits`. */
export const presenceLimits = {
  typingMs: 6_000,
  /** Who goes on typing is told of once in this time (vero.md §1). */
  typingFanOutMs: 2_000,
  presenceOfflineMs: 10_000,
  presenceConversationsMax: 1_000,
  presenceAskMs: 500,
  /** Readers that a node tells of presence in a second: a quarter of what it can deliver (decisions/0017)… */
  presenceReadersPerSec: 50_000,
  /** …and at once; one conversation counts as so many readers more… */
  presenceReadersBurst: 5_000,
  presencePulseReaders: 8,
  /** …so many conversations of a principal are told before it is another's turn, and whoever waits is looked at so often. */
  presenceTurnPulses: 32,
  presenceTurnMs: 20,
  /** Conversations in which something waits to be told, of all principals of a node together. */
  presenceWaitingMax: 200_000,
  /** Of a status that is any JSON (Symbia), and of the text beside one. */
  presenceStatusBytesMax: 1_024,
  presenceDetailCharsMax: 255,
  /** Principals who left, and when a node saw them last; and how many of its own may be about to leave. */
  presenceKeptMax: 200_000,
  /** What happens within this goes to the other nodes together, so many principals a note. */
  presenceGatherMs: 20,
  presenceNotesMax: 500,
  /** A node says this often that it is there… */
  presenceBeatMs: 5_000,
  /** …and its principals are gone when nothing was heard of it for this long. */
  presenceNodeMsMax: 20_000,
  /** News of presence whose receivers a node remembers, so that none is told twice. */
  presenceNewsKeptMax: 1_024,
} as const;
