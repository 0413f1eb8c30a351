/** The readers' half of the Bus: what is read of one conversation, and what of all that a principal is in. */

import { requireParticipant } from '../../domain/permissions.ts';
import type { Principal } from '../../domain/principal.ts';
import { Problem } from '../../domain/problem.ts';
import type { ProjectionReader } from '../../ports/projection/projection-reader.ts';
import type { CountedUnread, UnreadCounts, UnreadQuery } from '../../ports/projection/unread-counts.ts';
import type { Bus } from '../bus.ts';
import type { ConversationCache } from '../conversations/conversation-cache.ts';
import type { FactsReader } from '../conversations/facts-reader.ts';
import type { HeadCheck } from '../conversations/head-check.ts';
import type { Replay } from '../conversations/replay.ts';
import type { Creations } from './by-creation.ts';
import { changesOf } from './changes.ts';
import { ConversationFinder } from './conversation-finder.ts';
import { eventsAfter } from './events-after.ts';
import type { History } from './history.ts';
import { agentsNow, inboxNow, listedNow } from './listed-now.ts';
import { messagesFromEnd } from './messages-from-end.ts';
import type { ReadMarkers } from './read-markers.ts';
import { unreadNow } from './unread-now.ts';
import { versionsOf } from './versions.ts';

interface Deps {
  readonly cache: ConversationCache;
  readonly headCheck: HeadCheck;
  readonly history: History;
  readonly facts: FactsReader;
  readonly replay: Replay;
  readonly reader: ProjectionReader;
  readonly counts: UnreadCounts;
  readonly markers: ReadMarkers;
  readonly creations: Creations;
}

type Reads = Omit<Bus, 'dispatch' | 'context' | 'newConversationId'>;
type HistoryReads = Pick<
  Reads,
  'history' | 'historyOf' | 'messages' | 'changes' | 'entry' | 'versions' | 'eventsAfter'
>;
type StateReads = Pick<Reads, 'stateFor' | 'stateOf' | 'statusOf' | 'readTimes' | 'read'>;
type ListReads = Omit<Reads, keyof HistoryReads | keyof StateReads>;

export function openReads(deps: Deps): Reads {
  const finder = new ConversationFinder(deps.cache, deps.headCheck);
  return { ...stateReads(deps, finder), ...historyReads(deps, finder), ...listReads(deps) };
}

/** Of one conversation: how it stands, and how far it was read. */
function stateReads({ markers }: Deps, finder: ConversationFinder): StateReads {
  return {
    async stateFor(principal, id, env, consistency) {
      const conversation = await finder.readable(principal, id, env, consistency === 'cached');
      if (conversation instanceof Problem) return conversation;
      return { ref: conversation.ref, state: conversation.state };
    },

    async stateOf(tenant, id) {
      const conversation = await finder.find(tenant, id);
      if (conversation === null || conversation instanceof Problem) return conversation;
      return conversation.state.status === 'open'
        ? { ref: conversation.ref, state: conversation.state }
        : null;
    },

    async statusOf(tenant, id) {
      const conversation = await finder.find(tenant, id);
      if (conversation instanceof Problem) return conversation;
      return conversation === null ? 'none' : conversation.state.status;
    },

    async readTimes(principal, id, env) {
      const conversation = await finder.readable(principal, id, env, true);
      return conversation instanceof Problem ? conversation : await markers.times(conversation);
    },

    async read(principal, id, upToSeq, env) {
      const conversation = await finder.readable(principal, id, env);
      if (conversation instanceof Problem) return conversation;
      const participant = requireParticipant(conversation.state, principal, env);
      if (participant instanceof Problem) return participant;
      return await markers.advance(conversation, principal, participant, upToSeq);
    },
  };
}

/** Of one conversation: what was said in it. */
function historyReads(deps: Deps, finder: ConversationFinder): HistoryReads {
  return {
    async history(principal, id, query) {
      const conversation = await finder.readable(
        principal,
        id,
        query.env ?? null,
        query.consistency === 'cached',
      );
      if (conversation instanceof Problem) return conversation;
      const page = await deps.history.page(conversation, query);
      if (page instanceof Problem) return page;
      return { ref: conversation.ref, ...page, state: conversation.state };
    },

    async messages(principal, id, { env, ...bounds }) {
      const conversation = await finder.readable(principal, id, env);
      if (conversation instanceof Problem) return conversation;
      const isForPerson = principal.kind === 'user';
      const found = await messagesFromEnd(deps.history, conversation, bounds, isForPerson);
      if (found instanceof Problem) return found;
      const readers = await deps.markers.slowest(conversation);
      return { ref: conversation.ref, state: conversation.state, ...found, readers };
    },

    async historyOf(tenant, id, range) {
      const conversation = await finder.find(tenant, id);
      if (conversation === null || conversation instanceof Problem) return conversation;
      if (conversation.state.status !== 'open') return null;
      const page = await deps.history.page(conversation, range);
      if (page instanceof Problem) return page;
      return { ref: conversation.ref, ...page, state: conversation.state };
    },

    async changes(principal, id, query) {
      const conversation = await finder.readable(principal, id, query.env);
      if (conversation instanceof Problem) return conversation;
      const page = await changesOf(deps, conversation, query);
      if (page instanceof Problem) return page;
      return { ref: conversation.ref, ...page, state: conversation.state };
    },

    async entry(principal, id, message, env) {
      const conversation = await finder.readable(principal, id, env);
      return conversation instanceof Problem ? conversation : await deps.facts.entry(conversation, message);
    },

    async versions(principal, id, messages, env) {
      const conversation = await finder.readable(principal, id, env);
      return conversation instanceof Problem ? conversation : await versionsOf(deps, conversation, messages);
    },

    async eventsAfter(principal, id, position, limit, env) {
      const conversation = await finder.readable(principal, id, env);
      if (conversation instanceof Problem) return conversation;
      return await eventsAfter(deps.replay, conversation, position, limit);
    },
  };
}

/** Of all conversations that a principal is in. */
function listReads(deps: Deps): ListReads {
  return {
    async list(principal, query) {
      const page = await deps.reader.list(principal.tenant, principal.id, query);
      if (page instanceof Problem) return page;
      return { ...page, conversations: listedNow(deps.cache, principal, page) };
    },

    async inbox(principal, query) {
      const page = await deps.reader.inbox(principal.tenant, principal.id, query);
      if (page instanceof Problem) return page;
      return { ...page, conversations: listedNow(deps.cache, principal, page, inboxNow) };
    },

    async withAgents(principal, query) {
      const page = await deps.reader.withAgents(principal.tenant, principal.id, query);
      return page instanceof Problem ? page : agentsNow(deps.cache, page);
    },

    unread: (principal, query) => unreadIn(deps, principal, query),
    byCreation: (principal, query) => deps.creations.page(principal, query),
    wasDeleted: ({ tenant, id }, conversation) => deps.reader.wasDeleted(tenant, id, conversation),
    conversationOf: ({ tenant, id }, message) => deps.reader.conversationOf(tenant, id, message),
  };
}

async function unreadIn(
  { counts, cache }: Deps,
  principal: Principal,
  query: UnreadQuery,
): Promise<readonly CountedUnread[] | Problem> {
  const all = await counts.all(principal.tenant, principal.id, query);
  if (all instanceof Problem) return all;
  return all.map((counted) => {
    const loaded = cache.fresh(counted.ref.tenant, counted.ref.conversation);
    const participant = loaded?.state.participants.get(principal.id);
    if (loaded === null || participant === undefined) return counted;
    return { ...counted, unread: unreadNow({ ...counted, participant }, loaded) };
  });
}
