/** Whose message is being streamed: its deltas, in their order, and that nothing comes of it. */
import { Problem } from '../../../domain/problem.ts';
import type { LiveFeed } from '../../../ports/live-feed.ts';
import type { ConversationCache } from '../../conversations/conversation-cache.ts';
import { findConversation } from '../find-conversation.ts';
import type { LiveBus, Pulse } from '../live-bus.ts';
import type { DraftWriter } from './draft-writer.ts';
import { openInOrder } from './in-order.ts';

export interface StreamingDeps {
  readonly cache: Pick<ConversationCache, 'fresh' | 'get'>;
  readonly draftWriter: DraftWriter;
  readonly feed: Pick<LiveFeed, 'publishPulse'>;
}

export function openStreaming({
  cache,
  draftWriter,
  feed,
}: StreamingDeps): Pick<LiveBus, 'delta' | 'abandon'> {
  const inOrder = openInOrder<Problem | null>();
  return {
    delta(session, delta, onProblem) {
      const { tenant, id } = session.principal;
      return inOrder(`${tenant} ${id} ${delta.conversation} ${delta.messageId}`, async () => {
        const conversation =
          cache.fresh(tenant, delta.conversation) ??
          (await findConversation(cache, tenant, delta.conversation));
        if (conversation instanceof Problem) return conversation;
        return await draftWriter.write(conversation, session.principal, delta, onProblem);
      });
    },

    async abandon(tenant, { conversation: id, messageId, run, author, isUnseen }) {
      const conversation = await findConversation(cache, tenant, id);
      if (conversation instanceof Problem) return;
      const news = { kind: 'draft.abandoned', conversation: id, from: author } as const;
      const unseen = isUnseen ? ({ unseen: true } as const) : {};
      const pulse: Pulse = { ...news, message_id: messageId, run, ...unseen };
      feed.publishPulse(conversation.ref, 'draft', pulse);
    },
  };
}
