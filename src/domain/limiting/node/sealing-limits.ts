/** Bounds of sealed content: part of `limits`. */
export const sealingLimits = {
  /** Tenants whose data keys a node remembers. */
  dataKeyTenantsCachedMax: 10_000,
  dataKeyVersionsMax: 1_000,
  /** Data keys that are wrapped anew in one transaction. */
  dataKeysPageMax: 500,
  /** Attempts to make the first data key of a tenant while other nodes make or erase it. */
  dataKeyRoundsMax: 5,
  /** Live messages of a conversation that wait for its data key; beyond that the log is read instead. */
  sealedHeldMax: 1_000,
  sealedRetryMsMin: 20,
  sealedRetryMsMax: 1_000,
} as const;
