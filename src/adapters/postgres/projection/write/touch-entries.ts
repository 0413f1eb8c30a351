import type { Transaction } from '../../pool.ts';
import { numbers, texts } from '../array-literal.ts';
import type { PlacedFold } from './entry-columns.ts';

/** Messages of earlier batches with new reactions: their texts, and so the search index, stay untouched. */
export async function touchEntries(sql: Transaction, placed: readonly PlacedFold[]): Promise<void> {
  if (placed.length === 0) return;
  const entries = placed.map(({ folded }) => folded.entry);
  await sql`
    update messages m set changed_position = v.changed_position
    from unnest(
      ${texts(placed.map(({ ref }) => ref.tenant))}::text[],
      ${texts(placed.map(({ ref }) => ref.conversation))}::text[],
      ${numbers(entries.map(({ event }) => event.seq ?? 0))}::bigint[],
      ${numbers(entries.map(({ changedPosition }) => changedPosition))}::bigint[]
    ) as v (tenant_id, conversation_id, seq, changed_position)
    where m.tenant_id = v.tenant_id and m.conversation_id = v.conversation_id and m.seq = v.seq`;
}
