/** Whom token buckets are kept for: part of `limits`. The rates are in rates.ts. */
export const ratedLimits = {
  /** Principals and addresses whose token buckets a node keeps: 300 bytes each. */
  rateLimitedPrincipalsMax: 100_000,
  rateLimitedAddressesMax: 100_000,
  /** An address pays for so many operations of a principal at once. */
  addressChargedEvery: 8,
  rateLimitedTenantsMax: 50_000,
} as const;
