import type { PrincipalId, TenantId } from '../../../../domain/ids.ts';
import type { Sql } from '../../pool.ts';
import { isShown } from '../../unread/unread-sql.ts';

/**
 * What a principal has put away for itself is not in its list (vero.md §4 and §6): a cleared conversation until
 * something newer is there for it, and a private one that somebody opened whom it blocks until it has written
 * there itself. Both are rare, and only they are looked into.
 */
export function personalConditions(
  sql: Sql,
  tenant: TenantId,
  principal: PrincipalId,
  archived: boolean | null,
) {
  return sql`
    and (
      k.cleared_us is null or exists (
        select from messages m cross join (select p.kind) as page
        where m.tenant_id = ${tenant} and m.conversation_id = c.conversation_id and m.seq > k.cleared_seq
          and m.kind = 'message' and ${isShown(sql, tenant, principal)}
      )
    )
    and (
      c.type <> 'private' or not exists (
        select from blocks b
        where b.tenant_id = ${tenant} and b.principal_id = ${principal} and b.blocked_id = c.created_by
      ) or exists (
        select from messages m
        where m.tenant_id = ${tenant} and m.conversation_id = c.conversation_id and m.sender_id = ${principal}
      )
    )
    ${archived === null ? sql`` : archived ? sql`and k.archived_us is not null` : sql`and k.archived_us is null`}`;
}
