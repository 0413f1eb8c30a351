import type { ConversationId, TenantId } from '../../domain/ids.ts';
import { Problem } from '../../domain/problem.ts';
import type { ConversationCache } from '../conversations/conversation-cache.ts';
import type { LoadedConversation } from '../conversations/loaded-conversation.ts';

/** A conversation of the tenant, from memory where it is fresh there. Whoever asks may not be in it. */
export async function findConversation(
  cache: Pick<ConversationCache, 'fresh' | 'get'>,
  tenant: TenantId,
  id: ConversationId,
): Promise<LoadedConversation | Problem> {
  const conversation = cache.fresh(tenant, id) ?? (await cache.get(tenant, id));
  return conversation ?? new Problem('not_found');
}
