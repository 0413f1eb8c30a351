/** Requests that are counted in windows: their answers say how many are left (X-RateLimit-*). */
import type { Reply } from '../../contract/operation.ts';
import type { WindowClass } from '../../domain/limiting/rate-windows.ts';
import { Problem } from '../../domain/problem.ts';
import type { RateWindows, Requester } from '../../ports/limits/rate-windows.ts';

export async function metered(
  windows: RateWindows,
  requester: Requester,
  windowClass: WindowClass,
  answer: () => Promise<Reply | Problem>,
): Promise<Reply | Problem> {
  const { limit, remaining, resetsAtSec, refused } = windows.take(requester, windowClass);
  if (refused !== null) return refused;
  const reply = await answer();
  if (reply instanceof Problem) return reply;
  return { ...reply, headers: { ...rateHeaders(limit, remaining, resetsAtSec), ...reply.headers } };
}

/** What a client is told of its window (generalbots.md §1); `resetsAtSec` in seconds since the epoch. */
export function rateHeaders(
  limit: number,
  remaining: number,
  resetsAtSec: number,
): Readonly<Record<string, string>> {
  return {
    'X-RateLimit-Limit': String(limit),
    'X-RateLimit-Remaining': String(remaining),
    'X-RateLimit-Reset': String(resetsAtSec),
  };
}
