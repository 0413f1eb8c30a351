/**
 * A list comes from the projection, which is some milliseconds behind. What this node has in memory is
 * put on top, so that a caller that has just posted sees its post in the list's numbers and order.
 */
import { limits } from '../../domain/limits.ts';
import type { Principal } from '../../domain/principal.ts';
import type { Participant } from '../../domain/state.ts';
import type { ListedConversation } from '../../ports/projection.ts';
import type { ConversationCache } from '../conversations/conversation-cache.ts';
import type { LoadedConversation } from '../conversations/loaded-conversation.ts';
import { countRecent } from './read-markers.ts';

/** The same page with present numbers, newest activity first. */
export function listedNow(
  cache: ConversationCache,
  principal: Principal,
  page: readonly ListedConversation[],
): readonly ListedConversation[] {
  let hasChanged = false;
  const present = page.map((listed) => {
    const { tenant, conversation } = listed.ref;
    const loaded = cache.fresh(tenant, conversation);
    if (loaded === null || loaded.state.position <= listed.position) return listed;
    const { state } = loaded;
    const participant = state.participants.get(principal.id);
    if (participant === undefined) return listed;
    hasChanged = true;
    const { name, description, metadata, position, seq } = state;
    const unread = unreadNow(listed, loaded, participant);
    return {
      ...listed,
      name,
      description,
      metadata,
      position,
      seq,
      updatedAt: state.at,
      role: participant.role,
      unread,
    };
  });
  return hasChanged ? present.sort(byActivity) : page;
}

/** What memory holds from the reader's mark on, else what the projection counted and what came since. */
function unreadNow(listed: ListedConversation, loaded: LoadedConversation, participant: Participant): number {
  const after = Math.max(listed.lastReadSeq, participant.joinedSeq);
  const firstSeq = loaded.recent[0]?.event.seq ?? loaded.state.seq + 1;
  if (after >= firstSeq - 1) return countRecent(loaded, participant.id, after);
  return Math.min(listed.unread + countRecent(loaded, participant.id, listed.seq), limits.unreadMax);
}

function byActivity(one: ListedConversation, other: ListedConversation): number {
  if (one.updatedAt !== other.updatedAt) return other.updatedAt - one.updatedAt;
  return one.ref.conversation < other.ref.conversation ? 1 : -1;
}
