/** The projection of one test: a migrated database of its own, its writer, reader and tables. */
import { migrate } from '../../src/adapters/postgres/migrate.ts';
import { openPersonalStore } from '../../src/adapters/postgres/personal/personal-store.ts';
import { openPool } from '../../src/adapters/postgres/pool.ts';
import { openProjectionMarks } from '../../src/adapters/postgres/projection-marks.ts';
import { openProjectionReader } from '../../src/adapters/postgres/projection-reader.ts';
import { openInlineProjection, openProjectionWriter } from '../../src/adapters/postgres/projection-writer.ts';
import { openReadCursors } from '../../src/adapters/postgres/read-cursors.ts';
import { openUnreadCounts } from '../../src/adapters/postgres/unread/unread-counts.ts';
import { Problem } from '../../src/domain/problem.ts';
import type { PlacedEntry } from '../../src/ports/projection.ts';
import { silentLogger } from './memory/silent-logger.ts';
import { type Owner, openOwner } from './servers/owner.ts';
import { startPostgres } from './servers/postgres.ts';
import type { Teardown } from './temporary.ts';

const tables = {
  conversations: 'tenant_id, conversation_id',
  participants: 'tenant_id, conversation_id, principal_id',
  messages: 'tenant_id, conversation_id, seq',
  message_versions: 'tenant_id, conversation_id, message_seq, position',
  reactions: 'tenant_id, conversation_id, message_seq, principal_id, emoji',
} as const;

/** A batch of a thousand entries is one transaction, also on a machine that is slow or stands still now and then. */
const statementMs = 60_000;

export type Dump = Record<keyof typeof tables, readonly object[]>;

export async function startProjection(t: Teardown) {
  const database = await startPostgres(t);
  const logger = silentLogger();
  await migrate(database.url, logger);
  const common = { url: database.url, max: 4, log: logger, statementMs };
  const requests = openPool({ ...common, role: 'parley_requests' });
  t.teardown(() => requests.close());
  const batches = openPool({ ...common, role: 'parley_projector' });
  t.teardown(() => batches.close());
  const writer = openProjectionWriter(batches);
  const sql = openOwner(t, database.url);
  return {
    url: database.url,
    requests,
    /** The owner's connection. */
    sql,
    logger,
    writer,
    marks: openProjectionMarks(batches),
    inline: openInlineProjection(requests),
    reader: openProjectionReader(requests),
    cursors: openReadCursors(requests),
    counts: openUnreadCounts(requests),
    personal: openPersonalStore(requests),
    /** Every row of every table that the projection owns. */
    dump: () => dump(sql),
    async applyInBatches(entries: readonly PlacedEntry[], size: number): Promise<void> {
      for (let start = 0; start < entries.length; start += size) {
        await writer.apply(entries.slice(start, start + size));
      }
    },
  };
}

async function dump(sql: Owner): Promise<Dump> {
  const dumped: Partial<Record<keyof typeof tables, readonly object[]>> = {};
  for (const [table, key] of Object.entries(tables)) {
    const rows = await sql.unsafe(`select row_to_json(t)::text as row from ${table} t order by ${key}`);
    dumped[table as keyof typeof tables] = rows.map(({ row }) => JSON.parse(row as string));
  }
  return dumped as Dump;
}

/** The answer of a test that expects no refusal. */
export function answered<T>(answer: T | Problem): T {
  if (answer instanceof Problem) throw new Error(`refused: ${answer.code}`);
  return answer;
}
