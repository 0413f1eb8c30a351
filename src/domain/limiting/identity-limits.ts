/** Accounts, sessions, tokens and keys: part of `limits`. */
export const identityLimits = {
  emailCharsMax: 512,
  displayNamePointsMax: 80,
  passwordCharsMax: 1_024,
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
  signingKeyReloadMs: 1_000,
} as const;
