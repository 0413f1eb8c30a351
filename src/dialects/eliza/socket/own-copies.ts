/**
 * Who sends a message sees it with the id that it gave it. Only while such a message is under way its socket has words
 * of its own in that conversation: at all other times it shares those of everybody.
 */
import { eventFrame } from '../../../contract/sockets/event-socket.ts';
import type { ConversationView, Worded, Wording } from '../../../core/bus.ts';
import type { LogEntry } from '../../../domain/event.ts';
import type { ConversationId, PrincipalId } from '../../../domain/ids.ts';
import type { DisplayNames } from './display-names.ts';
import { broadcastOf } from './encode-broadcast.ts';

/** A message that its sender is about to post. */
export interface OwnMessage {
  readonly author: PrincipalId;
  /** Its idempotency key. */
  readonly clientId: string;
  /** As its sender named it; null: it did not. */
  readonly clientMessageId: string | null;
}

interface Expected extends OwnMessage {
  readonly seen: () => void;
}

export interface ExpectedCopy {
  /** Resolves in the turn in which it was sent to the socket. */
  readonly sent: Promise<void>;
  /** It does not come any more, or need not. */
  stop(): void;
}

export class OwnCopies {
  readonly #names: DisplayNames;
  readonly #name: string;
  /** The words of the socket in a conversation may be others now. */
  readonly #reword: (conversation: ConversationId) => void;
  /** Its words in a conversation where nothing is under way. */
  readonly #shared: (conversation: ConversationId) => Wording;
  /** Bounded by limits.framesInFlightPerSocketMax: each of them is an event that is not answered. */
  readonly #expected = new Map<ConversationId, Set<Expected>>();

  constructor(
    names: DisplayNames,
    socketId: string,
    reword: (conversation: ConversationId) => void,
    shared: (conversation: ConversationId) => Wording,
  ) {
    this.#names = names;
    this.#name = `eliza own ${socketId}`;
    this.#reword = reword;
    this.#shared = shared;
  }

  wordingIn(conversation: ConversationId): Wording {
    const shared = this.#shared(conversation);
    if (!this.#expected.has(conversation)) return shared;
    return {
      ...shared,
      dialect: this.#name,
      event: (entry, bytes, view) => this.#own(entry, view) ?? shared.event(entry, bytes, view),
    };
  }

  /** Call it before the message is posted, in a conversation that the socket follows. */
  expect(conversation: ConversationId, own: OwnMessage): ExpectedCopy {
    let seen = (): void => undefined;
    const sent = new Promise<void>((resolve) => {
      seen = resolve;
    });
    const expected: Expected = { ...own, seen };
    const all = this.#expected.get(conversation) ?? new Set();
    all.add(expected);
    this.#expected.set(conversation, all);
    if (all.size === 1) this.#reword(conversation);
    const stop = (): void => {
      if (!all.delete(expected) || all.size > 0) return;
      this.#expected.delete(conversation);
      this.#reword(conversation);
    };
    return { sent, stop };
  }

  /** Null: it is nobody's own. */
  #own({ event }: LogEntry, view: ConversationView): Worded {
    if (event.type !== 'message.posted' || event.client_id === undefined) return null;
    for (const one of this.#expected.get(event.conversation) ?? []) {
      if (one.clientId !== event.client_id || one.author !== event.actor.id) continue;
      one.seen();
      return eventFrame('messageBroadcast', {
        ...broadcastOf(event, view, this.#names),
        ...(one.clientMessageId === null ? {} : { clientMessageId: one.clientMessageId }),
      });
    }
    return null;
  }
}
