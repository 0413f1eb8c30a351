/**
 * The projector: takes the log, partition by partition, into the projection. Exactly one process is
 * active for a partition; the feed sees to that and delivers a failed batch again.
 */
import { limits } from '../../domain/limits.ts';
import type { ProjectionFeed } from '../../ports/projection-feed.ts';
import { type ProjectingParts, projectBatch } from './project-batch.ts';

export interface ProjectorParts extends ProjectingParts {
  readonly feed: ProjectionFeed;
}

export interface Projector {
  /** Entries stored but not yet projected, in the whole deployment; null when it cannot be told. */
  lag(): Promise<number | null>;
  /** Waits for the batches in hand. */
  close(): Promise<void>;
}

/** Starts to consume every partition. Rejects, with nothing left running, when one cannot be consumed. */
export async function openProjector(parts: ProjectorParts): Promise<Projector> {
  const { feed } = parts;
  const consumers: { close(): Promise<void> }[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(consumers.splice(0).map((consumer) => consumer.close()));
  };
  try {
    for (let partition = 0; partition < feed.partitions; partition += 1) {
      const consumer = await feed.consume(partition, limits.projectionBatchMax, (batch) =>
        projectBatch(parts, partition, batch),
      );
      consumers.push(consumer);
    }
  } catch (error) {
    await close();
    throw error;
  }
  return { lag: () => feed.lag(), close };
}
