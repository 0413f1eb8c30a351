import { defaultTenantLimits } from '../../../src/domain/limiting/tenant-limits.ts';
import { Problem } from '../../../src/domain/problem.ts';
import type { RateLimiter } from '../../../src/ports/limits/rate-limiter.ts';
import type { TenantCaps, TenantLimitsAdministration } from '../../../src/ports/limits/tenant-limits.ts';

/** Refuses nobody. */
export const noRateLimits: RateLimiter = { take: () => null };

/** The defaults, and nobody is refused. */
export const noTenantCaps: TenantCaps = {
  of: () => defaultTenantLimits,
  takePost: () => null,
  roomForConversation: async () => () => undefined,
};

/** Of tests that are about something else. */
export const noTenantLimits: TenantLimitsAdministration = {
  read: async () => new Problem('not_found'),
  change: async () => new Problem('not_found'),
};
