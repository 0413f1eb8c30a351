/** What a node does for sessions without being asked: it tells what is due, and removes what has ended. */
import { limits } from '../../domain/limits.ts';
import { Problem } from '../../domain/problem.ts';
import type { Clock } from '../../ports/clock.ts';
import type { TimedSessionStore } from '../../ports/timed-sessions.ts';
import { regularly } from '../regularly.ts';
import type { SessionTeller } from './session-teller.ts';

/** Every limits.sessionNoticeLookMs; the returned function ends it. */
export function tellRegularly(teller: Pick<SessionTeller, 'tellDue'>, clock: Clock): () => Promise<void> {
  return regularly(clock, limits.sessionNoticeLookMs, () => teller.tellDue());
}

/** Every `everyMs`; several nodes may: each takes others. */
export function sweepSessionsRegularly(
  store: Pick<TimedSessionStore, 'sweep'>,
  clock: Clock,
  everyMs: number,
): () => Promise<void> {
  return regularly(clock, everyMs, async () => {
    for (let removed: number = limits.sessionSweepMax; removed === limits.sessionSweepMax; ) {
      const swept = await store.sweep(clock.nowMicros(), limits.sessionSweepMax);
      removed = swept instanceof Problem ? 0 : swept;
    }
  });
}
