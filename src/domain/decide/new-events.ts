/** Numbers the events of one decision: position, seq and time follow from the state, one after another. */
import type { CommandContext } from '../command.ts';
import type { Event, EventOf, EventType } from '../event.ts';
import type { EventId } from '../ids.ts';
import type { Actor } from '../principal.ts';
import type { ConversationState } from '../state.ts';
import { formatMicros, type Micros, nextMicros } from '../time.ts';

/** Everything that a rule may look at besides the state: who asks, in which context, and when. */
export interface Asking {
  readonly actor: Actor;
  readonly context: CommandContext;
  readonly now: Micros;
}

export interface EventExtras {
  readonly actor?: Actor;
  readonly clientId?: string | null;
  readonly run?: string | null;
}

export class NewEvents {
  readonly list: Event[] = [];
  readonly #asking: Asking;
  #position: number;
  #seq: number;
  #at: Micros;

  constructor(state: ConversationState, asking: Asking) {
    this.#asking = asking;
    this.#position = state.position;
    this.#seq = state.seq;
    this.#at = state.at;
  }

  /** Appends one event. Messages and control events take the next seq, every event the next position. */
  add<T extends EventType>(id: EventId, type: T, data: EventOf<T>['data'], extras: EventExtras = {}): this {
    const { actor, context, now } = this.#asking;
    const isTimeline = type === 'message.posted' || type === 'control';
    this.#position += 1;
    if (isTimeline) this.#seq += 1;
    this.#at = nextMicros(now, this.#at);
    // The order of keys is the order on the wire; optional keys are absent, not null.
    const event: Record<string, unknown> = {
      v: 1,
      id,
      conversation: context.conversation,
      position: this.#position,
      seq: isTimeline ? this.#seq : null,
      type,
      at: formatMicros(this.#at),
      actor: { id: (extras.actor ?? actor).id, kind: (extras.actor ?? actor).kind },
    };
    if (extras.clientId != null) event.client_id = extras.clientId;
    if (extras.run != null) event.run = extras.run;
    if (context.trace !== null) event.trace = context.trace;
    event.data = data;
    this.list.push(event as unknown as Event);
    return this;
  }
}
