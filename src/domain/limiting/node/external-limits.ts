/** The bounds of identity from outside and of requests to other systems, as part of `limits`. */
export const externalLimits = {
  externalRequestMsMax: 3_000,
  /** An answer is read up to here; a longer one counts as none, unless its status is all that is asked for… */
  externalAnswerBytesMax: 262_144,
  /** …then its body is left when it is longer, or has not come in this time. */
  externalBodyLeftMs: 1_000,
  /** A name server is asked so often, and answers within this; twice it the second time. */
  externalLookupMs: 2_000,
  externalLookupsMax: 2,
  externalConnectionsMax: 32,
  externalRequestsWaitingMax: 1_000,
  /** `Set-Cookie` lines of a relayed login. */
  relayedCookiesMax: 10,
  relayedCookieCharsMax: 4_096,
  externalAnswersCachedMax: 50_000,
  /** Refused credentials have a cache of their own: garbage does not push out what is valid. */
  externalRefusalsCachedMax: 10_000,
  externalRefusalMs: 3_000,
  externalCacheSecMax: 300,
  /** A socket whose principal cannot be checked again for this long is sent away to come back. */
  externalGraceMs: 15 * 60_000,
  /** One principal's row is not written more often, should two credentials tell different things. */
  externalProfileMs: 60_000,
  /** An external issuer's keys count for so long… */
  keySetAgeMsMax: 600_000,
  /** …and a strange kid makes a node ask for them again, but only once in this time. */
  keySetCooldownMs: 10_000,
  keySetRetryMs: 1_000,
  keysPerSetMax: 100,
  /** So many failures in a row, and the provider is left alone for a while that doubles. */
  breakerFailures: 5,
  breakerOpenMsMin: 1_000,
  breakerOpenMsMax: 15_000,
} as const;
