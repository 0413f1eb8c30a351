/** The bounds of webhooks, as part of `limits`. */
export const webhookLimits = {
  /** Endpoints of a tenant, and of a deployment: each is a consumer in nats-server. */
  webhooksPerTenantMax: 16,
  webhooksMax: 2_000,
  /** Clocks of nodes may differ by this: what is said after an endpoint was made is not taken for older. */
  webhookSkewUs: 5_000_000,
  webhookUrlCharsMax: 2_048,
  webhookDescriptionCharsMax: 255,
  /** From the request to the status of the answer. */
  webhookRequestMsMax: 15_000,
  /** Requests at once: to one endpoint, to one that fails, of one tenant, of a node. */
  webhookRequestsPerEndpointMax: 8,
  webhookRequestsFailingMax: 1,
  webhookRequestsPerTenantMax: 32,
  webhookRequestsPerNodeMax: 512,
  /** Tests of endpoints at once, beside the deliveries: of one tenant, of a node. */
  webhookTestsPerTenantMax: 4,
  webhookTestsPerNodeMax: 64,
  /** A delivery that failed comes again after this, doubled each time up to the second, a fifth more or less… */
  webhookRetryMsMin: 5_000,
  webhookRetryMsMax: 1_800_000,
  /** …or when the endpoint says so, within this. */
  webhookRetryAfterMsMax: 3_600_000,
  /** A delivery is given up when it is so old and was tried so often. */
  webhookRetriedMs: 3 * 86_400_000,
  webhookAttemptsMin: 10,
  /** What follows a failing delivery in its conversation waits until that one is so old. */
  webhookOrderMs: 600_000,
  /** An endpoint that took nothing for so long is disabled. */
  webhookFailingMsMax: 5 * 86_400_000,
  /** Deliveries of one endpoint that wait; beyond, it is disabled. Looked at this often. */
  webhookBacklogMax: 20_000,
  webhookLookMs: 15_000,
  /** How long a delivery waits in the stream at most, and all of them together; the oldest are dropped beyond. */
  webhookQueuedMs: 7 * 86_400_000,
  webhookQueuedMax: 5_000_000,
  /** An event that is projected later than this is not delivered; a rebuild leaves out what is older than itself by a minute. */
  webhookEventAgeMs: 3 * 86_400_000,
  webhookRebuildOverlapMs: 60_000,
  /** A batch of the projection that comes again within this adds nothing twice. */
  webhookDuplicatesMs: 120_000,
  webhooksAddedAtOnce: 500,
  /** Deliveries of one endpoint in the hands of a node, or waiting for their next attempt. */
  webhookPendingMax: 500,
  webhookPulledMax: 100,
  /** A delivery whose node says nothing for so long goes to another one; it says so this often. */
  webhookSilenceMs: 10_000,
  webhookWorkingMs: 3_000,
  webhookPinMs: 5_000,
  /** A delivery that could not be tried comes again after this. */
  webhookReturnMs: 1_000,
  /** How often a delivery that waits for an earlier one looks whether that is done. */
  webhookOrderLookMs: 250,
  /** Nodes look this often which endpoints there are, should the news of a change be lost; so many are opened at once. */
  webhookPollMs: 5_000,
  webhooksOpenedAtOnce: 16,
  /** When the last success of an endpoint is written down again. */
  webhookSuccessNotedMs: 60_000,
  /** A closing node waits so long for the requests that are under way. */
  webhookDrainMs: 5_000,
  /** Dead letters of one endpoint, how long they are kept, and how often the older ones go, so many at once. */
  webhookDeadLettersMax: 10_000,
  webhookDeadLettersKeptMs: 30 * 86_400_000,
  webhookSweepMs: 600_000,
  webhookSweepMax: 5_000,
  /** Dead letters that one request redelivers. */
  webhookRedeliveredMax: 1_000,
  /** How long a former secret signs beside a new one: by default, and at most. */
  webhookSecretOverlapSec: 86_400,
  webhookSecretOverlapSecMax: 604_800,
} as const;
