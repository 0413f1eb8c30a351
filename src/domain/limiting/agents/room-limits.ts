/** Bounds of sockets that join rooms (ElizaOS), as part of `limits`. */
export const roomLimits = {
  /** Channels that one socket waits for because they are not there yet: each is a subscription. */
  roomsAwaitedPerSocketMax: 500,
  /** A sender's own copy that was not seen by then is sent without waiting any longer. */
  ownCopyMsMax: 5_000,
  /** Names of those who speak that a node remembers, and for how long without asking again. */
  namesKnownMax: 20_000,
  namesKnownForMs: 30_000,
  /** Messages of a channel that its world's state shows. */
  worldMessagesMax: 50,
} as const;
