/**
 * Unread messages of one principal, each counted once (ADR 0019): what `unread_counts` holds of a conversation
 * counts while the marks, the blocks and the messages that it was counted from are the same; on top comes what
 * was projected since. One snapshot sees all of it, so no writer needs to tell anybody.
 */
import type { PrincipalId, TenantId } from '../../../domain/ids.ts';
import type { Sql } from '../pool.ts';

/** The columns that countedFrom() adds to those of `page`. */
export interface CountedRow {
  readonly conversation_id: string;
  readonly seq: number;
  readonly floor_seq: number;
  readonly unread: number;
  readonly counted_seq: number;
  readonly recount_position: number;
  readonly blocked_print: number;
}

/**
 * True for a message `m` that counts for the principal, given the rows `page` (its `kind`: that of the principal).
 * Not of itself, not deleted, of nobody whom it blocks, and nothing that agents say among themselves for a person.
 */
export function countsFor(sql: Sql, tenant: TenantId, principal: PrincipalId) {
  return sql`
    m.kind = 'message' and m.deleted_us is null and m.sender_id <> ${principal}
    and ${isShown(sql, tenant, principal)}`;
}

/** True for a message `m` that is among agents and services; also of a sealed one. */
export function isInternal(sql: Sql) {
  // Only where the text has the word: looking into every message would take several times as long.
  return sql`
    (case
      when strpos(m.data::text, '"is_internal"') > 0
      then coalesce((m.data -> 'metadata' -> 'is_internal')::text = 'true', false)
      else false
    end)`;
}

/** A piece of a statement. */
export type Fragment = ReturnType<typeof isShown>;

/** True for a message `m` that the principal sees, given the rows `page`; whether it is cleared is not asked. */
export function isShown(sql: Sql, tenant: TenantId, principal: PrincipalId) {
  return sql`
    not (page.kind = 'user' and ${isInternal(sql)})
    and not exists (
      select from blocks b
      where b.tenant_id = ${tenant} and b.principal_id = ${principal} and b.blocked_id = m.sender_id
    )`;
}

/**
 * `page` (tenant_id, conversation_id, kind, seq, floor_seq, recount_position) with what was counted and what is new.
 * Costs for each row one probe of unread_counts, and of `messages` only where something came since.
 */
export function countedFrom(sql: Sql, tenant: TenantId, principal: PrincipalId, page: Fragment) {
  return sql`
    select
      page.*, blocking.print as blocked_print,
      coalesce(u.counted_seq, page.floor_seq) as counted_seq,
      coalesce(u.unread, 0) + fresh.unread as unread
    from (${page}) as page
    cross join (
      -- 53 bits, which a number of the driver's holds.
      select coalesce(bit_xor(hashtextextended(b.blocked_id, b.created_us)), 0) & 9007199254740991 as print
      from blocks b
      where b.tenant_id = ${tenant} and b.principal_id = ${principal}
    ) as blocking
    left join lateral (
      select * from unread_counts
      where tenant_id = ${tenant} and principal_id = ${principal} and conversation_id = page.conversation_id
      offset 0
    ) as u on
      u.from_seq = page.floor_seq and u.counted_seq <= page.seq
      and u.recount_position = page.recount_position and u.blocked_print = blocking.print
    cross join lateral (
      select count(*) as unread from messages m
      -- Without a column of m: where nothing is new, messages are not looked at.
      where page.seq > coalesce(u.counted_seq, page.floor_seq)
        and m.tenant_id = ${tenant} and m.conversation_id = page.conversation_id
        and m.seq > coalesce(u.counted_seq, page.floor_seq) and m.seq <= page.seq
        and ${countsFor(sql, tenant, principal)}
    ) as fresh`;
}
