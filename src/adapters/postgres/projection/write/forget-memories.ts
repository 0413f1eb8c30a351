import type { Transaction } from '../../pool.ts';
import { texts } from '../array-literal.ts';
import type { Unattached } from './drop-media.ts';

/** What agents remember of deleted messages; of whole conversations: wipeConversations(). */
export async function forgetMemories(sql: Transaction, dropped: readonly Unattached[]): Promise<void> {
  const messages = dropped.filter(({ message }) => message !== null);
  if (messages.length === 0) return;
  await sql`
    delete from agent_memories m
    using unnest(
      ${texts(messages.map(({ ref }) => ref.tenant))}::text[],
      ${texts(messages.map(({ ref }) => ref.conversation))}::text[],
      ${texts(messages.map(({ message }) => message))}::text[]
    ) as v (tenant_id, conversation_id, message_id)
    where m.tenant_id = v.tenant_id and m.conversation_id = v.conversation_id and m.message_id = v.message_id`;
}
