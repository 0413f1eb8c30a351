/** What a socket dialect may ask of the core, beside the Bus. */
import type { ConversationId } from '../../domain/ids.ts';
import { requireParticipant } from '../../domain/permissions.ts';
import type { Principal } from '../../domain/principal.ts';
import { Problem } from '../../domain/problem.ts';
import type { Authenticator } from '../../ports/identity-authenticator.ts';
import type { Metrics } from '../../ports/metrics.ts';
import type { Outbox } from '../../ports/outbox.ts';
import type { ConversationCache } from '../conversations/conversation-cache.ts';
import type { LoadedConversation } from '../conversations/loaded-conversation.ts';
import type { Delivery } from './delivery.ts';
import type { DeltaCommand, DraftWriter } from './draft-writer.ts';
import type { Following } from './following.ts';
import type { Opening } from './opening.ts';
import type { Presence } from './presence.ts';
import { obeyRevocations } from './revocations.ts';
import { Session } from './session.ts';
import type { Typing } from './typing.ts';
import type { Wording } from './wording.ts';

export interface LiveSide extends Pick<Opening, 'open' | 'close'>, Pick<Following, 'followAll'> {
  /** A socket is authenticated. Call end() exactly once when it is gone. */
  begin(principal: Principal, outbox: Outbox, wording: Wording): Session;
  end(session: Session): void;
  delta(
    session: Session,
    delta: DeltaCommand,
    onProblem: (problem: Problem) => void,
  ): Promise<Problem | null>;
  typing(session: Session, conversation: ConversationId, state: 'start' | 'stop'): Promise<Problem | null>;
  presence(session: Session, status: string, detail: string | null): Promise<Problem | null>;
  /** Every open session of this node. */
  sessions(): Iterable<Session>;
  /** Follows revocations of identity on open sockets; the returned function ends it. */
  obey(authenticator: Authenticator): () => void;
}

interface Deps {
  readonly cache: ConversationCache;
  readonly opening: Opening;
  readonly following: Following;
  readonly typing: Typing;
  readonly presence: Presence;
  readonly draftWriter: DraftWriter;
  readonly delivery: Delivery;
  readonly metrics: Metrics;
}

export function openLiveSide(deps: Deps): LiveSide {
  const { cache, opening, following, typing, presence, metrics } = deps;
  const sessions = new Set<Session>();

  async function find(session: Session, id: ConversationId): Promise<LoadedConversation | Problem> {
    const { tenant } = session.principal;
    const conversation = cache.fresh(tenant, id) ?? (await cache.get(tenant, id));
    return conversation ?? new Problem('not_found');
  }

  return {
    open: opening.open,
    close: opening.close,
    followAll: following.followAll,
    sessions: () => sessions,
    obey: (authenticator) => obeyRevocations(authenticator, () => sessions, deps.delivery),

    begin(principal, outbox, wording) {
      const session = new Session(principal, outbox, wording);
      sessions.add(session);
      metrics.sockets.set(sessions.size);
      presence.connected(principal);
      return session;
    },

    end(session) {
      if (!sessions.delete(session)) return;
      metrics.sockets.set(sessions.size);
      opening.end(session);
      following.end(session);
      presence.disconnected(session.principal);
      if (!presence.isHere(session.principal.tenant, session.principal.id)) typing.stopAll(session.principal);
    },

    async delta(session, delta, onProblem) {
      const conversation =
        cache.fresh(session.principal.tenant, delta.conversation) ??
        (await find(session, delta.conversation));
      if (conversation instanceof Problem) return conversation;
      return await deps.draftWriter.write(conversation, session.principal, delta, onProblem);
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

    presence: (session, status, detail) => presence.announce(session.principal, status, detail),
  };
}
