/**
 * The messaging sockets of one principal on this node: they share one view, which follows what the principal
 * blocks, and are told of what it does to itself on any of its devices.
 */
import type { InboxNote, LiveBus, LiveSession, Wording } from '../../../../core/bus.ts';
import type { ConversationId, PrincipalId } from '../../../../domain/ids.ts';
import { limits } from '../../../../domain/limits.ts';
import type { Principal } from '../../../../domain/principal.ts';
import { Problem } from '../../../../domain/problem.ts';
import { formatMicros } from '../../../../domain/time.ts';
import type { Clock } from '../../../../ports/clock.ts';
import type { Personal, PersonalChange, Unwanted } from '../../../../ports/conversations/personal.ts';
import type { Logger } from '../../../../ports/logger.ts';
import type { View } from '../view.ts';
import { conversationNews, type NewsDeps } from './conversation-news.ts';
import { type PersonView, personViews } from './person-view.ts';
import { openViewCheck, type Watched } from './view-check.ts';
import { eventFrame, type WordingWorld } from './wording.ts';

export interface Devices {
  /** The words that a session begins with: those of who blocks nobody. */
  wordingFor(principal: Principal): Wording;
  /** True when it is the principal's first one here. `env`: of other environments it hears nothing; null: of all. */
  join(session: LiveSession, env: string | null): boolean;
  leave(session: LiveSession): void;
  /** What the session sees of a conversation at this moment; null: it has ended. */
  viewIn(session: LiveSession, conversation: ConversationId): View | null;
  /** Answers when the session sees what it should of these conversations: before that it may not follow them. */
  seeing(
    session: LiveSession,
    conversations: readonly ConversationId[],
  ): Problem | null | Promise<Problem | null>;
}

/** The sockets of one principal. */
interface Person {
  /** With the environment that each named. */
  readonly sessions: Map<LiveSession, string | null>;
  readonly view: PersonView;
  /** Goes up with each change, so that no earlier answer wins over a later one. */
  version: number;
  /** Conversation -> position of the newest note about it: notes come twice. */
  readonly told: Map<string, number>;
}

interface Deps extends NewsDeps, WordingWorld {
  readonly personal: Personal;
  readonly live: Pick<LiveBus, 'heed' | 'reword'>;
  readonly clock: Pick<Clock, 'nowMicros' | 'after'>;
  readonly logger: Pick<Logger, 'error'>;
}

export function openDevices(deps: Deps): Devices {
  const { personal, live } = deps;
  /** By tenant and principal; bounded by the sockets. */
  const people = new Map<string, Person>();
  const keyOf = ({ tenant, id }: Pick<Principal, 'tenant' | 'id'>): string => `${tenant}/${id}`;
  const openView = personViews(deps);
  const check = openViewCheck(deps, watched);

  personal.onChanged((tenant, id, change) => {
    const person = people.get(keyOf({ tenant, id }));
    if (person === undefined) return;
    person.version += 1;
    if (change.what === 'cleared') clear(person, [[change.conversation, change.seq]]);
    const { blocked } = person.view;
    if ((change.what === 'blocked' || change.what === 'unblocked') && blocked !== null)
      see(person, withChange(blocked, change));
    const frame = ownNews(change);
    if (frame !== null) sendAll(person, frame);
  });

  /** Every socket of the person in one turn: none sees more than another. */
  function see(person: Person, blocked: ReadonlySet<PrincipalId>): void {
    person.view.block(blocked);
    for (const session of person.sessions.keys()) live.reword(session, person.view.wording);
  }

  function clear({ view, sessions }: Person, cleared: Iterable<readonly [ConversationId, number]>): void {
    let isLess = false;
    for (const [conversation, upToSeq] of cleared) isLess = view.clear(conversation, upToSeq) || isLess;
    if (!isLess) return;
    for (const session of sessions.keys()) live.reword(session, view.wording);
  }

  async function learnBlocked(person: Person, { tenant, id }: Principal): Promise<Problem | null> {
    for (;;) {
      const { version } = person;
      const blocked = await personal.blockedBy(tenant, id);
      if (blocked instanceof Problem) return blocked;
      if (person.view.blocked !== null && person.version !== version) return null;
      if (person.version !== version) continue;
      see(person, blocked);
      return null;
    }
  }

  /** What was cleared stays cleared: no earlier answer is wrong, and no later one is lost. */
  async function learnCleared(
    person: Person,
    { tenant, id }: Principal,
    conversations: readonly ConversationId[],
  ): Promise<Problem | null> {
    const cleared = await personal.clearedSeqs(tenant, id, conversations);
    if (cleared instanceof Problem) return cleared;
    clear(
      person,
      conversations.map((one) => [one, cleared.get(one) ?? 0]),
    );
    return null;
  }

  function* watched(): Iterable<Watched> {
    for (const person of people.values()) {
      const [any] = person.sessions.keys();
      if (any === undefined) continue;
      const { tenant, id } = any.principal;
      yield { tenant, id, compare: () => compared(person) };
    }
  }

  function compared(person: Person): (stored: Unwanted) => void {
    const { version } = person;
    return (stored) => {
      if (person.version !== version) return;
      clear(person, stored.cleared);
      const { blocked } = person.view;
      if (blocked === null) return;
      const missed = differences(blocked, stored.blocked);
      if (missed.length === 0) return;
      see(person, stored.blocked);
      for (const change of missed) {
        const frame = ownNews(change);
        if (frame !== null) sendAll(person, frame);
      }
    };
  }

  function take(person: Person, session: LiveSession, note: InboxNote): void {
    // Each of the principal's sessions hears of it: the first one tells all.
    const key = `${note.kind}/${note.conversation}`;
    if ((person.told.get(key) ?? 0) >= note.position) return;
    person.told.delete(key);
    person.told.set(key, note.position);
    const oldest =
      person.told.size > limits.addedNotesRememberedMax ? person.told.keys().next().value : undefined;
    if (oldest !== undefined) person.told.delete(oldest);
    tell(person, session, note).catch((error: unknown) => {
      deps.logger.error(
        { error, conversation: note.conversation },
        'News of a conversation could not be told',
      );
    });
  }

  async function tell(person: Person, { principal }: LiveSession, note: InboxNote): Promise<void> {
    if (person.view.blocked === null) await learnBlocked(person, principal);
    const blocked = person.view.blocked ?? new Set();
    /** What is told to sockets of one environment, with keys of one service. */
    const told = new Map<string, Promise<string | null>>();
    for (const [session, env] of [...person.sessions]) {
      const kind = `${env}/${session.principal.service}`;
      const news = told.get(kind) ?? conversationNews(deps, session.principal, env, blocked, note);
      told.set(kind, news);
      const frame = await news;
      if (frame !== null && person.sessions.has(session)) session.outbox.send(frame);
    }
  }

  return {
    wordingFor: (principal) => (people.get(keyOf(principal))?.view ?? openView(principal)).wording,

    join(session, env) {
      const key = keyOf(session.principal);
      const known = people.get(key);
      const person = known ?? {
        ...{ sessions: new Map(), view: openView(session.principal) },
        ...{ version: 0, told: new Map() },
      };
      people.set(key, person);
      person.sessions.set(session, env);
      live.heed(session, (note) => take(person, session, note));
      check.begin();
      return known === undefined;
    },

    leave(session) {
      const key = keyOf(session.principal);
      const person = people.get(key);
      if (person?.sessions.delete(session) === true && person.sessions.size === 0) people.delete(key);
    },

    viewIn: (session, conversation) =>
      people.get(keyOf(session.principal))?.view.within(conversation) ?? null,

    seeing(session, conversations) {
      const { principal } = session;
      const person = people.get(keyOf(principal));
      if (person === undefined) return null;
      const unknown = conversations.filter((one) => person.view.cleared(one) === null);
      const isKnown = person.view.blocked !== null;
      if (unknown.length === 0) return isKnown ? null : learnBlocked(person, principal);
      return Promise.all([
        isKnown ? null : learnBlocked(person, principal),
        learnCleared(person, principal, unknown),
      ]).then(([one, other]) => one ?? other);
    },
  };
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

function sendAll({ sessions }: Person, frame: string): void {
  for (const { outbox } of sessions.keys()) outbox.send(frame);
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
