import type { ConversationId, PrincipalId, TenantId } from '../../../../domain/ids.ts';
import type { Sql } from '../../pool.ts';

/** Of a deleted conversation its row stays, with the ids of those who were in it. */
export async function wasDeleted(
  sql: Sql,
  tenant: TenantId,
  principal: PrincipalId,
  conversation: ConversationId,
): Promise<boolean> {
  const rows = await sql<{ was_in: boolean }[]>`
    select former_participants::jsonb ? ${principal} as was_in
    from conversations
    where tenant_id = ${tenant} and conversation_id = ${conversation} and status = 'deleted'`;
  return rows[0]?.was_in === true;
}
