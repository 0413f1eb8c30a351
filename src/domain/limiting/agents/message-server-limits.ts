/** The bounds of message servers (ElizaOS), as part of `limits`. */
export const messageServerLimits = {
  messageServersPerTenantMax: 1_000,
  agentsPerMessageServerMax: 1_000,
  /** Channels that a list of those of a message server ends with, the newest activity first. */
  channelsListedMax: 1_000,
  /** Channels that one request names which are known elsewhere, and messages of one from there. */
  channelsSyncedMax: 100,
  messagesIngestedMax: 100,
  /** Conversations in which a message is looked for that is named alone, by who may read all of them. */
  messageSoughtInMax: 100_000,
  /** Steps in which all messages of a channel are deleted: a page of them each. */
  channelClearRoundsMax: 5_000,
  /** Deletions of one such step that are under way at once. */
  channelClearedAtOnce: 50,
  /** Lists of channels that are deleted with their message server, each of limits.channelsListedMax. */
  serverClearRoundsMax: 100,
} as const;
