/** What principals say of themselves and nobody keeps: that they type, how they are, that they are there. */
import { requireParticipant } from '../../../domain/permissions.ts';
import { Problem } from '../../../domain/problem.ts';
import type { PresenceReports } from '../../../ports/presence-board.ts';
import type { ConversationCache } from '../../conversations/conversation-cache.ts';
import { findConversation } from '../find-conversation.ts';
import type { LiveBus } from '../live-bus.ts';
import { ownSession } from '../session.ts';
import type { Presence } from './presence.ts';
import type { Typing } from './typing.ts';

export interface SaidPulsesDeps {
  readonly cache: Pick<ConversationCache, 'fresh' | 'get'>;
  readonly typing: Typing;
  readonly presence: Presence;
  readonly reports: PresenceReports;
}

export function openSaidPulses(deps: SaidPulsesDeps): Pick<LiveBus, 'typing' | 'presence' | 'arrive'> {
  const { cache, typing, presence, reports } = deps;
  return {
    async typing(session, id, state) {
      const conversation = await findConversation(cache, session.principal.tenant, id);
      if (conversation instanceof Problem) return conversation;
      const participant = requireParticipant(conversation.state, session.principal, null);
      if (participant instanceof Problem) return participant;
      if (state === 'start') typing.start(conversation, session.principal);
      else typing.stop(conversation, session.principal);
      return null;
    },

    presence({ principal }, news) {
      reports.announced(principal, news.status);
      return presence.announce(principal, news);
    },

    async arrive(session, id) {
      const { principal } = session;
      const { opened, env } = ownSession(session);
      if (id === undefined) {
        const shared = [...opened].filter(({ state }) => state.participants.has(principal.id));
        const refs = shared.map(({ ref }) => ref);
        presence.arrive(principal, refs, false);
        return null;
      }
      const conversation = await findConversation(cache, principal.tenant, id);
      if (conversation instanceof Problem) return conversation;
      const participant = requireParticipant(conversation.state, principal, env);
      if (participant instanceof Problem) return participant;
      presence.arrive(principal, [conversation.ref], true);
      return null;
    },
  };
}
