import type { ConversationRef } from '../../../../../domain/event.ts';
import type { PrincipalId, TenantId } from '../../../../../domain/ids.ts';
import type { Sql } from '../../../pool.ts';

/** Refs of a principal's open conversations, newest activity first. */
export async function listRefs(
  sql: Sql,
  tenant: TenantId,
  principal: PrincipalId,
  limit: number,
): Promise<readonly ConversationRef[]> {
  const rows = await sql<{ service_id: string | null; conversation_id: string }[]>`
    select c.service_id, c.conversation_id
    from participants p
    join conversations c using (tenant_id, conversation_id)
    where p.tenant_id = ${tenant} and p.principal_id = ${principal} and p.active and c.status = 'open'
    order by c.updated_us desc, c.conversation_id desc
    limit ${limit}`;
  return rows.map((row) => ({ tenant, service: row.service_id, conversation: row.conversation_id }));
}
