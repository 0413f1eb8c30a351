/** How many requests are left in a window of time: for clients that are told (X-RateLimit-*). */
import type { WindowClass } from '../../domain/limiting/rate-windows.ts';
import type { Principal } from '../../domain/principal.ts';
import type { Problem } from '../../domain/problem.ts';

/** A principal, or everybody behind one address. */
export type Requester = Pick<Principal, 'tenant' | 'id'> | { readonly address: string };

export interface Allowance {
  readonly limit: number;
  readonly remaining: number;
  /** When the window ends, in seconds since the epoch. */
  readonly resetsAtSec: number;
  /** `rate_limited` with the time until the window ends; null: go on, it was counted. */
  readonly refused: Problem | null;
}

export interface RateWindows {
  /** One more of the requester, in this window. */
  take(requester: Requester, windowClass: WindowClass): Allowance;
}
