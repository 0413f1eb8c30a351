/** Sockets and what comes over them: part of `limits`. */
export const socketLimits = {
  frameBytesMax: 524_288,
  /** uWebSockets.js accepts more than our own limit, so that we answer 1009 and not the transport. */
  transportFrameBytesMax: 2_097_152,
  badFramesPerMinuteMax: 20,
  /** Of the messaging socket (vero.md §8). */
  messagingFrameBytesMax: 65_536,
  /** Conversations that one of its frames may name. */
  conversationsPerMessagingFrameMax: 100,
  /** Missed messages of one conversation that a resume replays; the rest is for sync. */
  resumedMessagesMax: 200,
  /** A socket must have said who it is by then, whatever it sends meanwhile… */
  helloWaitMs: 5_000,
  /** …and may not send more than this before: a hello with the cursors of 5,000 conversations has 400 KB. */
  helloFramesMax: 8,
  helloBytesMax: 655_360,
  anonymousSocketsMax: 4_096,
  anonymousSocketsPerAddressMax: 256,
  /** Of one node. A fleet may share one API key. */
  socketsPerPrincipalMax: 10_000,
  socketsMax: 100_000,
  heartbeatSec: 30,
  /** vero.md §8: without any sign of life the messaging socket is closed after this. */
  messagingIdleSec: 75,
  /** How soon a socket ends after its API key has expired. */
  expiryLookMs: 1_000,
  openConversationsPerFrameMax: 500,
  /** Of those that one frame opens, so many are loaded at once. */
  conversationsLoadedAtOnce: 32,
  openConversationsPerSocketMax: 5_000,
  /** Frames of a socket whose answer is pending. */
  framesInFlightPerSocketMax: 1_024,
  /** Newest notes "you were added" that a socket remembers: each is sent twice. */
  addedNotesRememberedMax: 64,
} as const;
