/** Who may go on? Asked on every request and frame, so it answers at once, without waiting for anybody. */

import type { RateClass } from '../../domain/limiting/rates.ts';
import type { Principal } from '../../domain/principal.ts';
import type { Problem } from '../../domain/problem.ts';

/** Where a request came from; `address` may be dear to find out, so it is only asked for when it is needed. */
export interface Origin {
  readonly address: string;
}

export interface RateLimiter {
  /**
   * Takes a token of the caller and of its address, or answers `rate_limited` with the milliseconds after which
   * there is one again; then nothing was taken. Null: go on. An anonymous caller (null) has its address alone.
   */
  take(caller: Principal | null, origin: Origin, rateClass: RateClass): Problem | null;
}
