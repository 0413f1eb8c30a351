import type { ConversationId, MessageId, TenantId } from '../../../domain/ids.ts';
import { limits } from '../../../domain/limits.ts';
import type { Sql } from '../pool.ts';

/**
 * One probe of messages_by_message_id for each conversation, the newest activity first: an index of message ids alone
 * would be written with every message, and asked hardly ever.
 */
export async function surveyOfMessage(
  sql: Sql,
  tenant: TenantId,
  message: MessageId,
): Promise<ConversationId | null> {
  const [row] = await sql<{ conversation_id: string }[]>`
    select c.conversation_id
    from (
      select conversation_id, active_slot from conversations
      where tenant_id = ${tenant} and status = 'open'
      order by active_slot desc limit ${limits.messageSoughtInMax}
    ) c
    where exists (
      select from messages m
      where m.tenant_id = ${tenant} and m.conversation_id = c.conversation_id and m.message_id = ${message}
    )
    order by c.active_slot desc limit 1`;
  return row?.conversation_id ?? null;
}
