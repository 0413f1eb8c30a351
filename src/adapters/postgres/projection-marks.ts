/** The port ProjectionMarks, with the rights of a projector. */
import { Problem } from '../../domain/problem.ts';
import type { ProjectionMarks } from '../../ports/projection-marks.ts';
import type { Pool } from './pool.ts';

export function openProjectionMarks(pool: Pool): ProjectionMarks {
  return {
    async read(partition, feed) {
      const rows = await pool.answering(
        (sql) => sql<{ sequence: number }[]>`
          select sequence::float8 as sequence from projector_marks
          where partition = ${partition} and feed = ${feed}`,
      );
      if (rows instanceof Problem) throw rows;
      return rows[0]?.sequence ?? null;
    },

    async write({ partition, feed, sequence }) {
      // Without a wait for the disk: a mark that a power failure takes back is only further back.
      const done = await pool.answering(
        (sql) => sql`
          with quick as (select set_config('synchronous_commit', 'off', true))
          insert into projector_marks as kept (partition, feed, sequence)
          select ${partition}, ${feed}, ${sequence} from quick
          on conflict (partition) do update set feed = excluded.feed, sequence = case
            when kept.feed = excluded.feed then greatest(kept.sequence, excluded.sequence)
            else excluded.sequence end`,
      );
      if (done instanceof Problem) throw done;
    },
  };
}
