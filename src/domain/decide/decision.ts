/** What a rule gets, what it answers, and the small builders that every rule ends with. */
import type { CommandContext } from '../command.ts';
import type { DataClass, ErasedEvent, Event, EventOf, EventType } from '../event.ts';
import type { Facts } from '../facts.ts';
import type { PostedEntry } from '../idempotency-window.ts';
import type { EventId } from '../ids.ts';
import { limits } from '../limits.ts';
import type { Principal } from '../principal.ts';
import { Problem } from '../problem.ts';
import type { ConversationState } from '../state.ts';
import type { Micros } from '../time.ts';
import { type EventExtras, NewEvents } from './new-events.ts';

export type Decision =
  /** Append these, all or none. */
  | {
      readonly kind: 'append';
      readonly events: readonly Event[];
      /** Travels beside a message.deleted event. */
      readonly erased: readonly ErasedEvent[];
      /** Of events that may not be less protected than what they come from, whatever the request says. */
      readonly classes?: ReadonlyMap<EventId, DataClass>;
    }
  /** A retry of an accepted post. */
  | { readonly kind: 'duplicate'; readonly first: PostedEntry }
  /** The conversation already is as asked. */
  | { readonly kind: 'unchanged' };

/** What every rule gets. */
export interface Deciding {
  readonly state: ConversationState;
  readonly facts: Facts;
  readonly principal: Principal;
  readonly context: CommandContext;
  readonly now: Micros;
}

/** A series of events numbered after the state that is decided on. */
export function newEvents(deciding: Deciding): NewEvents {
  const { state, principal, context, now } = deciding;
  return new NewEvents(state, { actor: principal, context, now });
}

/** The most common decision: one event with the command's own id. */
export function appendOne<T extends EventType>(
  deciding: Deciding,
  type: T,
  data: EventOf<T>['data'],
  extras?: EventExtras,
): Decision {
  return {
    kind: 'append',
    events: newEvents(deciding).add(deciding.context.id, type, data, extras).list,
    erased: [],
  };
}

export const unchanged: Decision = { kind: 'unchanged' };

/** Null while a conversation may have `size` participants. */
export function refuseSize(size: number, { context }: Pick<Deciding, 'context'>): Problem | null {
  if (size > limits.participantsMax) return conversationFull();
  const { participantsMax } = context;
  if (participantsMax === undefined || size <= participantsMax) return null;
  return new Problem(
    'conflict',
    `A conversation of this tenant has at most ${participantsMax} participants.`,
    {
      reason: 'tenant_limit',
    },
  );
}

function conversationFull(): Problem {
  return new Problem(
    'invalid_request',
    `A conversation has at most ${limits.participantsMax} participants.`,
    {
      reason: 'too_many_participants',
      fields: [{ path: 'participants', reason: 'too_many', limit: limits.participantsMax }],
    },
  );
}
