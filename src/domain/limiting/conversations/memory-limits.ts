/** What a node keeps of conversations in memory: part of `limits`. */
export const memoryLimits = {
  conversationsCachedMax: 100_000,
  cacheBytesMax: 512 * 1024 * 1024,
  pagesKeptMax: 4,
  /** Ranges of a conversation that are remembered to be read, until they are read again. */
  rangesReadMax: 16,
  recentEntriesMin: 64,
  recentEntriesMax: 128,
  /** Beyond this the newest entries are fewer: a followed conversation stays in memory whatever it holds. */
  recentBytesMax: 4_194_304,
  tailEventsMin: 64,
  tailEventsMax: 256,
  /** Beyond this a tail forgets even recent events: the log has them. */
  tailBytesMax: 1_048_576,
} as const;
