/**
 * The messaging sockets of one principal on this node: they share one view, which follows what the principal
 * blocks, and are told of what it does to itself on any of its devices.
 */
import type { InboxNote, LiveBus, LiveSession, Wording } from '../../../../core/bus.ts';
import type { PrincipalId } from '../../../../domain/ids.ts';
import { limits } from '../../../../domain/limits.ts';
import type { Principal } from '../../../../domain/principal.ts';
import { Problem } from '../../../../domain/problem.ts';
import { formatMicros } from '../../../../domain/time.ts';
import type { Logger } from '../../../../ports/logger.ts';
import type { Personal, PersonalChange } from '../../../../ports/personal.ts';
import { conversationNews, type NewsDeps } from './conversation-news.ts';
import { eventFrame, type WordingWorld, wordingOf } from './wording.ts';

export interface Devices {
  /** The words that a session begins with: those of who blocks nobody. */
  wordingFor(principal: Principal): Wording;
  /** True when it is the principal's first one here. */
  join(session: LiveSession): boolean;
  leave(session: LiveSession): void;
  /** Answers when the session sees what it should: before that it may follow nothing. */
  seeing(session: LiveSession): Problem | null | Promise<Problem | null>;
}

/** The sockets of one principal. */
interface Person {
  readonly sessions: Set<LiveSession>;
  wording: Wording;
  /** Whom it blocks, as its sessions see; null: not known. */
  blocked: ReadonlySet<PrincipalId> | null;
  /** Goes up with each change, so that no earlier answer wins over a later one. */
  version: number;
  /** Conversation -> position of the newest note about it: notes come twice. */
  readonly told: Map<string, number>;
}

interface Deps extends NewsDeps, WordingWorld {
  readonly personal: Personal;
  readonly live: Pick<LiveBus, 'heed' | 'reword'>;
  readonly logger: Pick<Logger, 'error'>;
}

export function openDevices(deps: Deps): Devices {
  const { personal, live } = deps;
  /** By tenant and principal; bounded by the sockets. */
  const people = new Map<string, Person>();
  let views = 0;
  const keyOf = ({ tenant, id }: Pick<Principal, 'tenant' | 'id'>): string => `${tenant}/${id}`;
  const shared = {
    person: wordingOf('v/p', { blocked: new Set(), seesInternal: false }, deps),
    agent: wordingOf('v/a', { blocked: new Set(), seesInternal: true }, deps),
  };
  const sharedBy = ({ kind }: Principal): Wording => (kind === 'user' ? shared.person : shared.agent);

  personal.onChanged((tenant, id, change) => {
    const person = people.get(keyOf({ tenant, id }));
    if (person === undefined) return;
    person.version += 1;
    if ((change.what === 'blocked' || change.what === 'unblocked') && person.blocked !== null)
      see(person, withChange(person.blocked, change));
    const frame = ownNews(change);
    if (frame !== null) for (const { outbox } of person.sessions) outbox.send(frame);
  });

  /** Every socket of the person in one turn: none sees more than another. */
  function see(person: Person, blocked: ReadonlySet<PrincipalId>): void {
    person.blocked = blocked;
    const [any] = person.sessions;
    if (any === undefined) return;
    const seesInternal = any.principal.kind !== 'user';
    // A name is never used again: what was published under it had been seen otherwise.
    views += 1;
    person.wording =
      blocked.size === 0 ? sharedBy(any.principal) : wordingOf(`v/${views}`, { blocked, seesInternal }, deps);
    for (const session of person.sessions) live.reword(session, person.wording);
  }

  async function learn(person: Person, { tenant, id }: Principal): Promise<Problem | null> {
    for (;;) {
      const { version } = person;
      const blocked = await personal.blockedBy(tenant, id);
      if (blocked instanceof Problem) return blocked;
      if (person.blocked !== null && person.version !== version) return null;
      if (person.version !== version) continue;
      see(person, blocked);
      return null;
    }
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

  async function tell(person: Person, session: LiveSession, note: InboxNote): Promise<void> {
    if (person.blocked === null) await learn(person, session.principal);
    const blocked = person.blocked ?? new Set();
    const frame = await conversationNews(deps, session.principal, blocked, note);
    if (frame !== null) for (const { outbox } of person.sessions) outbox.send(frame);
  }

  return {
    wordingFor: (principal) => people.get(keyOf(principal))?.wording ?? sharedBy(principal),

    join(session) {
      const key = keyOf(session.principal);
      const known = people.get(key);
      const fresh = { blocked: null, version: 0, wording: sharedBy(session.principal) };
      const person = known ?? { ...fresh, sessions: new Set(), told: new Map() };
      people.set(key, person);
      person.sessions.add(session);
      live.heed(session, (note) => take(person, session, note));
      return known === undefined;
    },

    leave(session) {
      const key = keyOf(session.principal);
      const person = people.get(key);
      if (person?.sessions.delete(session) === true && person.sessions.size === 0) people.delete(key);
    },

    seeing(session) {
      const person = people.get(keyOf(session.principal));
      return person === undefined || person.blocked !== null ? null : learn(person, session.principal);
    },
  };
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
