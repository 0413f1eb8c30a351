/** One connected socket as core sees it. */
import type { ConversationId } from '../../domain/ids.ts';
import type { Principal } from '../../domain/principal.ts';
import type { Outbox } from '../../ports/outbox.ts';
import type { LoadedConversation } from '../conversations/loaded-conversation.ts';
import type { Wording } from './live-bus.ts';

export class Session {
  /** As it is now: scopes and role may change while the socket is open. */
  principal: Principal;
  readonly outbox: Outbox;
  readonly wording: Wording;
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

  constructor(principal: Principal, outbox: Outbox, wording: Wording) {
    this.principal = principal;
    this.outbox = outbox;
    this.wording = wording;
  }
}
