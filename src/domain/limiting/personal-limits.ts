/** The bounds of what principals set for themselves, as part of `limits`. */
export const personalLimits = {
  blocksPerPrincipalMax: 1_000,
  /** Principals whose blocks, and pairs of principal and conversation whose marks, a node remembers… */
  personalKnownMax: 50_000,
  /** …and for how long without asking again, should a note of a change be lost. */
  personalKnownMs: 30_000,
  /** How often open sockets are compared with what their principals have stored, should a note be lost… */
  viewsCheckedMs: 30_000,
  /** …this many principals of a tenant with one statement… */
  viewsCheckedAtOnceMax: 500,
  /** …and so much of what was cleared before the last look, for clocks differ. */
  viewsOverlapUs: 600_000_000,
  /** Conversations of which a node knows whether the principal of an open socket cleared them. */
  clearedFollowedMax: 4_000,
} as const;
