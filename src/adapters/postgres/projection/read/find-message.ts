import type { ConversationId, MessageId, PrincipalId, TenantId } from '../../../../domain/ids.ts';
import type { Sql } from '../../pool.ts';

/**
 * The conversation of a message, among those of the principal; null when none has it. Message ids are indexed
 * within their conversation, so this is one probe for each conversation of the principal.
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
    join messages m using (tenant_id, conversation_id)
    where p.tenant_id = ${tenant} and p.principal_id = ${principal} and p.active
      and m.message_id = ${message}
    order by m.deleted_us is null desc, m.sender_id = ${principal} desc, m.at_us desc
    limit 1`;
  return rows[0]?.conversation_id ?? null;
}
