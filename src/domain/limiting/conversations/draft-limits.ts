/** Messages that are streamed: part of `limits`. */
export const draftLimits = {
  draftSilenceMs: 60_000,
  draftAgeMs: 15 * 60_000,
  draftsPerConversationMax: 1_000,
  draftChunksReadMax: 50_000,
  draftCloseRoundsMax: 4,
  deltaWindowMsMax: 200,
} as const;
