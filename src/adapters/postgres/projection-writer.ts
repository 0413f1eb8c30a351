/** The ports ProjectionWriter and InlineProjection on PostgreSQL: the same statements, with different rights. */
import { Problem } from '../../domain/problem.ts';
import type { InlineProjection, ProjectionWriter } from '../../ports/projection.ts';
import type { Pool, TenantPool } from './pool.ts';
import { project } from './projection/project.ts';

/** Emptied by a rebuild; read_cursors is no projection. */
export const projectedTables = [
  'conversations',
  'participants',
  'messages',
  'message_versions',
  'reactions',
  'unread_counts',
  'projector_marks',
] as const;

/**
 * What a projector writes: every event of every tenant. `pool` works as parley_projector, and should have
 * a connection for each partition and limits.sqlBatchMsMax for a statement, so that none waits for another.
 */
export function openProjectionWriter(pool: Pool): ProjectionWriter {
  return {
    async apply(batch) {
      if (batch.length === 0) return;
      const done = await pool.transacting((tx) => project(tx, batch, 'in-order'));
      if (!(done instanceof Problem)) return;
      if (done.code === 'internal') throw new Error('PostgreSQL refused an entry of the batch');
      throw done;
    },
    async reset() {
      const done = await pool.answering((sql) => sql`truncate ${sql(projectedTables)}`);
      if (done instanceof Problem) throw done;
    },
  };
}

/** What the author's node writes while the author waits: structural events, with the rights of the tenant alone. */
export function openInlineProjection(pool: TenantPool): InlineProjection {
  return {
    async applyStructural(batch) {
      const [first] = batch;
      if (first === undefined) return null;
      const done = await pool.transacting(first.ref.tenant, (tx) => project(tx, batch, 'ahead'));
      return done instanceof Problem ? done : null;
    },
  };
}
