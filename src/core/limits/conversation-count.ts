/** How many conversations a tenant has, as exactly as it matters. */
import type { TenantId } from '../../domain/ids.ts';
import { limits } from '../../domain/limits.ts';
import { Problem } from '../../domain/problem.ts';
import type { Clock } from '../../ports/clock.ts';
import type { TenantLimitsStore } from '../../ports/limits/tenant-limits.ts';

interface Estimate {
  readonly count: number;
  readonly countedMs: number;
  /** Made here since then. */
  made: number;
}

/**
 * A limit of up to `conversationsCountedMax` is counted before each creation: a millisecond or two. A larger one costs
 * too much for that: it is counted at most once a minute, and nobody waits for it; meanwhile a node adds its own. So
 * several nodes together may exceed a large limit by what they make in a minute. What cannot be counted is let through.
 */
export class ConversationCount {
  readonly #store: Pick<TenantLimitsStore, 'conversations'>;
  readonly #clock: Pick<Clock, 'monotonicMs'>;
  readonly #estimates = new Map<TenantId, Estimate>();
  /** Being made here now. Bounded by the commands that a node takes. */
  readonly #underWay = new Map<TenantId, number>();
  readonly #counting = new Set<TenantId>();

  constructor(store: Pick<TenantLimitsStore, 'conversations'>, clock: Pick<Clock, 'monotonicMs'>) {
    this.#store = store;
    this.#clock = clock;
  }

  /** A place, to be released when the conversation was stored or refused; null: there is none. */
  async reserve(tenant: TenantId, max: number): Promise<(() => void) | null> {
    if (max > limits.conversationsCountedMax)
      return this.#isBelow(tenant, max) ? (): void => undefined : null;
    // Those under way may be counted twice for a moment, when they are stored already: rather than not at all.
    const others = this.#underWay.get(tenant) ?? 0;
    this.#underWay.set(tenant, others + 1);
    const release = (): void => {
      const left = (this.#underWay.get(tenant) ?? 1) - 1;
      if (left > 0) this.#underWay.set(tenant, left);
      else this.#underWay.delete(tenant);
    };
    const count = await this.#store.conversations(tenant, max);
    if (count instanceof Problem || count + others < max) return release;
    release();
    return null;
  }

  #isBelow(tenant: TenantId, max: number): boolean {
    const estimate = this.#estimates.get(tenant);
    const ageMs = this.#clock.monotonicMs() - (estimate?.countedMs ?? Number.NEGATIVE_INFINITY);
    if (ageMs > limits.conversationsCountedForMs) void this.#count(tenant, max);
    if (estimate === undefined) return true;
    if (estimate.count + estimate.made >= max) return false;
    estimate.made += 1;
    return true;
  }

  async #count(tenant: TenantId, max: number): Promise<void> {
    if (this.#counting.has(tenant)) return;
    this.#counting.add(tenant);
    const count = await this.#store.conversations(tenant, max).finally(() => this.#counting.delete(tenant));
    if (count instanceof Problem) return;
    this.#estimates.delete(tenant);
    if (this.#estimates.size >= limits.rateLimitedTenantsMax) {
      for (const oldest of this.#estimates.keys()) {
        this.#estimates.delete(oldest);
        break;
      }
    }
    this.#estimates.set(tenant, { count, countedMs: this.#clock.monotonicMs(), made: 0 });
  }
}
