import { limits } from '../../domain/limits.ts';
import { Problem } from '../../domain/problem.ts';
import type { ProjectionWriter } from '../../ports/projection.ts';
import type { ProjectionFeed, ProjectionProgress } from '../../ports/projection-feed.ts';
import { openProjector, type Projector, type ProjectorParts } from './projector.ts';

export interface RebuildParts extends ProjectorParts {
  readonly writer: Pick<ProjectionWriter, 'apply' | 'reset'>;
  readonly feed: ProjectionFeed & ProjectionProgress;
}

export interface RebuildProgress {
  readonly total: number;
  readonly remaining: number;
  /** Events a second since it began; 0 at the beginning. */
  readonly perSec: number;
  /** Seconds that are left at this pace; null while that cannot be told. */
  readonly leftSec: number | null;
}

const progressMs = 250;

/**
 * Empties the projection and fills it again from the first event of every log. No other projector may
 * run. Answers null when all is projected that was stored when it began (nodes go on with what came since: under a
 * load there is always something behind), a Problem when it makes no progress for
 * limits.rebuildStallMsMax; running it again starts it anew.
 */
export async function rebuildProjection(
  parts: RebuildParts,
  onProgress: (progress: RebuildProgress) => void,
): Promise<Problem | null> {
  let projector: Projector | null = null;
  try {
    await parts.writer.reset();
    await parts.feed.rewind();
    const ends = await parts.feed.ends();
    projector = await openProjector({ ...parts, batchMax: limits.rebuildBatchMax });
    return await untilDone(projector, parts, ends, onProgress);
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  } finally {
    await projector?.close();
  }
}

async function untilDone(
  projector: Projector,
  { clock, feed }: RebuildParts,
  ends: readonly number[] | null,
  onProgress: (progress: RebuildProgress) => void,
): Promise<Problem | null> {
  let total = 0;
  let reached = Number.NEGATIVE_INFINITY;
  const begunMs = clock.monotonicMs();
  let movedMs = begunMs;
  for (;;) {
    const [lag, projected] = await Promise.all([projector.lag(), feed.projected()]);
    if (lag !== null && projected !== null) {
      const sum = projected.reduce((all, one) => all + one, 0);
      if (sum > reached) movedMs = clock.monotonicMs();
      reached = sum;
      // Each partition by itself: new posts in one must not make up for another that is behind.
      const isDone =
        lag === 0 || ends?.every((end, partition) => (projected[partition] ?? 0) >= end) === true;
      const remaining = isDone ? 0 : lag;
      total = Math.max(total, lag);
      onProgress({
        total,
        remaining,
        ...paceOf(total - remaining, remaining, clock.monotonicMs() - begunMs),
      });
      if (isDone) return null;
    }
    if (clock.monotonicMs() - movedMs > limits.rebuildStallMsMax) return new Problem('unavailable');
    await new Promise<void>((resolve) => clock.after(progressMs, resolve));
  }
}

function paceOf(
  done: number,
  remaining: number,
  tookMs: number,
): Pick<RebuildProgress, 'perSec' | 'leftSec'> {
  const perSec = tookMs === 0 ? 0 : Math.round((done * 1_000) / tookMs);
  return { perSec, leftSec: perSec === 0 ? null : Math.ceil(remaining / perSec) };
}
