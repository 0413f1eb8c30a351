import { limits } from '../../domain/limits.ts';
import { Problem } from '../../domain/problem.ts';
import type { Clock } from '../../ports/clock.ts';
import type { ProjectionWriter } from '../../ports/projection.ts';
import { openProjector, type Projector, type ProjectorParts } from './projector.ts';

export interface RebuildParts extends ProjectorParts {
  readonly writer: Pick<ProjectionWriter, 'apply' | 'reset'>;
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
 * run. Answers null when it is complete, a Problem when it makes no progress for
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
    projector = await openProjector({ ...parts, batchMax: limits.rebuildBatchMax });
    return await untilDone(projector, parts.clock, onProgress);
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  } finally {
    await projector?.close();
  }
}

async function untilDone(
  projector: Projector,
  clock: Clock,
  onProgress: (progress: RebuildProgress) => void,
): Promise<Problem | null> {
  let total = 0;
  let remaining = Number.POSITIVE_INFINITY;
  const begunMs = clock.monotonicMs();
  let movedMs = begunMs;
  for (;;) {
    const lag = await projector.lag();
    if (lag !== null) {
      if (lag < remaining) movedMs = clock.monotonicMs();
      total = Math.max(total, lag);
      remaining = lag;
      onProgress({
        total,
        remaining,
        ...paceOf(total - remaining, remaining, clock.monotonicMs() - begunMs),
      });
      if (lag === 0) return null;
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
