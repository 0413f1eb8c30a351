/** What is noted of a turn while it is in hand: for its records. */
import type { ConversationType, DataClass, EventOf } from '../../../domain/event.ts';
import type { MessageId } from '../../../domain/ids.ts';
import { type Micros, parseMicros } from '../../../domain/time.ts';
import type { TimelineEntry } from '../../../domain/timeline.ts';

export interface ModelCall {
  readonly model: string;
  readonly startedAt: Micros;
  readonly firstPieceAt: Micros | null;
  readonly endedAt: Micros;
  readonly chars: number;
  /** Why it failed; null: it did not. */
  readonly problem: { readonly code: string; readonly reason: string | undefined } | null;
}

export interface Heard {
  readonly event: EventOf<'message.posted'>;
  readonly dataClass: DataClass;
  readonly agentName: string;
  readonly type: ConversationType;
}

export interface Said {
  readonly message: MessageId;
  readonly text: string;
  readonly at: Micros;
  readonly dataClass: DataClass;
  readonly isInterrupted: boolean;
}

export class TurnNotes {
  readonly startedAt: Micros;
  /** Null: nothing was found that is for the agent. */
  heard: Heard | null = null;
  said: Said | null = null;
  /** At most limits.agentAttemptsMax fail; interrupted ones are not calls. */
  readonly calls: ModelCall[] = [];
  /** Since when it waits for a model that is left alone; null: it did not have to. */
  heldAt: Micros | null = null;
  /** A record of its beginning may be there. */
  wasShown = false;

  constructor(startedAt: Micros) {
    this.startedAt = startedAt;
  }

  hear({ event, dataClass }: TimelineEntry, agentName: string, type: ConversationType): void {
    if (event.type === 'message.posted') this.heard = { event, dataClass, agentName, type };
  }

  /** The answer as it is stored. */
  say({ event, dataClass, deletedAt }: TimelineEntry): void {
    if (event.type !== 'message.posted') return;
    const { message_id: message, content, interrupted } = event.data;
    const text = deletedAt === null ? content : '';
    const at = parseMicros(event.at) ?? this.startedAt;
    this.said = { message, text, at, dataClass, isInterrupted: interrupted === true };
  }
}
