import { bounds } from '../bounds.ts';

/**
 * How long to wait before attempt `failures` (0: the first after a good connection): a random part of what doubles
 * each time, so that clients that lost the same node do not come back together. A hint of the server is kept to.
 */
export function pauseBefore(failures: number, hintMs: number | undefined, random = Math.random): number {
  const most = Math.min(bounds.pauseMsMax, bounds.pauseMsMin * 2 ** Math.min(failures, 16));
  const own = random() * most;
  // The server spreads its hints itself; whoever was refused again comes later than it says.
  return hintMs === undefined ? own : hintMs + (failures > 1 ? own : 0);
}
