/**
 * Waits until the projection holds everything that was stored before the question was asked, so that
 * counts and lists contain what was acknowledged before. Usually some milliseconds; after
 * `waitMsMax` the caller goes on with what there is. Waits are shared.
 */
import { limits } from '../../domain/limits.ts';
import type { Clock } from '../../ports/clock.ts';
import type { ProjectionProgress } from '../../ports/projection-feed.ts';
import { FreshAnswers } from '../fresh-answers.ts';

export interface ProjectedNow {
  /** True when the projection has caught up, false when that took too long or cannot be told. */
  reached(): Promise<boolean>;
}

export function openProjectedNow(
  progress: ProjectionProgress,
  clock: Clock,
  waitMsMax: number = limits.projectedNowMsMax,
): ProjectedNow {
  const waits = new FreshAnswers<boolean>();

  async function catchUp(): Promise<boolean> {
    const untilMs = clock.monotonicMs() + waitMsMax;
    const ends = await progress.ends();
    if (ends === null) return false;
    for (let pauseMs: number = limits.projectedLookMsMin; ; ) {
      const projected = await progress.projected();
      if (projected === null) return false;
      if (ends.every((end, partition) => (projected[partition] ?? 0) >= end)) return true;
      if (clock.monotonicMs() + pauseMs > untilMs) return false;
      await pause(clock, pauseMs);
      pauseMs = Math.min(pauseMs * 2, limits.projectedLookMsMax);
    }
  }

  /** NATS, when it is away, is silent for longer than anybody shall wait here. */
  async function wait(): Promise<boolean> {
    let cancel = (): void => undefined;
    const late = new Promise<boolean>((resolve) => {
      cancel = clock.after(waitMsMax, () => resolve(false));
    });
    const reached = await Promise.race([catchUp(), late]);
    cancel();
    return reached;
  }

  return { reached: () => waits.ask('', wait) };
}

function pause(clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => clock.after(ms, resolve));
}
