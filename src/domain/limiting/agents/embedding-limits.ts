/** Bounds of messages that are answered together with their conversations, or all at once: part of `limits`. */
export const embeddingLimits = {
  /** The newest of each conversation of a page… */
  messagesOfListedMax: 50,
  /** …and of one that is asked for alone. */
  messagesEmbeddedMax: 5_000,
  /** Their texts together. */
  embeddedBytesMax: 8 * 1024 * 1024,
  /** Entries from the end of a listed conversation that are looked at for messages: the others are control events, or deleted. */
  embeddedSoughtMax: 1_000,
  /** A list of messages that has no pages unless they are asked for. */
  messagesListedMax: 20_000,
  messagesListedBytesMax: 16 * 1024 * 1024,
  /** Entries that are read at once for it. */
  messagesReadAtOnce: 1_000,
} as const;
