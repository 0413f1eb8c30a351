import type { PrincipalId, TenantId } from '../../../domain/ids.ts';
import type { Sql } from '../pool.ts';
import { numbers, texts } from '../projection/array-literal.ts';
import type { CountedRow } from './unread-sql.ts';

/**
 * Keeps what was counted just now. Of two that count at once the later one stays: each row is true of what it
 * names. In the order of the key, so that two requests, or a request and the end of a conversation, wait for
 * each other and never in a circle.
 */
export async function storeCounts(
  sql: Sql,
  tenant: TenantId,
  principal: PrincipalId,
  counted: readonly CountedRow[],
): Promise<void> {
  const fresh = counted.filter(({ seq, counted_seq }) => seq > counted_seq);
  if (fresh.length === 0) return;
  await sql`
    insert into unread_counts (
      tenant_id, principal_id, conversation_id, from_seq, counted_seq, unread, recount_position, blocked_print
    )
    select ${tenant}, ${principal}, v.*
    from unnest(
      ${texts(fresh.map((row) => row.conversation_id))}::text[],
      ${numbers(fresh.map((row) => row.floor_seq))}::bigint[], ${numbers(fresh.map((row) => row.seq))}::bigint[],
      ${numbers(fresh.map((row) => row.unread))}::bigint[],
      ${numbers(fresh.map((row) => row.recount_position))}::bigint[],
      ${numbers(fresh.map((row) => row.blocked_print))}::bigint[]
    ) as v (conversation_id, from_seq, counted_seq, unread, recount_position, blocked_print)
    order by v.conversation_id collate "C"
    on conflict (tenant_id, principal_id, conversation_id) do update set
      from_seq = excluded.from_seq, counted_seq = excluded.counted_seq, unread = excluded.unread,
      recount_position = excluded.recount_position, blocked_print = excluded.blocked_print`;
}
