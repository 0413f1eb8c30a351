/**
 * What tenants may have and do: overrides are few, so every node holds all of them. It reads what changed twice a
 * second, and at once when a node says that something did; with Postgres away it goes on with what it knows.
 *
 * An announcement may be lost, and a change may be committed after one with a later time: so each reading begins some
 * seconds before the newest change that was seen. To see one again does no harm.
 */
import type { TenantId } from '../../domain/ids.ts';
import {
  defaultTenantLimits,
  limitsWith,
  messageRate,
  type TenantLimits,
} from '../../domain/limiting/tenant-limits.ts';
import { limits } from '../../domain/limits.ts';
import { Problem } from '../../domain/problem.ts';
import type { Clock } from '../../ports/clock.ts';
import type { TenantCaps, TenantLimitsStore } from '../../ports/limits/tenant-limits.ts';
import type { Logger } from '../../ports/logger.ts';
import type { Metrics } from '../../ports/metrics.ts';
import type { NodeLink } from '../../ports/node-link.ts';
import { BucketTable } from './bucket-table.ts';
import { ConversationCount } from './conversation-count.ts';

export const tenantLimitsChanged = 'limits.changed';

export interface TenantCapsDeps {
  readonly store: TenantLimitsStore;
  readonly link: Pick<NodeLink, 'onTell'>;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Pick<Metrics, 'rateLimited'>;
  /** PARLEY_RATE_LIMIT: off lifts the rate of messages, not the counts. */
  readonly isRateLimited: boolean;
}

export class FollowedTenantCaps implements TenantCaps {
  readonly #deps: TenantCapsDeps;
  readonly #overridden = new Map<TenantId, TenantLimits>();
  readonly #buckets = new BucketTable(limits.rateLimitedTenantsMax);
  readonly #counts: ConversationCount;
  #newestUs = 0;
  #reading: Promise<Problem | null> | null = null;
  #cancel: () => void = () => undefined;
  #isClosed = false;

  constructor(deps: TenantCapsDeps) {
    this.#deps = deps;
    this.#counts = new ConversationCount(deps.store, deps.clock);
  }

  /** Reads all that is set; rejects when Postgres is away. */
  async open(): Promise<this> {
    const refused = await this.refresh();
    if (refused !== null) throw new Error(`The limits of tenants cannot be read: ${refused.code}`);
    this.#deps.link.onTell(tenantLimitsChanged, () => void this.refresh());
    this.#schedule();
    return this;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancel();
    await this.#reading;
  }

  of(tenant: TenantId): TenantLimits {
    return this.#overridden.get(tenant) ?? defaultTenantLimits;
  }

  takePost(tenant: TenantId): Problem | null {
    if (!this.#deps.isRateLimited) return null;
    const nowMs = this.#deps.clock.monotonicMs();
    const rate = messageRate(this.of(tenant));
    const bucket = this.#buckets.of('', tenant, nowMs);
    const waitMs = bucket.waitMs('send', rate, nowMs);
    if (waitMs === 0) {
      bucket.take('send', rate, nowMs);
      return null;
    }
    this.#deps.metrics.rateLimited.add('tenant', 1);
    return new Problem('rate_limited', 'This tenant posts more messages than it may.', {
      reason: 'tenant_limit',
      retryAfterMs: Math.ceil(waitMs),
    });
  }

  async roomForConversation(tenant: TenantId): Promise<(() => void) | Problem> {
    const { conversations } = this.of(tenant);
    const release = await this.#counts.reserve(tenant, conversations);
    if (release !== null) return release;
    return new Problem('conflict', `This tenant may have ${conversations} conversations.`, {
      reason: 'tenant_limit',
    });
  }

  /** Resolves after a reading that began after the call, or one that was under way and the next. */
  async refresh(): Promise<Problem | null> {
    if (this.#reading !== null) await this.#reading;
    if (this.#isClosed) return null;
    this.#reading ??= this.#read().finally(() => {
      this.#reading = null;
    });
    return await this.#reading;
  }

  async #read(): Promise<Problem | null> {
    for (let from = this.#newestUs - limits.tenantLimitsOverlapUs; ; from = this.#newestUs) {
      const changed = await this.#deps.store.changedSince(from);
      if (changed instanceof Problem) return changed;
      for (const { tenant, overrides, changedAt } of changed) {
        this.#newestUs = Math.max(this.#newestUs, changedAt);
        const isDefault = Object.values(overrides).every((value) => value === null);
        if (isDefault) this.#overridden.delete(tenant);
        else this.#overridden.set(tenant, limitsWith(overrides));
      }
      if (changed.length < limits.tenantLimitsPageMax || this.#newestUs === from) return null;
    }
  }

  #schedule(): void {
    if (this.#isClosed) return;
    this.#cancel = this.#deps.clock.after(limits.tenantLimitsPollMs, () => {
      void this.refresh()
        .catch((error: unknown) => this.#deps.log.error({ error }, 'The limits of tenants could not be read'))
        .finally(() => this.#schedule());
    });
  }
}
