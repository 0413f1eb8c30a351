/** The bounds of agents that run here, as part of `limits`. */
export const agentLimits = {
  /** A message that was not answered by then is not answered any more. */
  agentTurnAgeMs: 3_600_000,
  /** One answer of a model, from being asked to its last word. */
  agentRunMsMax: 120_000,
  /** From being asked to its first piece, and from one piece to the next. */
  modelFirstPieceMsMax: 60_000,
  modelPieceMsMax: 30_000,
  /** So many failures of a model within this time, and it is left alone for a while that doubles. */
  modelBreakerFailures: 5,
  modelBreakerWindowMs: 30_000,
  modelBreakerOpenMsMin: 1_000,
  modelBreakerOpenMsMax: 30_000,
  /** Newest entries of a conversation that a model is shown, and the characters of them together. */
  agentHistoryMax: 40,
  agentHistoryCharsMax: 48_000,
  /** Longer answers end here: at most four bytes each, they fit into a message. */
  agentAnswerCharsMax: 60_000,
  /** Newest entries after the message that are looked at: whether it was answered or stopped. */
  agentLaterMax: 200,
  /** Messages of agents in a row after which none of them is answered by another one. */
  agentTalkMax: 6,
  /** A model that fails is asked so often for one answer… */
  agentAttemptsMax: 3,
  /** …and a server that is away is tried again after this, growing. */
  agentRetryMsMin: 250,
  agentRetryMsMax: 5_000,
  /** Runs of one agent at once on one node, and of all. */
  agentRunsPerAgentMax: 16,
  agentRunsPerNodeMax: 256,
  /** A paused conversation is looked at again this often, should the news of its resume be lost. */
  agentPausedLookMs: 10_000,
  /** Turns of one partition that are in the hands of a node, running or waiting. */
  agentTurnsPendingMax: 2_000,
  agentTurnsPulledMax: 500,
  /** Deliveries of a turn: each after the first one follows a node that died with it, or gave it back. */
  agentTurnDeliveriesMax: 8,
  /** A turn whose node says nothing for this long is delivered to another one; it says so this often. */
  agentTurnSilenceMs: 10_000,
  agentTurnWorkingMs: 3_000,
  /** How long a turn waits for an earlier one of its conversation that another node had… */
  agentTurnWaitMs: 30_000,
  /** …looking this often whether that is done. */
  agentTurnLookMs: 250,
  /** A node that takes over from a dead one does so after this. */
  agentPinMs: 5_000,
  /** A batch of the projection that comes again within this adds no turn twice; later, the answer is there. */
  agentDuplicatesMs: 120_000,
  /** Turns that are on their way into the stream at once. */
  agentTurnsAddedAtOnce: 500,
  /** Turns that wait in the stream; the oldest are dropped beyond. */
  agentTurnsWaitingMax: 1_000_000,
  /** Answers that are waited for on one node, how long, and how many entries after the message are looked at. */
  answersExpectedMax: 10_000,
  answerWaitMsMax: 300_000,
  answerSoughtMax: 100,
  /** JSON of an agent's character, and what of its bio the tenant's people see beside its name. */
  characterBytesMax: 131_072,
  agentBioPointsMax: 1_000,
  /** What a model is told of a character. */
  modelCharacterCharsMax: 24_000,
  modelExamplesMax: 20,
  /** Characters that a node keeps in memory. */
  charactersCachedMax: 500,
  /** How long runs and log entries are kept, and memories… */
  agentRecordsKeptMs: 7 * 86_400_000,
  agentMemoriesKeptMs: 90 * 86_400_000,
  /** …how often what is older goes, so many rows with one statement, and so often at once. */
  agentRecordsSweepMs: 600_000,
  agentRecordsDeletedAtOnce: 5_000,
  agentRecordRoundsMax: 1_000,
  /** Of one answer; totals are counted up to the second. */
  agentRecordsPageMax: 1_000,
  agentRecordsCountedMax: 10_000,
  /** JSON of a memory's content and metadata, and its text as an agent keeps it. */
  memoryBytesMax: 262_144,
  memoryTextCharsMax: 32_768,
  /** Log entries that a node tells the others of in a second. */
  agentLogsToldPerSecondMax: 1_000,
  /** A run that takes longer is seen before it ends. */
  agentRunShownAfterMs: 1_000,
  /** Titles of conversations: how long a model may take, how many are made at once on one node, and their length. */
  titleMsMax: 30_000,
  titlesInFlightMax: 16,
  titleCharsMax: 100,
  /** A closing node waits so long for the turns in hand. */
  agentDrainMs: 10_000,
  /** A turn that was given back comes again after this. */
  agentTurnReturnMs: 500,
  /** What an endpoint with a language model may send for one answer, and in one line of it. */
  modelAnswerBytesMax: 4_194_304,
  modelLineCharsMax: 262_144,
  /** Characters of the built-in responder's answer. */
  responderCharsMax: 4_000,
} as const;
