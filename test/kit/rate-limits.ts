import type { RateLimiter } from '../../src/ports/rate-limiter.ts';

/** Refuses nobody. */
export const noRateLimits: RateLimiter = { take: () => null };
