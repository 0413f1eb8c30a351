/** What a node does for sessions without being asked: it tells what is due, and removes what has ended. */
import { limits } from '../../domain/limits.ts';
import { Problem } from '../../domain/problem.ts';
import type { TimedSessionStore } from '../../ports/agents/timed-sessions.ts';
import type { Clock } from '../../ports/clock.ts';
import { regularly } from '../regularly.ts';
import type { SessionTeller } from './session-teller.ts';

/**
 * Every limits.sessionNoticeLookMs, also while what was found before waits for a server; the returned function ends
 * it, and answers when nothing is under way.
 */
export function tellRegularly(teller: Pick<SessionTeller, 'tellDue'>, clock: Clock): () => Promise<void> {
  const running = new Set<Promise<void>>();
  const stop = regularly(clock, limits.sessionNoticeLookMs, async () => {
    if (running.size >= limits.sessionTellingsMax) return;
    const telling = teller.tellDue().finally(() => running.delete(telling));
    running.add(telling);
  });
  return async () => {
    await stop();
    await Promise.all(running);
  };
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
