/** Guests: people without an account, in a tenant of their own. Their bounds are a part of `limits`. */
import type { TenantId } from '../ids.ts';

/** The tenant of all guests: the same on every node and in every deployment; no account can be made in it. */
export const guestTenant: TenantId = '00000000-0000-4000-8000-006775657374';

export const guestLimits = {
  /** How long the token of a guest counts, and everything that it opened. */
  guestSec: 86_400,
  /** A conversation session of a guest ends when nobody used it for this long… */
  guestIdleSec: 3_600,
  /** …and its end is moved when that makes it later by this. */
  guestSlideSec: 30,
  /** Messages that a guest sends in one session: a quota, which PARLEY_RATE_LIMIT=off does not lift. */
  guestMessagesMax: 20,
  /** What ended this long ago is removed, conversation and all… */
  guestKeptSec: 7 * 86_400,
  /** …so many at once, and looked for this often. */
  guestSweepMax: 100,
  guestSweepMs: 60_000,
} as const;
