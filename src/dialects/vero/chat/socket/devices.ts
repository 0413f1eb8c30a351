/**
 * The messaging sockets of this node by their principals: those of one share one view, which follows what the
 * principal blocks, and are told of what it does to itself on any of its devices.
 */
import type { LiveBus, LiveSession, Wording } from '../../../../core/bus.ts';
import type { ConversationId } from '../../../../domain/ids.ts';
import type { Principal } from '../../../../domain/principal.ts';
import type { Problem } from '../../../../domain/problem.ts';
import type { Clock } from '../../../../ports/clock.ts';
import type { Personal } from '../../../../ports/conversations/personal.ts';
import type { View } from '../view.ts';
import { Person, type PersonDeps } from './person.ts';
import { personViews } from './person-view.ts';
import { openViewCheck, type Watched } from './view-check.ts';
import type { WordingWorld } from './wording.ts';

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

interface Deps extends PersonDeps, WordingWorld {
  readonly personal: Personal;
  readonly live: Pick<LiveBus, 'heed' | 'reword'>;
  readonly clock: Pick<Clock, 'nowMicros' | 'after'>;
}

export function openDevices(deps: Deps): Devices {
  /** By tenant and principal; bounded by the sockets. */
  const people = new Map<string, Person>();
  const personOf = (principal: Pick<Principal, 'tenant' | 'id'>): Person | undefined =>
    people.get(keyOf(principal));
  const openView = personViews(deps);
  const check = openViewCheck(deps, () => watched(people.values()));
  deps.personal.onChanged((tenant, id, change) => personOf({ tenant, id })?.change(change));

  return {
    wordingFor: (principal) => (personOf(principal)?.view ?? openView(principal)).wording,

    join(session, env) {
      const { principal } = session;
      const known = personOf(principal);
      const person = known ?? new Person(deps, principal, openView(principal));
      people.set(keyOf(principal), person);
      person.sessions.set(session, env);
      deps.live.heed(session, (note) => person.take(note));
      check.begin();
      return known === undefined;
    },

    leave(session) {
      const person = personOf(session.principal);
      if (person?.sessions.delete(session) === true && person.sessions.size === 0)
        people.delete(keyOf(session.principal));
    },

    viewIn: (session, conversation) => personOf(session.principal)?.view.within(conversation) ?? null,
    seeing: (session, conversations) => personOf(session.principal)?.seeing(conversations) ?? null,
  };
}

function keyOf({ tenant, id }: Pick<Principal, 'tenant' | 'id'>): string {
  return `${tenant}/${id}`;
}

/** Those who have a socket. */
function* watched(people: Iterable<Person>): Iterable<Watched> {
  for (const person of people) {
    const { tenant, id, sessions } = person;
    if (sessions.size > 0) yield { tenant, id, compare: () => person.compared() };
  }
}
