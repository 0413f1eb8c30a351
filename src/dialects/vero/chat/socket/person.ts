/**
 * The sockets of one principal on this node: what they see, what they were told, and what each of them is told of
 * what the principal does to itself.
 */
import type { InboxNote, LiveBus, LiveSession } from '../../../../core/bus.ts';
import type { ConversationId, PrincipalId, TenantId } from '../../../../domain/ids.ts';
import { limits } from '../../../../domain/limits.ts';
import type { Principal } from '../../../../domain/principal.ts';
import { Problem } from '../../../../domain/problem.ts';
import { formatMicros } from '../../../../domain/time.ts';
import type { Personal, PersonalChange, Unwanted } from '../../../../ports/conversations/personal.ts';
import type { Logger } from '../../../../ports/logger.ts';
import { conversationNews, type NewsDeps } from './conversation-news.ts';
import type { PersonView } from './person-view.ts';
import { eventFrame } from './wording.ts';

export interface PersonDeps extends NewsDeps {
  readonly personal: Pick<Personal, 'blockedBy' | 'clearedSeqs'>;
  readonly live: Pick<LiveBus, 'reword'>;
  readonly logger: Pick<Logger, 'error'>;
}

export class Person {
  readonly tenant: TenantId;
  readonly id: PrincipalId;
  /** With the environment that each named. */
  readonly sessions = new Map<LiveSession, string | null>();
  readonly view: PersonView;
  readonly #deps: PersonDeps;
  /** Goes up with each change, so that no earlier answer wins over a later one. */
  #version = 0;
  /** Conversation -> position of the newest note about it: notes come twice. */
  readonly #told = new Map<string, number>();

  constructor(deps: PersonDeps, { tenant, id }: Principal, view: PersonView) {
    this.#deps = deps;
    this.tenant = tenant;
    this.id = id;
    this.view = view;
  }

  /** The principal did this, here or elsewhere: its sockets see it so, and are told. */
  change(change: PersonalChange): void {
    this.#version += 1;
    if (change.what === 'cleared') this.#clear([[change.conversation, change.seq]]);
    const { blocked } = this.view;
    if ((change.what === 'blocked' || change.what === 'unblocked') && blocked !== null)
      this.#see(withChange(blocked, change));
    const frame = ownNews(change);
    if (frame !== null) this.#sendAll(frame);
  }

  /** Null, at once or later: what the principal blocks, and cleared in these conversations, is seen so. */
  seeing(conversations: readonly ConversationId[]): Problem | null | Promise<Problem | null> {
    const unknown = conversations.filter((one) => this.view.cleared(one) === null);
    const isKnown = this.view.blocked !== null;
    if (unknown.length === 0) return isKnown ? null : this.#learnBlocked();
    return Promise.all([isKnown ? null : this.#learnBlocked(), this.#learnCleared(unknown)]).then(
      ([one, other]) => one ?? other,
    );
  }

  /** Takes what is stored, and tells what was missed, unless a change came in between. */
  compared(): (stored: Unwanted) => void {
    const version = this.#version;
    return (stored) => {
      if (this.#version !== version) return;
      this.#clear(stored.cleared);
      const { blocked } = this.view;
      if (blocked === null) return;
      const missed = differences(blocked, stored.blocked);
      if (missed.length === 0) return;
      this.#see(stored.blocked);
      for (const change of missed) {
        const frame = ownNews(change);
        if (frame !== null) this.#sendAll(frame);
      }
    };
  }

  /** A note to the principal, which each of its sessions hands on. */
  take(note: InboxNote): void {
    // Each of the principal's sessions hears of it: the first one tells all.
    const key = `${note.kind}/${note.conversation}`;
    if ((this.#told.get(key) ?? 0) >= note.position) return;
    this.#told.delete(key);
    this.#told.set(key, note.position);
    const oldest =
      this.#told.size > limits.addedNotesRememberedMax ? this.#told.keys().next().value : undefined;
    if (oldest !== undefined) this.#told.delete(oldest);
    this.#tell(note).catch((error: unknown) => {
      this.#deps.logger.error(
        { error, conversation: note.conversation },
        'News of a conversation could not be told',
      );
    });
  }

  async #tell(note: InboxNote): Promise<void> {
    if (this.view.blocked === null) await this.#learnBlocked();
    const blocked = this.view.blocked ?? new Set();
    /** What is told to sockets of one environment, with keys of one service. */
    const told = new Map<string, Promise<string | null>>();
    for (const [session, env] of [...this.sessions]) {
      const kind = `${env}/${session.principal.service}`;
      const news = told.get(kind) ?? conversationNews(this.#deps, session.principal, env, blocked, note);
      told.set(kind, news);
      const frame = await news;
      if (frame !== null && this.sessions.has(session)) session.outbox.send(frame);
    }
  }

  /** Every socket of the person in one turn: none sees more than another. */
  #see(blocked: ReadonlySet<PrincipalId>): void {
    this.view.block(blocked);
    for (const session of this.sessions.keys()) this.#deps.live.reword(session, this.view.wording);
  }

  #clear(cleared: Iterable<readonly [ConversationId, number]>): void {
    let isLess = false;
    for (const [conversation, upToSeq] of cleared) isLess = this.view.clear(conversation, upToSeq) || isLess;
    if (!isLess) return;
    for (const session of this.sessions.keys()) this.#deps.live.reword(session, this.view.wording);
  }

  async #learnBlocked(): Promise<Problem | null> {
    for (;;) {
      const version = this.#version;
      const blocked = await this.#deps.personal.blockedBy(this.tenant, this.id);
      if (blocked instanceof Problem) return blocked;
      if (this.view.blocked !== null && this.#version !== version) return null;
      if (this.#version !== version) continue;
      this.#see(blocked);
      return null;
    }
  }

  /** What was cleared stays cleared: no earlier answer is wrong, and no later one is lost. */
  async #learnCleared(conversations: readonly ConversationId[]): Promise<Problem | null> {
    const cleared = await this.#deps.personal.clearedSeqs(this.tenant, this.id, conversations);
    if (cleared instanceof Problem) return cleared;
    this.#clear(conversations.map((one) => [one, cleared.get(one) ?? 0]));
    return null;
  }

  #sendAll(frame: string): void {
    for (const { outbox } of this.sessions.keys()) outbox.send(frame);
  }
}

/** What happened to a set of blocked principals, whoever missed it. */
function differences(
  before: ReadonlySet<PrincipalId>,
  after: ReadonlySet<PrincipalId>,
): Extract<PersonalChange, { what: 'blocked' | 'unblocked' }>[] {
  const added = [...after].filter((who) => !before.has(who));
  const removed = [...before].filter((who) => !after.has(who));
  return [
    ...added.map((who) => ({ what: 'blocked' as const, who })),
    ...removed.map((who) => ({ what: 'unblocked' as const, who })),
  ];
}

function withChange(
  blocked: ReadonlySet<PrincipalId>,
  { what, who }: Extract<PersonalChange, { what: 'blocked' | 'unblocked' }>,
): ReadonlySet<PrincipalId> {
  const changed = new Set(blocked);
  if (what === 'blocked') changed.add(who);
  else changed.delete(who);
  return changed;
}

/** What the principal did, for all its devices; that it cleared a conversation is no event of the contract. */
function ownNews(change: PersonalChange): string | null {
  switch (change.what) {
    case 'blocked':
    case 'unblocked':
      return eventFrame(null, `user.${change.what}`, { user_id: change.who });
    case 'muted': {
      const at = { conversation_id: change.conversation, muted_until: formatMicros(change.at) };
      return eventFrame(null, 'conversation.muted', at);
    }
    case 'archived': {
      const at = { conversation_id: change.conversation, archived_at: formatMicros(change.at) };
      return eventFrame(null, 'conversation.archived', at);
    }
    case 'unmuted':
    case 'unarchived':
      return eventFrame(null, `conversation.${change.what}`, { conversation_id: change.conversation });
    case 'cleared':
      return null;
  }
}
