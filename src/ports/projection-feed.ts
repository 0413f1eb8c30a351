/** The ordered feed of a partition to exactly one active projector in the whole deployment. */
import type { PlacedEntry } from './projection.ts';
import type { ProjectionMarks } from './projection-marks.ts';

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

export interface ProjectionSink {
  /** Entries of a batch at most. */
  readonly batchMax: number;
  /** A batch whose promise rejects comes again after a pause. */
  readonly project: (batch: readonly PlacedEntry[]) => Promise<void>;
  /** Moved on after each batch; read when another process had the partition before. */
  readonly marks: ProjectionMarks;
}

export interface ProjectionFeed {
  readonly partitions: number;
  /**
   * Delivers batches in stream order while this process is the pinned one, and before anything newer what another
   * process left undone. `close()` waits for the batch in hand.
   */
  consume(partition: number, sink: ProjectionSink): Promise<{ close(): Promise<void> }>;
  /** Entries stored but not yet projected, over all partitions; null when it cannot be told. */
  lag(): Promise<number | null>;
  /** Starts every partition from its first event again. No consumer may be running. */
  rewind(): Promise<void>;
}
