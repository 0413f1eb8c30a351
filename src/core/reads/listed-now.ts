/**
 * A list comes from the projection, which is some milliseconds behind. What this node has in memory is
 * put on top, so that a caller that has just posted sees its post in the list's numbers and order.
 */
import type { Principal } from '../../domain/principal.ts';
import type { TimelineEntry } from '../../domain/timeline.ts';
import type {
  AgentConversations,
  InboxConversation,
  Listed,
  ListedConversation,
} from '../../ports/projection/listed-conversations.ts';
import type { ConversationCache } from '../conversations/conversation-cache.ts';
import type { LoadedConversation } from '../conversations/loaded-conversation.ts';
import { type Counting, isShownTo, unreadNow } from './unread-now.ts';

type Update<Row> = (listed: Row, loaded: LoadedConversation, counting: Counting) => Partial<Row>;

/** The same page with present numbers, newest activity first. `update`: of what only its kind of row has. */
export function listedNow<Row extends ListedConversation>(
  cache: ConversationCache,
  principal: Principal,
  { conversations: page, blocked }: Listed<Row>,
  update?: Update<Row>,
): readonly Row[] {
  let hasChanged = false;
  const present = page.map((listed) => {
    const { tenant, conversation } = listed.ref;
    const loaded = cache.fresh(tenant, conversation);
    if (loaded === null || loaded.state.position <= listed.position) return listed;
    const { state } = loaded;
    const participant = state.participants.get(principal.id);
    if (participant === undefined) return listed;
    hasChanged = true;
    const { name, description, metadata, stage, changedAt, position, seq } = state;
    const counting = { ...listed, blocked, participant };
    return {
      ...listed,
      name,
      description,
      metadata,
      stage,
      changedAt,
      position,
      seq,
      updatedAt: state.at,
      role: participant.role,
      unread: unreadNow(counting, loaded),
      ...update?.(listed, loaded, counting),
    };
  });
  return hasChanged ? present.sort(byActivity) : page;
}

/** Who else is in it, and its newest message, as memory has them. */
export function inboxNow(
  listed: InboxConversation,
  { state, recent }: LoadedConversation,
  counting: Counting,
): Partial<InboxConversation> {
  const all = [...state.participants.values()];
  const others = all.filter(({ id }) => id !== counting.participant.id);
  const isNewest = (entry: TimelineEntry): boolean =>
    (entry.event.seq ?? 0) > listed.clearedSeq && entry.deletedAt === null && isShownTo(entry, counting);
  return {
    others: state.type === 'private' ? others.slice(0, 2).map(({ id, kind }) => ({ id, kind })) : [],
    hasAgent: all.some(({ kind }) => kind !== 'user'),
    newest: recent.findLast(isNewest) ?? listed.newest,
  };
}

/** The same page with what memory has, newest activity first; which conversations match was told by the projection. */
export function agentsNow(cache: ConversationCache, page: AgentConversations): AgentConversations {
  const conversations = page.conversations.map((one) => {
    const loaded = cache.fresh(one.ref.tenant, one.ref.conversation);
    if (loaded === null || loaded.state.position <= one.position) return one;
    const { stage, position, at: updatedAt } = loaded.state;
    return { ...one, stage, position, updatedAt, newest: loaded.recent.findLast(isPublic) ?? one.newest };
  });
  return { ...page, conversations: conversations.sort(byActivity) };
}

function isPublic({ event, deletedAt }: TimelineEntry): boolean {
  return event.type === 'message.posted' && deletedAt === null && event.data.metadata['is_internal'] !== true;
}

type Active = Pick<ListedConversation, 'ref' | 'updatedAt'>;

function byActivity(one: Active, other: Active): number {
  if (one.updatedAt !== other.updatedAt) return other.updatedAt - one.updatedAt;
  return one.ref.conversation < other.ref.conversation ? 1 : -1;
}
