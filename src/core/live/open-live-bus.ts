/** The live half of the Bus over its parts. */
import type { Clock } from '../../ports/clock.ts';
import type { Metrics } from '../../ports/metrics.ts';
import type { ConversationCache } from '../conversations/conversation-cache.ts';
import { audienceOf } from './audience.ts';
import type { Beginnings } from './beginnings.ts';
import type { Delivery } from './delivery.ts';
import { openStreaming, type StreamingDeps } from './drafts/streaming.ts';
import type { Following } from './following.ts';
import type { Inboxes } from './inboxes.ts';
import { listenTo } from './listening.ts';
import type { LiveBus } from './live-bus.ts';
import type { MessageFinder } from './message-finder.ts';
import type { Opening } from './opening/opening.ts';
import { openSaidPulses, type SaidPulsesDeps } from './pulses/said-pulses.ts';
import { obeyRevocations } from './revocations.ts';
import { ownSession as own, Session } from './session.ts';
import { type WatchDeps, watch } from './watching.ts';

interface Deps extends WatchDeps, StreamingDeps, SaidPulsesDeps {
  readonly cache: ConversationCache;
  readonly opening: Opening;
  readonly following: Following;
  readonly inboxes: Inboxes;
  readonly beginnings: Beginnings;
  readonly messages: MessageFinder;
  readonly delivery: Delivery;
  readonly clock: Clock;
  readonly metrics: Metrics;
}

export function openLiveBus(deps: Deps): LiveBus {
  const { cache, opening, following, inboxes, typing, presence, reports, metrics } = deps;
  const sessions = new Set<Session>();
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
    watch: (principal, id, onEvent) => watch(deps, principal, id, onEvent),
    ...openStreaming(deps),
    ...openSaidPulses(deps),
    conversationOf: (session, message) => deps.messages.conversationOf(own(session), message),
  };
}
