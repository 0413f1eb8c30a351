import type { ConversationRef } from '../../../../domain/event.ts';
import type { Transaction } from '../../pool.ts';
import { texts } from '../array-literal.ts';

/** Everything that only makes sense inside a conversation; its own row stays. */
const tables = [
  'messages',
  'message_versions',
  'reactions',
  'participants',
  'read_cursors',
  'conversation_marks',
  'agent_runs',
  'agent_logs',
  'agent_memories',
] as const;

/** Removes what deleted conversations held. A conversation with a million messages takes seconds. */
export async function wipeConversations(sql: Transaction, refs: readonly ConversationRef[]): Promise<void> {
  if (refs.length === 0) return;
  await Promise.all([...tables.map((table) => wipe(sql, table, refs)), wipeCounts(sql, refs)]);
}

/** Removes its members alone, so that it is in nobody's list any more. */
export async function wipeParticipants(sql: Transaction, refs: readonly ConversationRef[]): Promise<void> {
  if (refs.length > 0) await wipe(sql, 'participants', refs);
}

async function wipe(
  sql: Transaction,
  table: (typeof tables)[number],
  refs: readonly ConversationRef[],
): Promise<void> {
  const tenants = texts(refs.map(({ tenant }) => tenant));
  const conversations = texts(refs.map(({ conversation }) => conversation));
  await sql`
    delete from ${sql(table)} t
    using unnest(${tenants}::text[], ${conversations}::text[]) as v (tenant_id, conversation_id)
    where t.tenant_id = v.tenant_id and t.conversation_id = v.conversation_id`;
}

/** In the order in which readers write theirs (unread/store-counts.ts): nobody waits in a circle. */
async function wipeCounts(sql: Transaction, refs: readonly ConversationRef[]): Promise<void> {
  const tenants = texts(refs.map(({ tenant }) => tenant));
  const conversations = texts(refs.map(({ conversation }) => conversation));
  await sql`
    with doomed as materialized (
      select u.tenant_id, u.principal_id, u.conversation_id
      from unnest(${tenants}::text[], ${conversations}::text[]) as v (tenant_id, conversation_id)
      join unread_counts u on u.tenant_id = v.tenant_id and u.conversation_id = v.conversation_id
      order by u.conversation_id, u.principal_id
      for update of u
    )
    delete from unread_counts u using doomed d
    where u.tenant_id = d.tenant_id and u.principal_id = d.principal_id
      and u.conversation_id = d.conversation_id`;
}
