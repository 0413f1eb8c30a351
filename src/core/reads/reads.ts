/** The readers' half of the Bus: finds the conversation, confirms it at the leader, checks the standing. */

import type { Event, LogEntry } from '../../domain/event.ts';
import type { ConversationId, TenantId } from '../../domain/ids.ts';
import { limits } from '../../domain/limits.ts';
import { mayRead, requireParticipant } from '../../domain/permissions.ts';
import type { Principal } from '../../domain/principal.ts';
import { Problem } from '../../domain/problem.ts';
import { changedMessage } from '../../domain/timeline.ts';
import type { ProjectionReader } from '../../ports/projection/projection-reader.ts';
import type { UnreadCounts } from '../../ports/projection/unread-counts.ts';
import type { Bus } from '../bus.ts';
import type { ConversationCache } from '../conversations/conversation-cache.ts';
import type { FactsReader } from '../conversations/facts-reader.ts';
import type { HeadCheck } from '../conversations/head-check.ts';
import type { LoadedConversation } from '../conversations/loaded-conversation.ts';
import type { Replay } from '../conversations/replay.ts';
import type { Creations } from './by-creation.ts';
import { changesOf } from './changes.ts';
import type { History } from './history.ts';
import { agentsNow, inboxNow, listedNow } from './listed-now.ts';
import { messagesFromEnd } from './messages-from-end.ts';
import type { ReadMarkers } from './read-markers.ts';
import { unreadNow } from './unread-now.ts';

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

export function openReads(deps: Deps): Reads {
  const { cache, headCheck } = deps;

  /** In memory and, unless `isCached`, proven to be the head: contains everything acknowledged before now. */
  async function find(
    tenant: TenantId,
    id: ConversationId,
    isCached: boolean,
  ): Promise<LoadedConversation | null | Problem> {
    const conversation = cache.fresh(tenant, id) ?? (await cache.get(tenant, id));
    if (conversation === null || conversation instanceof Problem || isCached) return conversation;
    const answer = await headCheck.confirm(conversation);
    return answer instanceof Problem ? answer : conversation;
  }

  async function readable(
    principal: Principal,
    id: ConversationId,
    env: string | null,
    isCached = false,
  ): Promise<LoadedConversation | Problem> {
    const conversation = await find(principal.tenant, id, isCached);
    if (conversation instanceof Problem) return conversation;
    if (conversation === null) return new Problem('not_found');
    if (mayRead(conversation.state, principal, env)) return conversation;
    // A refusal on an unconfirmed state might be wrong.
    const answer = isCached ? await headCheck.confirm(conversation) : 'same';
    if (answer instanceof Problem) return answer;
    return mayRead(conversation.state, principal, env) ? conversation : new Problem('not_found');
  }

  return {
    async stateFor(principal, id, env, consistency) {
      const conversation = await readable(principal, id, env, consistency === 'cached');
      if (conversation instanceof Problem) return conversation;
      return { ref: conversation.ref, state: conversation.state };
    },

    async stateOf(tenant, id) {
      const conversation = await find(tenant, id, false);
      if (conversation === null || conversation instanceof Problem) return conversation;
      return conversation.state.status === 'open'
        ? { ref: conversation.ref, state: conversation.state }
        : null;
    },

    async statusOf(tenant, id) {
      const conversation = await find(tenant, id, false);
      if (conversation instanceof Problem) return conversation;
      return conversation === null ? 'none' : conversation.state.status;
    },

    async history(principal, id, query) {
      const conversation = await readable(principal, id, query.env ?? null, query.consistency === 'cached');
      if (conversation instanceof Problem) return conversation;
      const page = await deps.history.page(conversation, query);
      if (page instanceof Problem) return page;
      return { ref: conversation.ref, ...page, state: conversation.state };
    },

    async messages(principal, id, { env, ...bounds }) {
      const conversation = await readable(principal, id, env);
      if (conversation instanceof Problem) return conversation;
      const isForPerson = principal.kind === 'user';
      const found = await messagesFromEnd(deps.history, conversation, bounds, isForPerson);
      if (found instanceof Problem) return found;
      const readers = await deps.markers.slowest(conversation);
      return { ref: conversation.ref, state: conversation.state, ...found, readers };
    },

    async historyOf(tenant, id, range) {
      const conversation = await find(tenant, id, false);
      if (conversation === null || conversation instanceof Problem) return conversation;
      if (conversation.state.status !== 'open') return null;
      const page = await deps.history.page(conversation, range);
      if (page instanceof Problem) return page;
      return { ref: conversation.ref, ...page, state: conversation.state };
    },

    async changes(principal, id, query) {
      const conversation = await readable(principal, id, query.env);
      if (conversation instanceof Problem) return conversation;
      const page = await changesOf(deps, conversation, query);
      if (page instanceof Problem) return page;
      return { ref: conversation.ref, ...page, state: conversation.state };
    },

    wasDeleted: ({ tenant, id }, conversation) => deps.reader.wasDeleted(tenant, id, conversation),
    conversationOf: ({ tenant, id }, message) => deps.reader.conversationOf(tenant, id, message),

    async entry(principal, id, message, env) {
      const conversation = await readable(principal, id, env);
      return conversation instanceof Problem ? conversation : await deps.facts.entry(conversation, message);
    },

    async versions(principal, id, messages, env) {
      const conversation = await readable(principal, id, env);
      if (conversation instanceof Problem) return conversation;
      const found = await deps.reader.versions(conversation.ref, messages);
      if (found instanceof Problem) return found;
      const newer = await deps.facts.after(conversation, found.at);
      return newer instanceof Problem ? newer : withNewer(found.events, newer, new Set(messages));
    },

    async eventsAfter(principal, id, position, limit, env) {
      const conversation = await readable(principal, id, env);
      if (conversation instanceof Problem) return conversation;
      const events: Event[] = [];
      const wanted = Math.min(limit, limits.logReadPageMax);
      for (let from = position; events.length <= wanted; ) {
        const page = await deps.replay.after(conversation, from);
        if (page instanceof Problem) return page;
        if (page.length === 0) {
          // The replica that answered lags behind: this is not the end.
          if (from < conversation.state.position) return new Problem('unavailable');
          break;
        }
        for (const entry of page) events.push(entry.event);
        from = page.at(-1)?.event.position ?? from;
      }
      return { events: events.slice(0, wanted), hasMore: events.length > wanted, state: conversation.state };
    },

    async list(principal, query) {
      const page = await deps.reader.list(principal.tenant, principal.id, query);
      if (page instanceof Problem) return page;
      return { ...page, conversations: listedNow(cache, principal, page) };
    },

    async inbox(principal, query) {
      const page = await deps.reader.inbox(principal.tenant, principal.id, query);
      if (page instanceof Problem) return page;
      return { ...page, conversations: listedNow(cache, principal, page, inboxNow) };
    },

    async withAgents(principal, query) {
      const page = await deps.reader.withAgents(principal.tenant, principal.id, query);
      return page instanceof Problem ? page : agentsNow(cache, page);
    },

    async unread(principal, query) {
      const all = await deps.counts.all(principal.tenant, principal.id, query);
      if (all instanceof Problem) return all;
      return all.map((counted) => {
        const loaded = cache.fresh(counted.ref.tenant, counted.ref.conversation);
        const participant = loaded?.state.participants.get(principal.id);
        if (loaded === null || participant === undefined) return counted;
        return { ...counted, unread: unreadNow({ ...counted, participant }, loaded) };
      });
    },

    async readTimes(principal, id, env) {
      const conversation = await readable(principal, id, env, true);
      return conversation instanceof Problem ? conversation : await deps.markers.times(conversation);
    },

    byCreation: (principal, query) => deps.creations.page(principal, query),

    async read(principal, id, upToSeq, env) {
      const conversation = await readable(principal, id, env);
      if (conversation instanceof Problem) return conversation;
      const participant = requireParticipant(conversation.state, principal, env);
      if (participant instanceof Problem) return participant;
      return await deps.markers.advance(conversation, principal, participant, upToSeq);
    },
  };
}

/** Stored versions and those that are not projected yet; a deletion takes all of a message's away. */
function withNewer(
  stored: readonly Event[],
  newer: readonly LogEntry[],
  wanted: ReadonlySet<string>,
): Event[] {
  let events = [...stored];
  for (const { event } of newer) {
    const message = event.type === 'message.posted' ? event.data.message_id : changedMessage(event);
    if (message === null || !wanted.has(message)) continue;
    if (event.type === 'message.posted' || event.type === 'message.edited') events.push(event);
    if (event.type !== 'message.deleted') continue;
    events = events.filter((one) => !('message_id' in one.data) || one.data.message_id !== message);
  }
  return events.sort((one, other) => one.position - other.position);
}
