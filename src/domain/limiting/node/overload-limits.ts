/** Where a node says 503 rather than to wait and to remember: see decisions/0031. */
export const overloadLimits = {
  commandsQueuedPerConversationMax: 2_000,
  commandsQueuedPerNodeMax: 50_000,
  /** A command that waited so long for its turn, and was not sent yet, is refused: its author is about to give up. */
  commandWaitMsMax: 5_000,
  /** Content of all commands that wait in a node, in UTF-16 units. */
  commandsQueuedCharsMax: 128 * 1024 * 1024,
  /** Drafts that agents stream through a node at once; one that is silent for draftSilenceMs makes room. */
  draftsWrittenMax: 20_000,
  /** HTTP requests whose answer is pending; what needs no credential (`/healthz`, `/metrics`) is answered beyond. */
  requestsInFlightMax: 20_000,
  /** Bodies that come in pieces, of all requests together. */
  bodiesHeldBytesMax: 256 * 1024 * 1024,
  /** What sockets that read slowly are sent, together: beyond, those with the most of it are closed. */
  outboxesBytesMax: 512 * 1024 * 1024,
  /** Of those that were closed, as long as the transport lets them read why; beyond, they end without a word. */
  outboxesLingeringBytesMax: 128 * 1024 * 1024,
  outboxLingerMs: 16_000,
  /** Callers that wait for one look at the head of a conversation's log, in a node. */
  headChecksWaitingMax: 20_000,

  /** How often a node asks how far the projection is behind. */
  projectionLagLookMs: 2_000,
  /** A readiness check that takes longer has failed. */
  readyCheckMsMax: 2_000,

  // what was written to a connection of nats-server and not yet taken by it
  /** Nothing at all is written beyond. */
  natsOutboundBytesMax: 16 * 1024 * 1024,
  /** Appends are refused beyond, as long as the server is fast… */
  natsWindowBytesMax: 4 * 1024 * 1024,
  /** …and when it is slow, beyond what it takes in natsWindowMs, but not below this. */
  natsWindowBytesMin: 128 * 1024,
  natsWindowMs: 1_000,
  /** The server is asked whether it took everything as soon as this much is on its way. */
  natsProbeBytes: 64 * 1024,
  /** It is slow when it answers later than this, and fast below the other. */
  natsStallMs: 1_000,
  natsFastMs: 500,
  appendsInFlightMax: 20_000,
  /** Requests without an answer, appends included. */
  natsRequestsPendingMax: 30_000,
  /** A question that nobody began to answer is asked again: an election ends, a server that hangs is left out. */
  logAskAgainMs: 1_000,
  /** Pages of logs that are read at once: 4 MiB each… */
  logPagesAtOnceMax: 128,
  /** …fewer of a slow server, but not below this… */
  logPagesAtOnceMin: 4,
  /** …and reads that wait for one of these, no longer than logReadTimeoutMs. */
  logPagesWaitingMax: 10_000,
} as const;
