/** Small builders that every rule ends with. */
import type { EventType, EventOf } from '../event.ts';
import type { Decision, Deciding } from './decide.ts';
import { type EventExtras, NewEvents } from './new-events.ts';

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
  return { kind: 'append', events: newEvents(deciding).add(deciding.context.id, type, data, extras).list, erased: [] };
}

export const unchanged: Decision = { kind: 'unchanged' };
