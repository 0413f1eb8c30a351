/**
 * How many requests there may be in a window of time, where clients are told how many are left. A window begins
 * with its first request. PARLEY_RATE_LIMIT=off lifts all of it.
 */
export const rateWindows = {
  /** Messages of one principal, by whichever door of General Bots (generalbots.md §1). */
  'chat-message': { limit: 60, windowSec: 60 },
  'chat-history': { limit: 100, windowSec: 60 },
  'chat-list': { limit: 30, windowSec: 60 },
  /** Sessions that guests of one address begin. */
  'guest-session': { limit: 5, windowSec: 3_600 },
} as const satisfies Record<string, { readonly limit: number; readonly windowSec: number }>;

export type WindowClass = keyof typeof rateWindows;
