/**
 * The rate limits of one node: token buckets by principal and by address, for each class of operation (domain/limiting/rates.ts).
 * In memory and not shared between nodes: a client has one node, or a balancer that spreads its requests over n of
 * them, and then n times the rate at most.
 */

import { type RateClass, rates } from '../../domain/limiting/rates.ts';
import { limits } from '../../domain/limits.ts';
import { networkOf } from '../../domain/network.ts';
import type { Principal } from '../../domain/principal.ts';
import { Problem } from '../../domain/problem.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Origin, RateLimiter } from '../../ports/limits/rate-limiter.ts';
import type { Metrics } from '../../ports/metrics.ts';
import { BucketTable } from './bucket-table.ts';

interface Deps {
  readonly clock: Pick<Clock, 'monotonicMs'>;
  readonly metrics: Pick<Metrics, 'rateLimited'>;
}

/** `isOn` false (PARLEY_RATE_LIMIT=off): nobody is ever refused. */
export function openRateLimiter(isOn: boolean, deps: Deps): RateLimiter {
  return isOn ? new TokenBuckets(deps) : { take: () => null };
}

class TokenBuckets implements RateLimiter {
  readonly #deps: Deps;
  readonly #principals = new BucketTable(limits.rateLimitedPrincipalsMax);
  readonly #addresses = new BucketTable(limits.rateLimitedAddressesMax);

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  take(caller: Principal | null, origin: Origin, rateClass: RateClass): Problem | null {
    const nowMs = this.#deps.clock.monotonicMs();
    if (caller === null) return this.#takeOfAddress(origin, rateClass, nowMs, 1);
    const own = this.#principals.of(caller.tenant, caller.id, nowMs);
    const rate = rates[rateClass].principal;
    const wait = own.waitMs(rateClass, rate, nowMs);
    if (wait > 0) return this.#refuse(rateClass, wait);
    // To ask for the address of a connection costs more than everything else here: one in eight does, for eight.
    const owed = own.addressOwes(rateClass, limits.addressChargedEvery);
    if (owed > 0) {
      const refused = this.#takeOfAddress(origin, rateClass, nowMs, owed);
      if (refused !== null) return refused;
      own.addressPaid(rateClass, owed);
    }
    own.take(rateClass, rate, nowMs);
    return null;
  }

  #takeOfAddress({ address }: Origin, rateClass: RateClass, nowMs: number, cost: number): Problem | null {
    // A client that is gone already has no address any more: there is nobody to answer.
    if (address === '') return null;
    const rate = rates[rateClass].address;
    const buckets = this.#addresses.of('', networkOf(address), nowMs);
    const wait = buckets.waitMs(rateClass, rate, nowMs, cost);
    if (wait > 0) return this.#refuse(rateClass, wait);
    buckets.take(rateClass, rate, nowMs, cost);
    return null;
  }

  #refuse(rateClass: RateClass, waitMs: number): Problem {
    this.#deps.metrics.rateLimited.add(rateClass, 1);
    const retryAfterMs = Math.ceil(waitMs);
    return new Problem('rate_limited', undefined, { retryAfterMs, limit: rates[rateClass].principal.burst });
  }
}
