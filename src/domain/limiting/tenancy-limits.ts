/** What a tenant has by default, which an administrator of the platform may change for one: part of `limits`. */
export const tenancyLimits = {
  tenantConversations: 1_000_000,
  /** Posts, on each node. */
  tenantMessagesPerSecond: 1_000,
  tenantConversationsMax: 100_000_000,
  tenantMessagesPerSecondMax: 1_000_000,
  /** How often a node looks for changes of limits that no other node told it about. */
  tenantLimitsPollMs: 500,
  tenantLimitsPageMax: 1_000,
  /** A change may be committed so much later than the time that it carries: no statement lasts longer. */
  tenantLimitsOverlapUs: 10_000_000,
  /** A limit of conversations up to here is counted before each creation… */
  conversationsCountedMax: 10_000,
  /** …a larger one in the background, no more often than this. */
  conversationsCountedForMs: 60_000,
} as const;
