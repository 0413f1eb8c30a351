/** Everything that speaks to Postgres: the schema first, then the pools and what stands on them. */
import { openAuditStore } from '../adapters/postgres/audit/audit-store.ts';
import { migrate } from '../adapters/postgres/migrate.ts';
import { openPool, type Pool } from '../adapters/postgres/pool.ts';
import { openProjectionReader } from '../adapters/postgres/projection-reader.ts';
import { openProjectionWriter } from '../adapters/postgres/projection-writer.ts';
import { openReadCursors } from '../adapters/postgres/read-cursors.ts';
import { limits } from '../domain/limits.ts';
import type { AuditStore } from '../ports/audit.ts';
import type { Logger } from '../ports/logger.ts';
import type { ProjectionReader, ProjectionWriter, ReadCursors } from '../ports/projection.ts';
import type { Releases } from './releases.ts';

export interface PostgresSide {
  /** For what somebody waits for. */
  readonly requests: Pool;
  readonly reader: ProjectionReader;
  readonly writer: ProjectionWriter;
  readonly readCursors: ReadCursors;
  readonly audit: AuditStore;
}

export interface PostgresSideOptions {
  readonly url: string;
  /** One connection for each partition that this node may come to project. */
  readonly partitions: number;
  readonly logger: Logger;
}

/**
 * Migrates, and opens two pools, so that a long batch of the projection never keeps a login waiting.
 * Rejects when Postgres is away.
 */
export async function openPostgresSide(
  options: PostgresSideOptions,
  releases: Releases,
): Promise<PostgresSide> {
  const { url, partitions, logger } = options;
  await migrate(url, logger);
  const requests = openPool({ url, max: limits.sqlRequestConnectionsMax, log: logger });
  releases.add('pool for requests', () => requests.close());
  const batches = openPool({ url, max: partitions, log: logger, statementMs: limits.sqlBatchMsMax });
  releases.add('pool for batches', () => batches.close());
  return {
    requests,
    reader: openProjectionReader(requests),
    writer: openProjectionWriter(requests, batches),
    readCursors: openReadCursors(requests),
    audit: openAuditStore(requests),
  };
}
