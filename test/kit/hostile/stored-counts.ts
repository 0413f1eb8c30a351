/** How much is stored, in every table of a truth of its own and in every stream: to see that nothing was added. */
import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import pg from 'pg';
import type { TestNats } from '../servers/nats.ts';
import type { TestDatabase } from '../servers/postgres.ts';
import type { Teardown } from '../temporary.ts';

export type StoredCounts = Readonly<Record<string, number>>;

/** What follows the logs by itself or has no answer to wait for, and what records that somebody was refused. */
const notCounted = new Set([
  'conversations',
  'participants',
  'messages',
  'message_versions',
  'reactions',
  'projector_marks',
  'identity_changes',
  'audit',
  'DRAFTS',
]);

/** Answers a function that counts now. Closed with the test. */
export async function openStoredCounts(
  servers: { readonly nats: TestNats; readonly database: TestDatabase },
  t: Teardown,
): Promise<() => Promise<StoredCounts>> {
  const { user, pass, url } = servers.nats;
  const nats = await connect({ servers: url, user, pass, timeout: 25_000 });
  t.teardown(() => nats.close());
  const streams = await jetstreamManager(nats, { timeout: 25_000 });
  const client = new pg.Client(servers.database.url);
  await client.connect();
  t.teardown(() => client.end());
  const { rows } = await client.query<{ name: string }>(
    `select tablename as name from pg_tables where schemaname = 'public' order by 1`,
  );
  const tables = rows.map(({ name }) => name).filter((name) => !notCounted.has(name));
  const counting = tables.map((name) => `select '${name}' as name, count(*)::int as rows from ${name}`);
  return async () => {
    const counted = await client.query<{ name: string; rows: number }>(counting.join(' union all '));
    const counts: Record<string, number> = {};
    for (const { name, rows } of counted.rows) counts[name] = rows;
    for await (const { config, state } of streams.streams.list())
      if (!notCounted.has(config.name)) counts[config.name] = state.last_seq;
    return counts;
  };
}
