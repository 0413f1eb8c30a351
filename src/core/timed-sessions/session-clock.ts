/**
 * The time by which sessions begin and end: that of the store that all nodes share. By the clock of its own machine a node
 * that is an hour ahead would end the sessions of all, and one that is behind would let them live.
 */
import { limits } from '../../domain/limits.ts';
import { Problem } from '../../domain/problem.ts';
import type { Micros } from '../../domain/time.ts';
import type { SharedTime } from '../../ports/agents/timed-sessions.ts';
import type { Clock } from '../../ports/clock.ts';
import { regularly } from '../regularly.ts';

export interface SessionClock extends Pick<Clock, 'nowMicros'> {
  close(): Promise<void>;
}

/**
 * Between two looks, and while the store is away, it goes on by the clock that never steps; before the first one by the
 * machine's.
 */
export function openSessionClock(store: SharedTime, clock: Clock): SessionClock {
  const monotonic = (): Micros => Math.floor(clock.monotonicMs() * 1000);
  let ahead: number | null = null;

  async function look(): Promise<void> {
    const askedAt = monotonic();
    const now = await store.now();
    if (now instanceof Problem) return;
    ahead = Math.round(now - (askedAt + monotonic()) / 2);
  }

  const first = look();
  const stop = regularly(clock, limits.sessionClockLookMs, look);
  return {
    nowMicros: () => (ahead === null ? clock.nowMicros() : monotonic() + ahead),
    async close() {
      await stop();
      await first;
    },
  };
}
