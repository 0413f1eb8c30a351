/** How much one look at history, lists and unread messages may ask for: part of `limits`. */
export const readingLimits = {
  historyPageMax: 200,
  /** Pages that one request reads on over deleted messages. */
  historyRoundsMax: 100,
  /** Of one sync: conversations, messages of each, and messages in all. */
  syncedConversationsMax: 100,
  syncedMessagesMax: 2_000,
  /** Conversations that one sync reads at once. */
  syncedAtOnceMax: 10,
  listPageMax: 200,
  /** A list of conversations without pages (Symbia) ends here. */
  conversationsListedMax: 5_000,
  /** Different counts of conversations that are under way at once. */
  surveysInFlightMax: 1_000,
  /** Newest messages of a conversation that an administrator sees with it. */
  recentMessagesShown: 100,
  /** Conversations of one channel that are looked at for one that the caller may see. */
  channelMatchesMax: 50,
  /** Readers whose last read mark a node remembers, so as not to send it again. */
  readMarksMax: 10_000,
  /** Read marks on their way at once: fewer than sqlRequestConnectionsMax, which others need, too. */
  readMarksInFlightMax: 4,
  /** A message that is named without its conversation is looked for so long: the projection follows within it. */
  messageSoughtMs: 1_000,
  /** Conversations whose unread messages one answer tells: as many as a person might be in, and ten times that. */
  unreadListedMax: 100_000,
  /** The newest entries among which a list looks for the message to show. */
  previewSoughtMax: 1_000,
  /** Stored versions that one query of edit histories answers. */
  versionsPageMax: 2_000,
} as const;
