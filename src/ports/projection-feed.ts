/** The ordered feed of a partition to exactly one active projector in the whole deployment. */
import type { PlacedEntry } from './projection.ts';

/** How far the projection is, whoever projects; for who must not answer from before it was asked. */
export interface ProjectionProgress {
  /** Sequence of the last event of each partition, as its leader knows it; null when it cannot be told. */
  ends(): Promise<readonly number[] | null>;
  /** Sequence up to which each partition is surely projected; null when it cannot be told. */
  projected(): Promise<readonly number[] | null>;
}

/** For who looks at a node from outside. */
export interface ProjectionLags {
  readonly partitions: number;
  /** Events of each partition that are not projected yet; null when it cannot be told. */
  lags(): Promise<readonly number[] | null>;
}

export interface ProjectionFeed {
  readonly partitions: number;
  /**
   * Delivers batches of up to `batchMax` entries in stream order to `project` while this process is
   * the pinned one; a batch whose promise rejects is delivered again after a pause. `close()` waits
   * for the batch in hand.
   */
  consume(
    partition: number,
    batchMax: number,
    project: (batch: readonly PlacedEntry[]) => Promise<void>,
  ): Promise<{ close(): Promise<void> }>;
  /** Entries stored but not yet projected, over all partitions; null when it cannot be told. */
  lag(): Promise<number | null>;
  /** Starts every partition from its first event again. No consumer may be running. */
  rewind(): Promise<void>;
}
