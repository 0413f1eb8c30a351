import type { ConversationRef } from '../../../../domain/event.ts';
import type { PostedEntry } from '../../../../domain/idempotency-window.ts';
import type { MessageId, PrincipalId } from '../../../../domain/ids.ts';
import type { TimelineEntry } from '../../../../domain/timeline.ts';
import type { ProjectedAt } from '../../../../ports/projection/projection-reader.ts';
import type { Sql } from '../../pool.ts';
import { entryColumns, toEntry, toPostedEntry } from '../entry-row.ts';
import { type PlacedRow, placeOf } from './read-entries.ts';

/** What an earlier post is looked up by. */
export type PostKey =
  | { readonly sender: PrincipalId; readonly clientId: string }
  | { readonly messageId: MessageId };

/** The entry with this id; of two messages with one id the later one, as in domain/timeline.ts. */
export async function readEntry(
  sql: Sql,
  ref: ConversationRef,
  message: MessageId,
): Promise<{ readonly entry: TimelineEntry | null; readonly at: ProjectedAt }> {
  const rows = await newest(sql, ref, sql`m.message_id = ${message}`);
  const row = rows[0];
  const isFound = row !== undefined && row.seq !== null;
  return { entry: isFound ? toEntry(ref.conversation, row) : null, at: placeOf(rows) };
}

export async function readEarlierPost(
  sql: Sql,
  ref: ConversationRef,
  by: PostKey,
): Promise<{ readonly post: PostedEntry | null; readonly at: ProjectedAt }> {
  const matches =
    'messageId' in by
      ? sql`m.message_id = ${by.messageId}`
      : sql`m.client_id = ${by.clientId} and m.sender_id = ${by.sender}`;
  const rows = await newest(sql, ref, sql`m.kind = 'message' and ${matches}`);
  const row = rows[0];
  return { post: row !== undefined && row.seq !== null ? toPostedEntry(row) : null, at: placeOf(rows) };
}

/**
 * The last entry that matches, with the watermark; one row without an entry when none does. The matches
 * are found first and ordered then: asked for together, a planner without statistics walks the whole
 * conversation backwards instead of using the index of the id.
 */
function newest(sql: Sql, ref: ConversationRef, matches: ReturnType<Sql>) {
  return sql<PlacedRow[]>`
    with found as materialized (
      select ${entryColumns(sql)} from messages m
      where m.tenant_id = ${ref.tenant} and m.conversation_id = ${ref.conversation} and ${matches}
    )
    select c.position as at_position, c.log_seq as at_log_seq, e.*
    from conversations c left join lateral (
      select * from found order by found.seq desc limit 1
    ) as e on true
    where c.tenant_id = ${ref.tenant} and c.conversation_id = ${ref.conversation}`;
}
