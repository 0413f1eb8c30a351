import type { Transaction } from '../../pool.ts';
import { entryColumnsOf, type PlacedFold } from './entry-columns.ts';

/** New timeline entries: the statement that decides how fast the projection is. */
export async function insertEntries(sql: Transaction, placed: readonly PlacedFold[]): Promise<void> {
  if (placed.length === 0) return;
  const of = entryColumnsOf(placed);
  await sql`
    insert into messages (
      tenant_id, conversation_id, seq, position, log_seq, event_id, message_id, kind,
      sender_id, sender_kind, at_us, client_id, content_hash, run, trace,
      content, content_type, data, edit_count, edited_us, deleted_us, deleted_by,
      interrupted, changed_position, data_class, policy_ref, searchable
    )
    select * from unnest(
      ${of.tenant}::text[], ${of.conversation}::text[], ${of.seq}::bigint[], ${of.position}::bigint[],
      ${of.logSeq}::bigint[], ${of.event}::text[], ${of.message}::text[], ${of.kind}::text[],
      ${of.sender}::text[], ${of.senderKind}::text[], ${of.at}::bigint[], ${of.client}::text[],
      ${of.hash}::bigint[], ${of.run}::text[], ${of.trace}::text[], ${of.content}::text[],
      ${of.contentType}::text[], ${of.data}::json[], ${of.editCount}::integer[], ${of.edited}::bigint[],
      ${of.deleted}::bigint[], ${of.deletedBy}::text[], ${of.interrupted}::boolean[],
      ${of.changed}::bigint[], ${of.dataClass}::text[], ${of.policy}::text[], ${of.searchable}::boolean[]
    )`;
}
