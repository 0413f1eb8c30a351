/** Bounds of HTTP requests and what is kept of them: part of `limits`. */
export const requestLimits = {
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
  /** An address and a password, whatever else a client adds. */
  signInBodyBytesMax: 16_384,
  headerValueCharsMax: 255,
  requestIdCharsMax: 128,
  /** All headers of a request together: uWebSockets.js answers 431 beyond. */
  headersBytesMax: 16_384,
  /** Addresses of X-Forwarded-For that are looked at, from its end. */
  forwardedEntriesMax: 20,
  queryParametersMax: 100,
  fieldErrorsMax: 10,
  fieldPathCharsMax: 200,
  /** Replies to requests with an Idempotency-Key: a day is promised… */
  replyKeptMs: 25 * 3_600_000,
  /** …a request that never ended is taken over after this… */
  replyStaleMs: 120_000,
  /** …one that is under way is waited for so long, looking this often. */
  replyWaitedMs: 10_000,
  replyLookMs: 200,
  /** Old ones go a few with each new one. */
  repliesForgottenAtOnce: 10,
  connectionsMax: 120_000,
} as const;
