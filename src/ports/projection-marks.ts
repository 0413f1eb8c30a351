/** Up to where each partition is projected, kept beside what is projected, so that the next projector reads on from there. */
export interface ProjectionMark {
  readonly partition: number;
  /** Which feed `sequence` was counted with: one that was made anew begins anew. */
  readonly feed: string;
  /** Sequence in the stream: everything up to it is projected, and what follows from it is done. */
  readonly sequence: number;
}

export interface ProjectionMarks {
  /** The sequence of a partition's mark; null when this feed has none yet. Rejects with a Problem when it cannot be told. */
  read(partition: number, feed: string): Promise<number | null>;
  /** Moves a mark on, never back, unless its feed is another one. Rejects with a Problem when it cannot. */
  write(mark: ProjectionMark): Promise<void>;
}
