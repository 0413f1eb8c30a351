/** Every bound of the client. What the server bounds is in its hello (`limits`). */
export const bounds = {
  /** Requests without an answer: the server takes 1,024 of a socket. */
  requestsMax: 1_000,
  /** A handshake and its hello, a request without an answer: then the connection counts as lost. */
  handshakeMs: 10_000,
  answerMs: 30_000,
  /** After so much silence the server is asked for a sign of life, and after as much again it counts as lost. */
  heartbeatMs: 15_000,
  /** Pauses between attempts to connect: a random part of what doubles from one to the next. */
  pauseMsMin: 250,
  pauseMsMax: 15_000,
  /** Open for so long, a connection was a good one: the next attempt begins with the shortest pause. */
  steadyMs: 5_000,
  /** How long connect() tries, and how long a refusal that may pass is tried again (posts: for ever). */
  connectMs: 30_000,
  retryMs: 30_000,
  /** Fresh tokens in a row that are refused until the client gives up. */
  refusedTokensMax: 2,
  /** What a feed holds for a reader that is slow; beyond, it reads on from the log when there is room. */
  feedItemsMax: 1_000,
  feedCharsMax: 8 * 1_048_576,
  pageMax: 200,
  /** Conversations that a feed has left and could come back to: told up to where. */
  leftConversationsMax: 1_000,
  /** Messages of one conversation that are being written; the oldest go beyond it. */
  draftsMax: 1_000,
  /** Conversations whose position a NATS subscriber knows; the one that was silent longest goes beyond it. */
  livePositionsMax: 100_000,
  openedAtOnce: 500,
  /** Clocks of nodes differ by less. */
  clockSkewMs: 60_000,
  /** A frame, and a delta, in bytes: below what the server takes (512 KiB, 16 KiB). */
  frameBytesMax: 524_288,
  deltaBytesMax: 16_384,
  /** Text of one streamed message. */
  draftCharsMax: 262_144,
  /** Texts that follow each other within this time are one piece: readers get them joined anyway. */
  pieceJoinMs: 10,
  /** Refusals of pieces in a row, after which a stream gives up. */
  streamRefusalsMax: 20,
  /** What a socket holds that is not on its way: beyond, whoever streams waits. */
  socketBufferBytesMax: 262_144,
} as const;
