/** The live half of the Bus over its parts. */
import type { ConversationId } from '../../domain/ids.ts';
import { requireParticipant } from '../../domain/permissions.ts';
import { Problem } from '../../domain/problem.ts';
import type { Clock } from '../../ports/clock.ts';
import type { LiveFeed } from '../../ports/live-feed.ts';
import type { Metrics } from '../../ports/metrics.ts';
import type { PresenceReports } from '../../ports/presence-board.ts';
import type { ConversationCache } from '../conversations/conversation-cache.ts';
import type { HeadCheck } from '../conversations/head-check.ts';
import type { LoadedConversation } from '../conversations/loaded-conversation.ts';
import { audienceOf } from './audience.ts';
import type { Beginnings } from './beginnings.ts';
import type { Delivery } from './delivery.ts';
import type { DraftWriter } from './drafts/draft-writer.ts';
import { openInOrder } from './drafts/in-order.ts';
import type { Following } from './following.ts';
import type { Inboxes } from './inboxes.ts';
import { listenTo } from './listening.ts';
import type { LiveBus, LiveSession, Pulse, WatchedConversation } from './live-bus.ts';
import type { MessageFinder } from './message-finder.ts';
import type { Opening } from './opening/opening.ts';
import type { Presence } from './pulses/presence.ts';
import type { Typing } from './pulses/typing.ts';
import { obeyRevocations } from './revocations.ts';
import { Session } from './session.ts';

interface Deps {
  readonly cache: ConversationCache;
  readonly opening: Opening;
  readonly following: Following;
  readonly inboxes: Inboxes;
  readonly beginnings: Beginnings;
  readonly typing: Typing;
  readonly presence: Presence;
  readonly reports: PresenceReports;
  readonly messages: MessageFinder;
  readonly draftWriter: DraftWriter;
  readonly headCheck: HeadCheck;
  readonly delivery: Delivery;
  readonly feed: Pick<LiveFeed, 'publishPulse'>;
  readonly clock: Clock;
  readonly metrics: Metrics;
}

export function openLiveBus(deps: Deps): LiveBus {
  const { cache, opening, following, inboxes, typing, presence, reports, metrics } = deps;
  const sessions = new Set<Session>();
  const inOrder = openInOrder<Problem | null>();

  async function find(
    session: Pick<LiveSession, 'principal'>,
    id: ConversationId,
  ): Promise<LoadedConversation | Problem> {
    const { tenant } = session.principal;
    const conversation = cache.fresh(tenant, id) ?? (await cache.get(tenant, id));
    return conversation ?? new Problem('not_found');
  }

  return {
    open: (session, requests, reply) => opening.open(own(session), requests, reply),
    follows(session, id) {
      const { opened, opening: underWay, principal } = own(session);
      const conversation = cache.fresh(principal.tenant, id);
      return underWay.has(id) || (conversation !== null && opened.has(conversation));
    },
    close: (session, conversation) => opening.close(own(session), conversation),
    followAll: (session, cursors, reply) => following.followAll(own(session), cursors, reply),
    heed: (session, onNote) => inboxes.listen(own(session), onNote),
    reword(session, wording, only) {
      const one = own(session);
      one.wording = wording;
      if (only !== undefined) {
        const conversation = cache.peek(one.principal.tenant, only);
        if (conversation !== null && one.opened.has(conversation)) audienceOf(conversation)?.regroup(one);
      } else for (const conversation of one.opened) audienceOf(conversation)?.regroup(one);
    },
    awaitBeginning: ({ principal }, conversation, run) =>
      deps.beginnings.await(principal.tenant, conversation, run),
    obey: (authenticator) => obeyRevocations(authenticator, () => sessions, deps.delivery, deps.clock),

    begin(principal, outbox, wording, env = null) {
      const session = new Session(principal, outbox, wording, env);
      sessions.add(session);
      metrics.sockets.set(sessions.size);
      presence.connected(principal);
      reports.connected(principal);
      return session;
    },

    end(ended, saidGoodbye = false) {
      const session = own(ended);
      if (!sessions.delete(session)) return;
      metrics.sockets.set(sessions.size);
      opening.end(session);
      inboxes.end(session);
      presence.disconnected(session.principal, saidGoodbye);
      reports.disconnected(session.principal, saidGoodbye);
      if (!presence.isHere(session.principal.tenant, session.principal.id)) typing.stopAll(session.principal);
    },

    listen: (principal, id, listener) => listenTo(opening, principal, id, listener),

    async watch(principal, id, onEvent) {
      const conversation = await find({ principal }, id);
      if (conversation instanceof Problem) return conversation;
      const stop = conversation.watch(onEvent);
      const head = await deps.headCheck.confirm(conversation);
      const refused =
        head instanceof Problem ? head : requireParticipant(conversation.state, principal, null);
      if (refused instanceof Problem) {
        stop();
        return refused;
      }
      return watchedConversation(conversation, stop);
    },

    delta(session, delta, onProblem) {
      const { tenant, id } = session.principal;
      return inOrder(`${tenant} ${id} ${delta.conversation} ${delta.messageId}`, async () => {
        const conversation =
          cache.fresh(tenant, delta.conversation) ?? (await find(session, delta.conversation));
        if (conversation instanceof Problem) return conversation;
        return await deps.draftWriter.write(conversation, session.principal, delta, onProblem);
      });
    },

    async abandon(tenant, { conversation: id, messageId, run, author, isUnseen }) {
      const conversation = cache.fresh(tenant, id) ?? (await cache.get(tenant, id));
      if (conversation === null || conversation instanceof Problem) return;
      const news = { kind: 'draft.abandoned', conversation: id, from: author } as const;
      const unseen = isUnseen ? ({ unseen: true } as const) : {};
      const pulse: Pulse = { ...news, message_id: messageId, run, ...unseen };
      deps.feed.publishPulse(conversation.ref, 'draft', pulse);
    },

    async typing(session, id, state) {
      const conversation = await find(session, id);
      if (conversation instanceof Problem) return conversation;
      const participant = requireParticipant(conversation.state, session.principal, null);
      if (participant instanceof Problem) return participant;
      if (state === 'start') typing.start(conversation, session.principal);
      else typing.stop(conversation, session.principal);
      return null;
    },

    presence(session, news) {
      reports.announced(session.principal, news.status);
      return presence.announce(session.principal, news);
    },

    async arrive(session, id) {
      const { principal } = session;
      if (id === undefined) {
        const shared = [...own(session).opened].filter(({ state }) => state.participants.has(principal.id));
        presence.arrive(
          principal,
          shared.map(({ ref }) => ref),
          false,
        );
        return null;
      }
      const conversation = await find(session, id);
      if (conversation instanceof Problem) return conversation;
      const participant = requireParticipant(conversation.state, principal, own(session).env);
      if (participant instanceof Problem) return participant;
      presence.arrive(principal, [conversation.ref], true);
      return null;
    },

    conversationOf: (session, message) => deps.messages.conversationOf(own(session), message),
  };
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

/** Sessions are made by begin() alone: anything else is an error of the program. */
function own(session: LiveSession): Session {
  if (session instanceof Session) return session;
  throw new Error('not a session of this bus');
}
