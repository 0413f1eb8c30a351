/** Everything that the log holds of one tenant, for operators: read by consumers that the server forgets by itself. */
import { type ConsumerMessages, jetstream } from '@nats-io/jetstream';
import type { LogEntry } from '../../../domain/event.ts';
import type { TenantId } from '../../../domain/ids.ts';
import type { Logger } from '../../../ports/logger.ts';
import { openConnection } from '../connections/connection.ts';
import { openStreamManager } from '../streams/stream-manager.ts';
import { logStreamNames } from '../streams/streams.ts';
import { logSubjectsOfTenant } from '../subjects.ts';
import { readEntry } from './entry-headers.ts';

export interface TenantLog {
  /**
   * Events that were stored when it was called, `since` (a time of the server) on. Of one conversation in order; of several as
   * they were written, as far as the clocks of nodes agree. Rejects when NATS goes away.
   */
  entries(tenant: TenantId, since: Date | null): AsyncIterable<LogEntry>;
  /** How many `entries` is going to give, and has given. */
  readonly progress: { total: number; read: number };
  close(): Promise<void>;
}

/** What one pull asks for. */
const pullMax = 500;

/** Rejects when NATS is away. */
export async function openTenantLog(options: {
  readonly url: string;
  readonly credsFile: string | null;
  readonly log: Logger;
}): Promise<TenantLog> {
  const { url, credsFile, log } = options;
  const creds = credsFile === null ? {} : { credsFile };
  const { connection, close } = await openConnection({ url, log, name: 'parley replay', ...creds });
  const manager = await openStreamManager(connection);
  const progress = { total: 0, read: 0 };

  /** Of one partition. */
  async function* entriesOf(stream: string, tenant: TenantId, since: Date | null): AsyncGenerator<LogEntry> {
    const start = since === null ? {} : { opt_start_time: since.toISOString() };
    const consumer = await jetstream(connection).consumers.get(stream, {
      filter_subjects: [logSubjectsOfTenant(tenant)],
      ...start,
    });
    const waiting = (await consumer.info()).num_pending;
    if (waiting === 0) return;
    progress.total += waiting;
    const messages: ConsumerMessages = await consumer.consume({ max_messages: pullMax });
    let left = waiting;
    for await (const message of messages) {
      progress.read += 1;
      yield readEntry(message.data, message.headers, message.seq);
      left -= 1;
      // What comes meanwhile is not asked for; what was erased meanwhile does not come.
      if (left === 0 || message.info.pending === 0) return;
    }
  }

  async function* entries(tenant: TenantId, since: Date | null): AsyncGenerator<LogEntry> {
    const streams = await logStreamNames(manager);
    const readers = streams.map((stream) => entriesOf(stream, tenant, since));
    const heads = await Promise.all(readers.map((reader) => reader.next()));
    for (;;) {
      const next = earliest(heads);
      if (next === null) return;
      const { value } = heads[next] as IteratorYieldResult<LogEntry>;
      yield value;
      heads[next] = await (readers[next] as AsyncGenerator<LogEntry>).next();
    }
  }

  return { entries, progress, close };
}

/** Index of the head that was written first; null when all are at their end. */
function earliest(heads: readonly IteratorResult<LogEntry>[]): number | null {
  let found: number | null = null;
  let at = '';
  for (const [index, head] of heads.entries()) {
    if (head.done === true) continue;
    if (found === null || head.value.event.at < at) {
      found = index;
      at = head.value.event.at;
    }
  }
  return found;
}
