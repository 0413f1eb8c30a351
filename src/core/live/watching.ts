/** A participant without a socket: it is given each event as it is folded, and nothing else. */
import type { Event } from '../../domain/event.ts';
import type { ConversationId } from '../../domain/ids.ts';
import { requireParticipant } from '../../domain/permissions.ts';
import type { Principal } from '../../domain/principal.ts';
import { Problem } from '../../domain/problem.ts';
import type { ConversationCache } from '../conversations/conversation-cache.ts';
import type { HeadCheck } from '../conversations/head-check.ts';
import type { LoadedConversation } from '../conversations/loaded-conversation.ts';
import { findConversation } from './find-conversation.ts';
import type { WatchedConversation } from './live-bus.ts';

export interface WatchDeps {
  readonly cache: Pick<ConversationCache, 'fresh' | 'get'>;
  readonly headCheck: HeadCheck;
}

/** See LiveBus.watch(). */
export async function watch(
  { cache, headCheck }: WatchDeps,
  principal: Principal,
  id: ConversationId,
  onEvent: (event: Event) => void,
): Promise<WatchedConversation | Problem> {
  const conversation = await findConversation(cache, principal.tenant, id);
  if (conversation instanceof Problem) return conversation;
  const stop = conversation.watch(onEvent);
  const head = await headCheck.confirm(conversation);
  const refused = head instanceof Problem ? head : requireParticipant(conversation.state, principal, null);
  if (refused instanceof Problem) {
    stop();
    return refused;
  }
  return watchedConversation(conversation, stop);
}

function watchedConversation(conversation: LoadedConversation, stop: () => void): WatchedConversation {
  return {
    ref: conversation.ref,
    get state() {
      return conversation.state;
    },
    stop,
  };
}
