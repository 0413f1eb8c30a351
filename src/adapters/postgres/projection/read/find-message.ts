import type { ConversationId, MessageId, PrincipalId, TenantId } from '../../../../domain/ids.ts';
import type { Sql } from '../../pool.ts';

/**
 * The conversation of a message, among those of the principal; null when none has it. Message ids are indexed
 * within their conversation, so this is one probe for each conversation of the principal: 1 ms for 100 of them,
 * 40 ms for 5,000. `offset 0` keeps the planner from reading all messages of the tenant instead (110 ms for
 * 400,000); an index by message id alone would be paid for by every post.
 */
export async function findMessage(
  sql: Sql,
  tenant: TenantId,
  principal: PrincipalId,
  message: MessageId,
): Promise<ConversationId | null> {
  const rows = await sql<{ conversation_id: string }[]>`
    select m.conversation_id
    from participants p
    cross join lateral (
      select conversation_id, deleted_us, sender_id, at_us from messages
      where tenant_id = p.tenant_id and conversation_id = p.conversation_id and message_id = ${message}
      offset 0
    ) as m
    where p.tenant_id = ${tenant} and p.principal_id = ${principal} and p.active
    order by m.deleted_us is null desc, m.sender_id = ${principal} desc, m.at_us desc
    limit 1`;
  return rows[0]?.conversation_id ?? null;
}
