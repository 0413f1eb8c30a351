import type { UIMessage } from 'ai';
import type { Event, EventOf } from '../wire.ts';

/** What a UI message knows of the event that it is. */
export interface ParleyMetadata {
  readonly event_id: string;
  readonly seq: number | null;
  readonly position: number;
  readonly at: string;
  readonly actor: { readonly id: string; readonly kind: string };
  readonly run?: string;
  /** It was stopped in the middle. */
  readonly interrupted?: true;
  readonly preempted_by?: string;
  /** The text that replaced what was streamed, where it is another one. */
  readonly content?: string;
}

export function metadataOf({
  id,
  seq,
  position,
  at,
  actor,
  run,
  data,
}: EventOf<'message.posted'>): ParleyMetadata {
  return {
    event_id: id,
    seq,
    position,
    at,
    actor,
    ...(run === undefined ? {} : { run }),
    ...(data.interrupted === undefined ? {} : { interrupted: true }),
    ...(data.preempted_by === undefined ? {} : { preempted_by: data.preempted_by }),
  };
}

/** Messages of history as the AI SDK shows them: people are `user`, agents and services `assistant`. */
export function toUiMessages(events: readonly Event[]): UIMessage[] {
  return events
    .filter((event) => event.type === 'message.posted')
    .filter(({ data }) => data.deleted !== true && data.metadata['is_internal'] !== true)
    .map((event) => ({
      id: idOf(event),
      role: event.actor.kind === 'user' ? ('user' as const) : ('assistant' as const),
      metadata: metadataOf(event),
      parts: [{ type: 'text' as const, text: event.data.content, state: 'done' as const }],
    }));
}

/** What a user typed here keeps the id that it had here, so that it is not shown twice. */
function idOf({ data }: EventOf<'message.posted'>): string {
  const own = data.metadata['ui_message_id'];
  return typeof own === 'string' ? own : data.message_id;
}

/** The text of a message. */
export function textOf({ parts }: UIMessage): string {
  return parts
    .filter((part) => part.type === 'text')
    .map(({ text }) => text)
    .join('\n');
}
