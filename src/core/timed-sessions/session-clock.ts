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
 * machine's. What the store says was true at some moment between the question and the answer: as long as what is known
 * may be true, it stays. So a slow answer turns no time back, nor forward.
 */
export function openSessionClock(store: SharedTime, clock: Clock): SessionClock {
  const monotonic = (): Micros => Math.floor(clock.monotonicMs() * 1000);
  let ahead: number | null = null;

  async function look(): Promise<void> {
    const askedAt = monotonic();
    const now = await store.now();
    if (now instanceof Problem) return;
    const [least, most] = [now - monotonic(), now - askedAt];
    ahead = Math.min(Math.max(ahead ?? Math.round((least + most) / 2), least), most);
  }

  // The first one may have waited for a connection; the second one says within how much it was right.
  const first = look().then(look);
  const stop = regularly(clock, limits.sessionClockLookMs, look);
  return {
    nowMicros: () => (ahead === null ? clock.nowMicros() : monotonic() + ahead),
    async close() {
      await stop();
      await first;
    },
  };
}
