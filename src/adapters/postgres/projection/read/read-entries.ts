import type { ConversationRef } from '../../../../domain/event.ts';
import type { TimelineEntry } from '../../../../domain/timeline.ts';
import type { EntryRange, ProjectedAt } from '../../../../ports/projection/projection-reader.ts';
import type { Sql } from '../../pool.ts';
import { isInternal } from '../../unread/unread-sql.ts';
import { texts } from '../array-literal.ts';
import { type EntryRow, entryColumns, toEntry } from '../entry-row.ts';
import { foundSeq, seqSearch } from './seq-search.ts';

/** `at_position`, `at_log_seq`: the watermark, in each row; with no entry one row whose seq is null. */
export type PlacedRow = EntryRow & { readonly at_position: number; readonly at_log_seq: number };

export interface EntryPage {
  readonly entries: readonly TimelineEntry[];
  readonly hasMore: boolean;
  readonly at: ProjectedAt;
}

/** Entries inside of exclusive bounds, ascending, from one snapshot together with the watermark. */
export async function readEntries(sql: Sql, ref: ConversationRef, range: EntryRange): Promise<EntryPage> {
  const isNewest = range.keep === 'newest';
  const rows = await sql<PlacedRow[]>`
    with recursive ${timeSearches(sql, ref, range)}
    place as (
      select c.position, c.log_seq from conversations c
      where c.tenant_id = ${ref.tenant} and c.conversation_id = ${ref.conversation}
    )
    select place.position as at_position, place.log_seq as at_log_seq, e.*
    from place left join lateral (
      select ${entryColumns(sql)} from messages m
      where m.tenant_id = ${ref.tenant} and m.conversation_id = ${ref.conversation}
        ${bounds(sql, range)}
        ${seenOnly(sql, range)}
      order by m.seq ${isNewest ? sql`desc` : sql`asc`}
      limit ${range.limit + 1}
    ) as e on true`;
  const found = rows.filter((row) => row.seq !== null);
  const kept = found.slice(0, range.limit);
  if (isNewest) kept.reverse();
  return {
    entries: kept.map((row) => toEntry(ref.conversation, row)),
    hasMore: found.length > range.limit,
    at: placeOf(rows),
  };
}

export function placeOf(rows: readonly PlacedRow[]): ProjectedAt {
  return { position: rows[0]?.at_position ?? 0, logSeq: rows[0]?.at_log_seq ?? 0 };
}

function timeSearches(sql: Sql, ref: ConversationRef, { afterAt, beforeAt }: EntryRange) {
  const after = afterAt === undefined ? sql`` : sql`${seqSearch(sql, 'after_at', ref, 'at_us', afterAt)},`;
  // Exclusive: the last seq before `beforeAt` is the last one at or before the microsecond before it.
  const before =
    beforeAt === undefined ? sql`` : sql`${seqSearch(sql, 'before_at', ref, 'at_us', beforeAt - 1)},`;
  return sql`${after} ${before}`;
}

/** Only the bounds that were asked for: each combination is a prepared statement with its own plan. */
function bounds(sql: Sql, { afterSeq, beforeSeq, afterAt, beforeAt }: EntryRange) {
  return sql`
    ${afterSeq === undefined ? sql`` : sql`and m.seq > ${afterSeq}`}
    ${beforeSeq === undefined ? sql`` : sql`and m.seq < ${beforeSeq}`}
    ${afterAt === undefined ? sql`` : sql`and m.seq > ${foundSeq(sql, 'after_at')}`}
    ${beforeAt === undefined ? sql`` : sql`and m.seq <= ${foundSeq(sql, 'before_at')}`}`;
}

/** However many entries in a row are not seen: one scan passes them over. */
function seenOnly(sql: Sql, { seen }: EntryRange) {
  if (seen === undefined) return sql``;
  const { blocked, seesInternal } = seen;
  return sql`
    and m.kind = 'message'
    ${blocked.size === 0 ? sql`` : sql`and m.sender_id <> all(${texts([...blocked])}::text[])`}
    ${seesInternal ? sql`` : sql`and not ${isInternal(sql)}`}`;
}
