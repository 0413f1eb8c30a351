import { limits } from '../../domain/limits.ts';
import { Problem } from '../../domain/problem.ts';
import { isSampled } from '../../domain/trace-context.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import type { Logger } from '../../ports/logger.ts';
import type { Metrics } from '../../ports/metrics.ts';
import type { PlacedEntry, ProjectionWriter } from '../../ports/projection.ts';
import { eraseDeleted } from './erase-deleted.ts';

export interface ProjectingParts {
  readonly writer: Pick<ProjectionWriter, 'apply'>;
  readonly log: Pick<Log, 'erase' | 'purgeBefore'>;
  readonly logger: Logger;
  readonly metrics: Pick<Metrics, 'projected' | 'projectionSkipped' | 'projectionBatchSeconds'>;
  readonly clock: Clock;
  /** Told of a batch with entries whose traces are recorded. */
  readonly onTraced?: (batch: TracedBatch) => void;
  /** What follows from a batch before it counts as projected; may be called with one again. */
  readonly onProjected?: (batch: readonly PlacedEntry[]) => Promise<void>;
}

export interface TracedBatch {
  readonly partition: number;
  readonly events: number;
  readonly seconds: number;
  /** W3C trace contexts, limits.spanLinksMax at most. */
  readonly causes: readonly string[];
}

/**
 * Projects a batch of a partition and erases from the log what it deletes, in this order: a crash between the two
 * brings the batch again, and both are idempotent. Rejects when a server is away.
 */
export async function projectBatch(
  parts: ProjectingParts,
  partition: number,
  batch: readonly PlacedEntry[],
): Promise<void> {
  const { metrics, clock } = parts;
  const startedMs = clock.monotonicMs();
  const skipped = await applyIsolating(parts, batch);
  await eraseDeleted(parts.log, batch);
  await parts.onProjected?.(batch);
  metrics.projected.add(String(partition), batch.length - skipped);
  const seconds = (clock.monotonicMs() - startedMs) / 1000;
  metrics.projectionBatchSeconds.observe(seconds);
  if (parts.onTraced === undefined) return;
  const causes = batch.flatMap(({ entry: { traceparent } }) =>
    traceparent !== undefined && isSampled(traceparent) ? [traceparent] : [],
  );
  const some = causes.slice(0, limits.spanLinksMax);
  if (some.length > 0) parts.onTraced({ partition, events: batch.length, seconds, causes: some });
}

/**
 * An entry that Postgres refuses whatever is done (a text it cannot store) must not stop its partition
 * for ever: the batch is halved until that entry stands alone, and it is passed over, loudly. Answers
 * how many were.
 */
async function applyIsolating(parts: ProjectingParts, batch: readonly PlacedEntry[]): Promise<number> {
  try {
    await parts.writer.apply(batch);
    return 0;
  } catch (error) {
    if (error instanceof Problem) throw error;
    const [first] = batch;
    if (first === undefined) return 0;
    if (batch.length === 1) return skip(parts, first, error);
    const middle = batch.length >> 1;
    const before = await applyIsolating(parts, batch.slice(0, middle));
    return before + (await applyIsolating(parts, batch.slice(middle)));
  }
}

/** The name of the error alone: its message may hold content. */
function skip({ logger, metrics }: ProjectingParts, { ref, entry }: PlacedEntry, error: unknown): number {
  const { id, position, type } = entry.event;
  const where = { tenant: ref.tenant, conversation: ref.conversation, log_seq: entry.logSeq };
  const reason = error instanceof Error ? error.name : typeof error;
  logger.error(
    { ...where, event: id, position, type, reason },
    'an event cannot be projected and is passed over',
  );
  metrics.projectionSkipped.add(1);
  return 1;
}
