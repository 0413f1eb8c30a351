import type { ConversationRef } from '../../../domain/event.ts';
import type { PrincipalId, TenantId } from '../../../domain/ids.ts';
import { limits } from '../../../domain/limits.ts';
import type { CountedUnread, UnreadQuery } from '../../../ports/projection/unread-counts.ts';
import type { Sql } from '../pool.ts';
import { ownConversations } from '../projection/read/lists/list-conversations.ts';
import { personalConditions } from '../projection/read/personal-conditions.ts';
import { storeCounts } from './store-counts.ts';
import { type CountedRow, countedFrom } from './unread-sql.ts';

type Row = CountedRow & {
  readonly service_id: string | null;
  readonly position: number;
  readonly last_read_seq: number;
  readonly cleared_seq: number;
  readonly blocked: readonly string[];
};

/**
 * Counts of all conversations that a principal sees, or of one. For 10,000 conversations of one user: a walk of
 * participants_by_principal and 10,000 probes each of conversations, read_cursors, conversation_marks and
 * unread_counts (100 to 150 ms of PostgreSQL together), and one range of `messages` for each conversation with something new.
 * bench/scenarios/vero-unread.ts measures it; ADR 0019 says why it is so.
 */
export async function countUnread(
  sql: Sql,
  tenant: TenantId,
  principal: PrincipalId,
  query: UnreadQuery,
  only: ConversationRef | null,
): Promise<readonly CountedUnread[]> {
  const conditions =
    only === null
      ? personalConditions(sql, tenant, principal, null)
      : sql`and c.conversation_id = ${only.conversation}`;
  const own = ownConversations(sql, tenant, principal, query, { columns: sql``, conditions });
  const rows = await sql<Row[]>`
    select
      counted.conversation_id, counted.service_id, counted.position, counted.seq, counted.floor_seq,
      counted.last_read_seq, counted.cleared_seq, counted.unread, counted.counted_seq,
      counted.recount_position, counted.blocked_print, array(
      select blocked_id from blocks where tenant_id = ${tenant} and principal_id = ${principal}
    ) as blocked
    from (${countedFrom(sql, tenant, principal, own)}) as counted
    limit ${limits.unreadListedMax}`;
  await storeCounts(sql, tenant, principal, rows);
  const blocked = new Set(rows[0]?.blocked ?? []);
  return rows.map((row) => ({
    ref: { tenant, service: row.service_id, conversation: row.conversation_id },
    position: row.position,
    seq: row.seq,
    lastReadSeq: row.last_read_seq,
    clearedSeq: row.cleared_seq,
    unread: row.unread,
    blocked,
  }));
}
