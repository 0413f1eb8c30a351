/**
 * The projection, as it is written: by the projector, and before the author of a rare event is answered.
 * What is read of it is in `projection/`.
 */
import type { ConversationRef, LogEntry } from '../domain/event.ts';
import type { Problem } from '../domain/problem.ts';

/** A log entry with its place, as the projector takes it from a partition. */
export interface PlacedEntry {
  readonly ref: ConversationRef;
  readonly entry: LogEntry;
}

export interface ProjectionWriter {
  /**
   * Projects a batch of one partition, in stream order, in one transaction. Idempotent by
   * (conversation, position): entries at or before a conversation's watermark change nothing.
   * Rejects with a Problem when Postgres is away (the feed then delivers the batch again), with an
   * Error when it refuses what an entry holds (the projector then isolates that entry).
   */
  apply(batch: readonly PlacedEntry[]): Promise<void>;
  /** Empties every table the projection owns (rebuild). */
  reset(): Promise<void>;
}

export interface InlineProjection {
  /**
   * Projects rare structural events (created, member, meta, deleted) before their author is answered,
   * with the same SQL as ProjectionWriter.apply(); all of one tenant. Moves the watermark only when the entries follow it directly; a
   * deleted conversation disappears at once, its rows are removed by the projector.
   */
  applyStructural(batch: readonly PlacedEntry[]): Promise<Problem | null>;
}
