/** The ProjectionWriter port on PostgreSQL. */
import { Problem } from '../../domain/problem.ts';
import type { ProjectionWriter } from '../../ports/projection.ts';
import type { Pool } from './pool.ts';
import { type Mode, project } from './projection/project.ts';

/** Emptied by a rebuild; read_cursors is no projection. */
const projected = ['conversations', 'participants', 'messages', 'message_versions', 'reactions'] as const;

/**
 * `requests` projects inline, while an author waits; `batches` should have a connection for each
 * partition and limits.sqlBatchMsMax for a statement, so that neither waits for the other.
 */
export function openProjectionWriter(requests: Pool, batches: Pool): ProjectionWriter {
  async function inTransaction(
    pool: Pool,
    batch: Parameters<typeof project>[1],
    mode: Mode,
  ): Promise<Problem | null> {
    if (batch.length === 0) return null;
    const done = await pool.answering((sql) => sql.begin((transaction) => project(transaction, batch, mode)));
    return done instanceof Problem ? done : null;
  }

  return {
    async apply(batch) {
      const problem = await inTransaction(batches, batch, 'in-order');
      if (problem?.code === 'internal') throw new Error('PostgreSQL refused an entry of the batch');
      if (problem !== null) throw problem;
    },
    applyStructural: (batch) => inTransaction(requests, batch, 'ahead'),
    async reset() {
      const done = await batches.answering((sql) => sql`truncate ${sql(projected)}`);
      if (done instanceof Problem) throw done;
    },
  };
}
