/** Who follows a conversation on this node, grouped by dialect: a broadcast is encoded once for each group. */
import type { ConversationRef } from '../../domain/event.ts';
import type { MessageId } from '../../domain/ids.ts';
import type { Followers, LoadedConversation } from '../conversations/loaded-conversation.ts';
import type { OpenDraft } from './drafts/open-draft.ts';
import type { Wording } from './live-bus.ts';
import type { Session } from './session.ts';

export interface Group {
  readonly wording: Wording;
  readonly topic: string;
  count: number;
}

export class Audience implements Followers {
  readonly sessions = new Set<Session>();
  readonly groups = new Map<string, Group>();
  /** Messages that are being streamed, as far as this node's readers have seen them. */
  readonly drafts = new Map<MessageId, OpenDraft>();
  /** Drafts that are being read from the store again -> the highest delta that was named meanwhile. */
  readonly filling = new Map<MessageId, number>();
  /** Resolves once `drafts` holds what was streamed before the first reader came. */
  draftsLoaded: Promise<void> = Promise.resolve();
  stopPulses: () => void = () => undefined;
  readonly #ref: ConversationRef;
  /** Of each session the group that it is in. */
  readonly #groupOf = new Map<Session, Group>();

  constructor(ref: ConversationRef) {
    this.#ref = ref;
  }

  get isEmpty(): boolean {
    return this.sessions.size === 0;
  }

  /** Subscribes the session to its dialect's topic; nothing that was published before reaches it. */
  add(session: Session): void {
    if (this.sessions.has(session)) return;
    this.sessions.add(session);
    const { tenant, conversation } = this.#ref;
    const wording = session.wordingIn(conversation);
    const group = this.groups.get(wording.dialect) ?? {
      wording,
      topic: `${wording.dialect}/${tenant}/${conversation}`,
      count: 0,
    };
    group.count += 1;
    this.groups.set(wording.dialect, group);
    this.#groupOf.set(session, group);
    session.outbox.subscribe(group.topic);
  }

  /** The words in which a session of the audience is told. */
  wordingOf(session: Session): Wording {
    return this.#groupOf.get(session)?.wording ?? session.wording;
  }

  /**
   * From the next frame on in the words that are the session's now: whatever was published before reaches it in
   * the former ones.
   */
  regroup(session: Session): void {
    const group = this.#groupOf.get(session);
    if (group?.wording.dialect === session.wordingIn(this.#ref.conversation).dialect) return;
    this.remove(session);
    this.add(session);
  }

  remove(session: Session): void {
    if (!this.sessions.delete(session)) return;
    const group = this.#groupOf.get(session);
    this.#groupOf.delete(session);
    if (group === undefined) return;
    group.count -= 1;
    if (group.count === 0) this.groups.delete(group.wording.dialect);
    if (session.outbox.isOpen) session.outbox.unsubscribe(group.topic);
  }
}

/** The audience of a conversation; null when nobody follows it here. */
export function audienceOf(conversation: LoadedConversation): Audience | null {
  return conversation.followers instanceof Audience ? conversation.followers : null;
}
