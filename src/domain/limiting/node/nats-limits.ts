/** Bounds of the door that services have on NATS: a part of `limits`. */
export const natsLimits = {
  natsSubscriptionsPerClientMax: 1_000,
  /** Connections of one principal to NATS; nodes count what they have heard of, so it is not exact. */
  natsClientsPerPrincipalMax: 100,
  /** Connections of principals that a node knows of; beyond, a revocation looks at all of them. */
  natsClientsKnownMax: 200_000,
  /** A person's connection is asked again who it is after this: nobody tells when a session just ends. */
  natsPersonSec: 86_400,
  /** Questions of nats-server that are answered at once; each costs 4 ms of the event loop. */
  natsCalloutsInFlightMax: 256,
  /** Below `authorization.timeout` of nats-server.conf, so that the refusal is ours and says why. */
  natsCalloutMsMax: 4_000,
  natsRequestsInFlightMax: 1_024,
  natsRequestsInFlightPerPrincipalMax: 128,
  /** Room that a reply leaves below the server's max_payload, for its headers. */
  natsReplyHeadBytesMax: 8_192,
  /** How long servers are waited for that list their connections, or end one. */
  natsSystemAnswerMs: 1_000,
  natsConnectionsPageMax: 1_024,
  /** Of those with the most subscriptions, so many of each server are looked at. */
  natsGreedyPageMax: 128,
  /** How often nodes look for connections with more subscriptions than natsSubscriptionsPerClientMax. */
  natsSubscriptionsLookMs: 10_000,
  natsKickAttemptsMax: 3,
  /** Connections that are looked up at once after the connection to the system account was away. */
  natsRechecksInFlightMax: 8,
  natsRecheckRetryMs: 1_000,
  /** How long a revocation is held against connections whose callout it may have overtaken… */
  natsRevocationsHeldMs: 30_000,
  /** Longer than a callout and what follows it: who connects within it may show a token of void keys. */
  natsVoidedMs: 6_000,
  /** …and how many are; beyond, every new connection is looked up once more. */
  natsRevocationsHeldMax: 10_000,
} as const;
