import type { ProjectionMark, ProjectionMarks } from '../../../src/ports/projection-marks.ts';

/** Marks as PostgreSQL keeps them, for tests without one; two feeds that share it hand over to each other. */
export function memoryMarks(): ProjectionMarks {
  const kept = new Map<number, ProjectionMark>();
  return {
    async read(partition, feed) {
      const mark = kept.get(partition);
      return mark?.feed === feed ? mark.sequence : null;
    },
    async write(mark) {
      const former = kept.get(mark.partition);
      if (former?.feed === mark.feed && former.sequence >= mark.sequence) return;
      kept.set(mark.partition, mark);
    },
  };
}
