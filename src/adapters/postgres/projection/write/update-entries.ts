import type { Transaction } from '../../pool.ts';
import { entryColumnsOf, type PlacedFold } from './entry-columns.ts';

/** Edited and deleted messages of earlier batches. Where they stand and who sent them never changes. */
export async function updateEntries(sql: Transaction, placed: readonly PlacedFold[]): Promise<void> {
  if (placed.length === 0) return;
  const of = entryColumnsOf(placed);
  await sql`
    update messages m set
      client_id = v.client_id, content_hash = v.content_hash, run = v.run, trace = v.trace,
      content = v.content, content_type = v.content_type, data = v.data,
      edit_count = v.edit_count, edited_us = v.edited_us,
      deleted_us = v.deleted_us, deleted_by = v.deleted_by, interrupted = v.interrupted,
      changed_position = v.changed_position,
      data_class = v.data_class, policy_ref = v.policy_ref, searchable = v.searchable
    from unnest(
      ${of.tenant}::text[], ${of.conversation}::text[], ${of.seq}::bigint[], ${of.client}::text[],
      ${of.hash}::bigint[], ${of.run}::text[], ${of.trace}::text[], ${of.content}::text[],
      ${of.contentType}::text[], ${of.data}::json[], ${of.editCount}::integer[], ${of.edited}::bigint[],
      ${of.deleted}::bigint[], ${of.deletedBy}::text[], ${of.interrupted}::boolean[],
      ${of.changed}::bigint[], ${of.dataClass}::text[], ${of.policy}::text[], ${of.searchable}::boolean[]
    ) as v (
      tenant_id, conversation_id, seq, client_id, content_hash, run, trace, content, content_type, data,
      edit_count, edited_us, deleted_us, deleted_by, interrupted, changed_position, data_class, policy_ref, searchable
    )
    where m.tenant_id = v.tenant_id and m.conversation_id = v.conversation_id and m.seq = v.seq`;
}
