import { agentLimits } from './limiting/agents/agent-limits.ts';
import { embeddingLimits } from './limiting/agents/embedding-limits.ts';
import { messageServerLimits } from './limiting/agents/message-server-limits.ts';
import { roomLimits } from './limiting/agents/room-limits.ts';
import { sessionLimits } from './limiting/agents/session-limits.ts';
import { speechLimits } from './limiting/agents/speech-limits.ts';
import { tenantStoreLimits } from './limiting/agents/tenant-store-limits.ts';
import { chatLimits } from './limiting/chat-limits.ts';
import { mediaLimits } from './limiting/media-limits.ts';
import { consoleLimits } from './limiting/node/console-limits.ts';
import { drainLimits } from './limiting/node/drain-limits.ts';
import { externalLimits } from './limiting/node/external-limits.ts';
import { natsLimits } from './limiting/node/nats-limits.ts';
import { overloadLimits } from './limiting/node/overload-limits.ts';
import { projectorLimits } from './limiting/node/projector-limits.ts';
import { replyLimits } from './limiting/node/reply-limits.ts';
import { sealingLimits } from './limiting/node/sealing-limits.ts';
import { tracingLimits } from './limiting/node/tracing-limits.ts';
import { upkeepLimits } from './limiting/node/upkeep-limits.ts';
import { personalLimits } from './limiting/personal-limits.ts';
import { presenceLimits } from './limiting/presence-limits.ts';
import { webhookLimits } from './limiting/webhook-limits.ts';

/** Every bound of the system, unit in the name. Anything that queues, loops, maps or waits names one of these. */
export const limits = {
  // what a client may send
  contentBytesMax: 262_144,
  metadataBytesMax: 16_384,
  deltaBytesMax: 16_384,
  draftBytesMax: 262_144,
  clientIdCharsMax: 128,
  frameIdCharsMax: 64,
  nameCharsMax: 255,
  descriptionCharsMax: 4_000,
  principalIdCharsMax: 255,
  /** Principals whom one message may be for. */
  addresseesMax: 16,
  policyRefCharsMax: 255,
  runIdCharsMax: 128,
  traceCharsMax: 255,
  reasonCharsMax: 1_000,
  emojiCharsMax: 64,
  jsonDepthMax: 32,
  bodyBytesMax: 1_048_576,
  bodyReadMsMax: 30_000,
  /** An announced body beyond its limit is skipped up to here, so that its client, still writing, hears the 413. */
  bodySkippedBytesMax: 16_777_216,
  /** Of a streamed body, so much waits for its reader before the connection is paused; the rest waits on disk… */
  bodyHeldBytesMax: 524_288,
  bodySlabBytes: 65_536,
  /** …and so much of one that was refused is read and dropped, so that its sender hears why. */
  bodyDroppedBytesMax: 4_194_304,
  /** How long the rest of a chunked body that became too large may take until its connection is ended. */
  bodyDroppedMs: 500,
  ...replyLimits,
  /** An address and a password, whatever else a client adds. */
  signInBodyBytesMax: 16_384,
  emailCharsMax: 512,
  displayNamePointsMax: 80,
  passwordCharsMax: 1_024,
  headerValueCharsMax: 255,
  requestIdCharsMax: 128,
  /** All headers of a request together: uWebSockets.js answers 431 beyond. */
  headersBytesMax: 16_384,
  /** Addresses of X-Forwarded-For that are looked at, from its end. */
  forwardedEntriesMax: 20,
  queryParametersMax: 100,
  fieldErrorsMax: 10,
  fieldPathCharsMax: 200,
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
  connectionsMax: 120_000,
  heartbeatSec: 30,
  /** vero.md §8: without any sign of life the messaging socket is closed after this. */
  messagingIdleSec: 75,
  /** Socket.IO: one polling body, or one WebSocket message (symbia.md §5). Beyond, the connection ends. */
  eventBodyBytesMax: 1_000_000,
  /** A client whose connection just died is noticed after 25 s + 20 s at the latest; it reads both when it connects. */
  eventPingMs: 25_000,
  eventPongMsMax: 20_000,
  /** WebSockets below Socket.IO: longer than its own pings take to notice. */
  eventIdleSec: 120,
  /** From polling to WebSocket. */
  eventUpgradeMsMax: 10_000,
  /** A session is ready by then, and its client told that it is connected. */
  eventReadyMsMax: 30_000,
  /** How long an orderly end waits for the next poll of its client. */
  eventFarewellMsMax: 2_000,
  /** Packets of one client that are taken in one turn of the loop; beyond, its connection ends. */
  eventPacketsPerTurnMax: 16_384,
  /** Binary pieces that an event may announce: they are passed over. */
  eventAttachmentsMax: 10,
  /** How soon a socket ends after its API key has expired. */
  expiryLookMs: 1_000,

  // a conversation
  participantsMax: 1_000,
  /** By one command: they are one atomic step. */
  participantsAddedMax: 100,
  runsMax: 1_000,
  runIdleMs: 15 * 60_000,
  editsPerMessageMax: 1_000,
  reactionsPerPrincipalMax: 20,
  idempotencyWindowMax: 4_096,
  idempotencyKeptMs: 24 * 3_600_000,
  openConversationsPerFrameMax: 500,
  /** Of those that one frame opens, so many are loaded at once. */
  conversationsLoadedAtOnce: 32,
  openConversationsPerSocketMax: 5_000,
  /** Frames of a socket whose answer is pending. */
  framesInFlightPerSocketMax: 1_024,
  /** Newest notes "you were added" that a socket remembers: each is sent twice. */
  addedNotesRememberedMax: 64,
  historyPageMax: 200,
  /** Pages that one request reads on over deleted messages. */
  historyRoundsMax: 100,
  /** A year: whoever wants longer edits for ever. */
  editWindowSecMax: 31_536_000,
  /** Of one sync: conversations, messages of each, and messages in all. */
  syncedConversationsMax: 100,
  syncedMessagesMax: 2_000,
  /** Conversations that one sync reads at once. */
  syncedAtOnceMax: 10,
  /** Replies to requests with an Idempotency-Key: a day is promised… */
  replyKeptMs: 25 * 3_600_000,
  /** …a request that never ended is taken over after this… */
  replyStaleMs: 120_000,
  /** …one that is under way is waited for so long, looking this often. */
  replyWaitedMs: 10_000,
  replyLookMs: 200,
  /** Old ones go a few with each new one. */
  repliesForgottenAtOnce: 10,
  forwardTargetsMax: 20,
  /** How long a forward tries again where a server is away for a moment. */
  forwardRetryMs: 5_000,
  ...embeddingLimits,
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

  // a node
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
  decideRoundsMax: 64,
  appendTimeoutMs: 5_000,
  /** The last pause before an append that no stream listened to is sent again; all of them are 0.8 s. */
  appendUnheardPauseMsMax: 400,
  /** Queue depth from which a batch is cheaper than single appends (measured.md: 2.4 ms a batch on R1). */
  batchThresholdR1: 48,
  batchThresholdR3: 8,
  batchEventsMax: 500,
  batchBytesMax: 4 * 1024 * 1024,
  lossesBeforeForward: 3,
  forwardMs: 2_000,
  forwardTimeoutMs: 2_000,
  logReadPageMax: 500,
  logReadTimeoutMs: 5_000,
  lagBridgedMax: 20_000,
  unknownResolveMs: 10_000,
  ...drainLimits,
  ...consoleLimits,
  /** A readiness check that takes longer has failed. */
  readyCheckMsMax: 2_000,

  // sockets
  outboxBytesMax: 4 * 1024 * 1024,
  /** Outboxes are looked at each time so much was published to topics. */
  outboxLookBytes: 512 * 1024,
  /** Where uWebSockets.js itself drops frames: far enough above that a close frame still has room. */
  transportOutboxBytesMax: 16 * 1024 * 1024,
  /** Above this, volatile pulses are dropped for that socket. */
  outboxPulseBytesMax: 65_536,
  /** From so many readers on, frames of a busy topic are published together. */
  fanoutGatherFrom: 24,
  fanoutGatherMs: 2,
  fanoutGatherMsMax: 10,
  fanoutGatherFramesMax: 64,
  backlogPageBytesMax: 262_144,
  backlogStallMs: 30_000,
  ...presenceLimits,
  /** A message that is named without its conversation is looked for so long: the projection follows within it. */
  messageSoughtMs: 1_000,
  draftSilenceMs: 60_000,
  draftAgeMs: 15 * 60_000,
  draftsPerConversationMax: 1_000,
  draftChunksReadMax: 50_000,
  draftCloseRoundsMax: 4,
  deltaWindowMsMax: 200,

  // rate limits: the rates are in domain/limiting/rates.ts
  /** Principals and addresses whose token buckets a node keeps: 300 bytes each. */
  rateLimitedPrincipalsMax: 100_000,
  rateLimitedAddressesMax: 100_000,
  /** An address pays for so many operations of a principal at once. */
  addressChargedEvery: 8,
  ...sealingLimits,

  // tenants: defaults, which an administrator of the platform may change for one
  tenantConversations: 1_000_000,
  /** Posts, on each node. */
  tenantMessagesPerSecond: 1_000,
  tenantConversationsMax: 100_000_000,
  tenantMessagesPerSecondMax: 1_000_000,
  rateLimitedTenantsMax: 50_000,
  /** How often a node looks for changes of limits that no other node told it about. */
  tenantLimitsPollMs: 500,
  tenantLimitsPageMax: 1_000,
  /** A change may be committed so much later than the time that it carries: no statement lasts longer. */
  tenantLimitsOverlapUs: 10_000_000,
  /** A limit of conversations up to here is counted before each creation… */
  conversationsCountedMax: 10_000,
  /** …a larger one in the background, no more often than this. */
  conversationsCountedForMs: 60_000,

  // what principals set for themselves
  ...personalLimits,

  ...chatLimits,
  ...messageServerLimits,
  ...mediaLimits,
  ...speechLimits,
  ...tenantStoreLimits,

  // agents that run here
  ...agentLimits,

  ...webhookLimits,

  // sessions that end by themselves, and jobs
  ...sessionLimits,
  ...roomLimits,

  ...tracingLimits,

  ...upkeepLimits,

  // projection
  ...projectorLimits,
  projectionBatchMax: 1_000,
  projectionRetryMsMax: 5_000,
  /** Between two batches of a partition; a lone event is projected at once, and the more wait, the longer they do. */
  projectionPaceMsMin: 10,
  projectionPaceMs: 120,
  projectionBusyFrom: 16,
  projectionPendingMax: 4_000,
  projectionLagReadyMs: 10_000,
  /** An administrator's count waits so long for the projection, which is some milliseconds behind… */
  projectedNowMsMax: 2_000,
  /** …and looks this often at first, less often the longer it takes. */
  projectedLookMsMin: 5,
  projectedLookMsMax: 50,
  /** A node stands aside for a rebuild that said so within this time. */
  projectionPauseMs: 20_000,
  /** How long a rebuild waits for nodes that have a batch in hand… */
  projectionPauseWaitMs: 60_000,
  /** …and how long it listens each time for one that still projects. */
  projectionAskMs: 500,
  projectionResumeRetryMs: 1_000,
  erasuresInFlightMax: 16,
  /** Conversations whose unread messages one answer tells: as many as a person might be in, and ten times that. */
  unreadListedMax: 100_000,
  /** How often two principals may end their conversation, and how often one that begins it anew is overtaken. */
  directGenerationsMax: 1_000_000,
  directRoundsMax: 8,
  /** The newest entries among which a list looks for the message to show. */
  previewSoughtMax: 1_000,
  /** Stored versions that one query of edit histories answers. */
  versionsPageMax: 2_000,
  /** Characters of a message that the full-text index knows: PostgreSQL refuses a tsvector over 1 MB. */
  searchCharsMax: 32_768,

  // PostgreSQL
  /** Connections of a node for one tenant's requests; looking up secrets and the projection have their own. */
  sqlRequestConnectionsMax: 10,
  sqlIdentityConnectionsMax: 4,
  /** Lists and counts over many conversations: connections for those of one tenant, as many for all tenants… */
  sqlSurveyConnectionsMax: 2,
  /** …and how long one may last: 1 s at 1,000,000 conversations on an idle machine. */
  sqlSurveyMsMax: 30_000,
  /** Statements of one tenant that share a connection at once. */
  sqlLaneUsersMax: 32,
  sqlWaitingMax: 1_000,
  sqlConnectMsMax: 3_000,
  sqlReconnectMs: 250,
  sqlStatementMsMax: 5_000,
  /** A batch of the projector may delete a whole conversation. */
  sqlBatchMsMax: 300_000,
  /** How much longer than the server the client waits for the end of a statement. */
  sqlGraceMs: 1_000,
  migrationWaitMsMax: 120_000,

  // identity
  accessTokenSec: 900,
  /** Long enough to open a socket with it (vero.md §8). */
  messagingTokenSec: 300,
  /** A session ends when it was not refreshed for this long… */
  refreshIdleSec: 30 * 86_400,
  /** …and at the latest this long after the login. */
  sessionSec: 90 * 86_400,
  /** The longest grace for a refresh token whose answer got lost. */
  refreshReuseGraceMsMax: 60_000,
  inviteSecMax: 7 * 86_400,
  clockSkewSec: 5,
  tokenCharsMax: 4_096,
  credentialsCachedMax: 50_000,
  principalsCachedMax: 50_000,
  authenticationsInFlightMax: 10_000,
  /** Retries of one look-up that a change overtook. */
  authenticationRoundsMax: 3,
  passwordHashesQueuedMax: 256,
  /** Failed logins for one account from one network address, within… (vero.md §1) */
  loginFailuresMax: 10,
  loginFailuresWindowSec: 900,
  /** Pairs of account and address whose failures a node remembers. */
  loginAttemptsTrackedMax: 50_000,
  /** Logins that wait for the outcome of others for the same account. */
  loginsWaitingMax: 1_000,
  /** The end of a session that is used by its cookie is moved this often, not at each request. */
  cookieSlideSec: 3_600,
  /** How often a node asks for changes of identities that no other node told it about. */
  identityPollMs: 500,
  identityChangesPageMax: 1_000,
  /** Changes older than this are pruned: a node that was away for longer forgets what it had verified. */
  identityChangesKeptSec: 86_400,
  identityPruneMs: 3_600_000,
  apiKeysPerTenantMax: 10_000,
  agentsPerTenantMax: 10_000,
  /** A list without pages (Vero) ends here. */
  agentsListedMax: 1_000,
  searchPageMax: 100,
  /** Entries that a search over all conversations of a tenant looks at, from the newest on. */
  searchedOfTenantMax: 40_000,
  /** Words of a search that a snippet marks. */
  searchWordsMarkedMax: 64,
  signingKeyReloadMs: 1_000,

  ...externalLimits,

  // NATS for services
  ...natsLimits,

  // more than a node, NATS or PostgreSQL can do
  ...overloadLimits,
} as const;
