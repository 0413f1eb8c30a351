/** The limits of tenants on this node. */
import { openTenantLimits } from '../adapters/postgres/tenant-limits.ts';
import { limitsAdministrationOver } from '../core/limits/limits-administration.ts';
import { FollowedTenantCaps } from '../core/limits/tenant-caps.ts';
import type { Clock } from '../ports/clock.ts';
import type { TenantCaps, TenantLimitsAdministration } from '../ports/limits/tenant-limits.ts';
import type { Logger } from '../ports/logger.ts';
import type { Metrics } from '../ports/metrics.ts';
import type { NodeLink } from '../ports/node-link.ts';
import type { Releases } from './releases.ts';
import type { PostgresSide } from './servers/postgres-side.ts';

export interface LimitsSideOptions {
  readonly pools: Pick<PostgresSide, 'requests' | 'identity'>;
  readonly link: NodeLink;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly isRateLimited: boolean;
}

/** Rejects when Postgres is away. */
export async function openLimitsSide(
  { pools, link, clock, logger: log, metrics, isRateLimited }: LimitsSideOptions,
  releases: Releases,
): Promise<{ readonly caps: TenantCaps; readonly tenantLimits: TenantLimitsAdministration }> {
  const store = openTenantLimits(pools);
  const caps = await new FollowedTenantCaps({ store, link, clock, log, metrics, isRateLimited }).open();
  releases.add('limits of tenants', () => caps.close());
  return { caps, tenantLimits: limitsAdministrationOver({ store, caps, link }) };
}
