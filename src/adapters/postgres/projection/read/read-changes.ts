import type { ConversationRef } from '../../../../domain/event.ts';
import type { ChangeRange } from '../../../../ports/projection/projection-reader.ts';
import type { Sql } from '../../pool.ts';
import { entryColumns, toEntry } from '../entry-row.ts';
import { type EntryPage, type PlacedRow, placeOf } from './read-entries.ts';

/** Messages that were changed after a position, in the order of their last change, from one snapshot with the watermark. */
export async function readChanges(sql: Sql, ref: ConversationRef, range: ChangeRange): Promise<EntryPage> {
  const { afterPosition, upToSeq, limit } = range;
  const rows = await sql<PlacedRow[]>`
    select c.position as at_position, c.log_seq as at_log_seq, e.*
    from conversations c left join lateral (
      select ${entryColumns(sql)} from messages m
      where m.tenant_id = c.tenant_id and m.conversation_id = c.conversation_id
        and m.changed_position > ${afterPosition} and m.seq <= ${upToSeq}
      order by m.changed_position
      limit ${limit + 1}
    ) as e on true
    where c.tenant_id = ${ref.tenant} and c.conversation_id = ${ref.conversation}
    order by e.changed_position`;
  const found = rows.filter((row) => row.seq !== null);
  return {
    entries: found.slice(0, limit).map((row) => toEntry(ref.conversation, row)),
    hasMore: found.length > limit,
    at: placeOf(rows),
  };
}
