/** The conversation that somebody wants to read: found, confirmed at the leader, and open to the reader. */
import type { ConversationId, TenantId } from '../../domain/ids.ts';
import { mayRead } from '../../domain/permissions.ts';
import type { Principal } from '../../domain/principal.ts';
import { Problem } from '../../domain/problem.ts';
import type { ConversationCache } from '../conversations/conversation-cache.ts';
import type { HeadCheck } from '../conversations/head-check.ts';
import type { LoadedConversation } from '../conversations/loaded-conversation.ts';

export class ConversationFinder {
  readonly #cache: ConversationCache;
  readonly #headCheck: HeadCheck;

  constructor(cache: ConversationCache, headCheck: HeadCheck) {
    this.#cache = cache;
    this.#headCheck = headCheck;
  }

  /** In memory and, unless `isCached`, proven to be the head: contains everything acknowledged before now. */
  async find(
    tenant: TenantId,
    id: ConversationId,
    isCached = false,
  ): Promise<LoadedConversation | null | Problem> {
    const conversation = this.#cache.fresh(tenant, id) ?? (await this.#cache.get(tenant, id));
    if (conversation === null || conversation instanceof Problem || isCached) return conversation;
    const answer = await this.#headCheck.confirm(conversation);
    return answer instanceof Problem ? answer : conversation;
  }

  /** `not_found` for who may not read it. `env`: what the reader named; null: any. */
  async readable(
    principal: Principal,
    id: ConversationId,
    env: string | null,
    isCached = false,
  ): Promise<LoadedConversation | Problem> {
    const conversation = await this.find(principal.tenant, id, isCached);
    if (conversation instanceof Problem) return conversation;
    if (conversation === null) return new Problem('not_found');
    if (mayRead(conversation.state, principal, env)) return conversation;
    // A refusal on an unconfirmed state might be wrong.
    const answer = isCached ? await this.#headCheck.confirm(conversation) : 'same';
    if (answer instanceof Problem) return answer;
    return mayRead(conversation.state, principal, env) ? conversation : new Problem('not_found');
  }
}
