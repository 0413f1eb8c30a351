/** Bounds of searches: part of `limits`. */
export const searchLimits = {
  /** Characters of a message that the full-text index knows: PostgreSQL refuses a tsvector over 1 MB. */
  searchCharsMax: 32_768,
  searchPageMax: 100,
  /** Entries that a search over all conversations of a tenant looks at, from the newest on. */
  searchedOfTenantMax: 40_000,
  /** Words of a search that a snippet marks. */
  searchWordsMarkedMax: 64,
} as const;
