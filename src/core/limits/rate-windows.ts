/** Windows that clients are told of: in memory, each node its own, as the token buckets beside it. */
import { rateWindows, type WindowClass } from '../../domain/limiting/rate-windows.ts';
import { limits } from '../../domain/limits.ts';
import { networkOf } from '../../domain/network.ts';
import { Problem } from '../../domain/problem.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Allowance, RateWindows, Requester } from '../../ports/limits/rate-windows.ts';
import type { Metrics } from '../../ports/metrics.ts';

interface Deps {
  readonly clock: Pick<Clock, 'monotonicMs' | 'nowMicros'>;
  readonly metrics: Pick<Metrics, 'rateLimited'>;
}

/** `isOn` false (PARLEY_RATE_LIMIT=off): nobody is ever refused. */
export function openRateWindows(isOn: boolean, { clock, metrics }: Deps): RateWindows {
  /** Oldest first. */
  const windows = new Map<string, { endsMs: number; taken: number }>();

  function windowOf(key: string, nowMs: number, windowSec: number): { endsMs: number; taken: number } {
    const known = windows.get(key);
    if (known !== undefined && known.endsMs > nowMs) return known;
    // As the newest: what is forgotten first is what began first.
    windows.delete(key);
    const fresh = { endsMs: nowMs + windowSec * 1000, taken: 0 };
    windows.set(key, fresh);
    const oldest = windows.size > limits.rateLimitedPrincipalsMax ? windows.keys().next().value : undefined;
    if (oldest !== undefined) windows.delete(oldest);
    return fresh;
  }

  return {
    take(requester, windowClass): Allowance {
      const { limit, windowSec } = rateWindows[windowClass];
      const nowMs = clock.monotonicMs();
      const resetsAt = (endsMs: number): number =>
        Math.ceil(clock.nowMicros() / 1_000_000 + (endsMs - nowMs) / 1000);
      if (!isOn) {
        return { limit, remaining: limit, resetsAtSec: resetsAt(nowMs + windowSec * 1000), refused: null };
      }
      const one = windowOf(keyOf(requester, windowClass), nowMs, windowSec);
      const isOver = one.taken >= limit;
      if (!isOver) one.taken += 1;
      else metrics.rateLimited.add(windowClass, 1);
      const retryAfterMs = Math.ceil(one.endsMs - nowMs);
      const refused = isOver ? new Problem('rate_limited', undefined, { retryAfterMs, limit }) : null;
      return { limit, remaining: limit - one.taken, resetsAtSec: resetsAt(one.endsMs), refused };
    },
  };
}

function keyOf(requester: Requester, windowClass: WindowClass): string {
  if ('address' in requester) return `${windowClass} ${networkOf(requester.address)}`;
  return `${windowClass} ${requester.tenant} ${requester.id}`;
}
