/** What goes to readers, and the interface by which a dialect words it. */
import type { LogEntry } from '../../domain/event.ts';
import type { ConversationId, MessageId, PrincipalId } from '../../domain/ids.ts';
import type { Frame } from '../../ports/outbox.ts';

/** Volatile news: not logged, never replayed. */
export type Pulse =
  | {
      readonly kind: 'typing';
      readonly conversation: ConversationId;
      readonly from: PrincipalId;
      readonly state: 'start' | 'stop';
    }
  | {
      readonly kind: 'presence';
      readonly conversation: ConversationId;
      readonly from: PrincipalId;
      readonly status: string;
      readonly detail?: string;
    }
  | {
      readonly kind: 'read';
      readonly conversation: ConversationId;
      readonly from: PrincipalId;
      readonly up_to: number;
    }
  | {
      readonly kind: 'draft.abandoned';
      readonly conversation: ConversationId;
      readonly from: PrincipalId;
      readonly message_id: MessageId;
      readonly run: string;
    };

/** A piece of a streamed message: deltas `from`..`index` joined. */
export interface Delta {
  readonly conversation: ConversationId;
  readonly message_id: MessageId;
  readonly run: string;
  readonly from: number;
  readonly index: number;
  readonly text: string;
}

/** A dialect's words on a socket: each is called once for a broadcast, whatever the number of readers. */
export interface Wording {
  /** Part of the topic's name. */
  readonly dialect: string;
  /** `bytes` is the event's JSON as it came from the log, when it is at hand. Null: nothing to say. */
  event(entry: LogEntry, bytes: Uint8Array | null): Frame | null;
  delta(delta: Delta): Frame | null;
  pulse(pulse: Pulse): Frame | null;
}
