/**
 * Token buckets, each kept as one number: the moment at which it is full again (GCRA). Nothing has to be
 * refilled, and a bucket that is full is a number in the past. Pure: time is what the caller says it is.
 */
export interface Rate {
  readonly perSecond: number;
  /** Tokens of a full bucket: what may come at once. */
  readonly burst: number;
}

/** Milliseconds until the bucket holds `cost` tokens (at most `burst`); 0: it does now. */
export function waitMs(rate: Rate, fullAtMs: number, nowMs: number, cost = 1): number {
  const mayLackMs = ((rate.burst - cost) * 1000) / rate.perSecond;
  const wait = fullAtMs - nowMs - mayLackMs;
  // A bucket that lacks exactly one token a moment too early must not be refused for the sake of rounding.
  return wait > 1e-6 ? wait : 0;
}

/** When the bucket is full again after `cost` tokens were taken out now. */
export function afterTaking(rate: Rate, fullAtMs: number, nowMs: number, cost = 1): number {
  return (fullAtMs > nowMs ? fullAtMs : nowMs) + (cost * 1000) / rate.perSecond;
}
