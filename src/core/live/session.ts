/** One connected socket as core sees it. */
import type { ConversationId } from '../../domain/ids.ts';
import type { Principal } from '../../domain/principal.ts';
import type { Outbox } from '../../ports/outbox.ts';
import type { LoadedConversation } from '../conversations/loaded-conversation.ts';
import type { LiveSession, Wording } from './live-bus.ts';

export class Session {
  /** As it is now: scopes and role may change while the socket is open. */
  principal: Principal;
  readonly outbox: Outbox;
  /** Another one when what it sees becomes another (LiveBus.reword). */
  wording: Wording;
  /** Conversations of other environments are not found. Null: no filter. */
  readonly env: string | null;
  /** Conversations whose events it gets. */
  readonly opened = new Set<LoadedConversation>();
  /**
   * Opens whose backlog is under way: a second open of the same conversation waits for nothing and sends
   * nothing. Taken out of here, an open ends without joining.
   */
  readonly opening = new Map<ConversationId, { readonly conversation: LoadedConversation }>();
  /** Opens that are being prepared: what each still wants. A close takes its conversation out of all. */
  readonly preparing = new Set<Set<ConversationId>>();
  isClosed = false;

  constructor(principal: Principal, outbox: Outbox, wording: Wording, env: string | null) {
    this.principal = principal;
    this.outbox = outbox;
    this.wording = wording;
    this.env = env;
  }

  /** Its words in one conversation. */
  wordingIn(conversation: ConversationId): Wording {
    return this.wording.within?.(conversation) ?? this.wording;
  }
}

/** As the bus knows it. Sessions are made by LiveBus.begin() alone: anything else is an error of the program. */
export function ownSession(session: LiveSession): Session {
  if (session instanceof Session) return session;
  throw new Error('not a session of this bus');
}
