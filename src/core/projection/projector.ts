/**
 * The projector: takes the log, partition by partition, into the projection. Exactly one process is
 * active for a partition; the feed sees to that and delivers a failed batch again.
 */
import { limits } from '../../domain/limits.ts';
import type { PlacedEntry } from '../../ports/projection.ts';
import type { ProjectionFeed } from '../../ports/projection-feed.ts';
import type { ProjectionMarks } from '../../ports/projection-marks.ts';
import { type ProjectingParts, projectBatch } from './project-batch.ts';

export interface ProjectorParts extends ProjectingParts {
  readonly feed: ProjectionFeed;
  readonly marks: ProjectionMarks;
  /** Entries that are written in one transaction; default limits.projectionBatchMax. */
  readonly batchMax?: number;
}

export interface Projector {
  /** Entries stored but not yet projected, in the whole deployment; null when it cannot be told. */
  lag(): Promise<number | null>;
  /** The partitions that this process offers itself for. */
  open(): readonly number[];
  /** Offers itself for these and no others; waits for the batches in hand of those that it gives up. */
  offer(partitions: ReadonlySet<number>): Promise<void>;
  /** Waits for the batches in hand. */
  close(): Promise<void>;
}

/** Starts to consume these partitions, by default all. Rejects, with nothing left running, when one cannot be consumed. */
export async function openProjector(
  parts: ProjectorParts,
  partitions: ReadonlySet<number> = new Set(
    Array.from({ length: parts.feed.partitions }, (_, index) => index),
  ),
): Promise<Projector> {
  const { feed, marks, batchMax = limits.projectionBatchMax } = parts;
  const consumers = new Map<number, { close(): Promise<void> }>();

  async function giveUp(partition: number): Promise<void> {
    const consumer = consumers.get(partition);
    consumers.delete(partition);
    await consumer?.close();
  }

  const close = async (): Promise<void> => {
    await Promise.all([...consumers.keys()].map(giveUp));
  };

  async function offer(wanted: ReadonlySet<number>): Promise<void> {
    await Promise.all([...consumers.keys()].filter((partition) => !wanted.has(partition)).map(giveUp));
    for (const partition of wanted) {
      if (consumers.has(partition)) continue;
      const project = (batch: readonly PlacedEntry[]): Promise<void> => projectBatch(parts, partition, batch);
      const consumer = await feed.consume(partition, { batchMax, project, marks });
      consumers.set(partition, consumer);
    }
  }

  try {
    await offer(partitions);
  } catch (error) {
    await close();
    throw error;
  }
  return { lag: () => feed.lag(), open: () => [...consumers.keys()], offer, close };
}
