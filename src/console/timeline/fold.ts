/** Events of a conversation -> the lines of its timeline. Pure: folding the same events gives the same lines. */
import type { Event, EventOf } from '../../domain/event.ts';

export interface Actor {
  readonly id: string;
  readonly kind: 'user' | 'agent' | 'service';
}

interface Line {
  /** Stays with the line, whatever happens to it. */
  readonly key: string;
  readonly position: number;
  /** Null for what is neither a message nor a control event. */
  readonly seq: number | null;
  readonly at: string;
  readonly actor: Actor;
}

export interface Reaction {
  readonly emoji: string;
  /** Ids, in the order in which they reacted. */
  readonly by: readonly string[];
}

export interface MessageLine extends Line {
  readonly kind: 'message';
  readonly id: string;
  readonly content: string;
  readonly contentType: string;
  readonly replyTo: string | null;
  readonly run: string | null;
  readonly clientId: string | null;
  readonly priority: string;
  readonly edits: number;
  readonly reactions: readonly Reaction[];
  readonly isDeleted: boolean;
  /** Who deleted it, as far as that is known. */
  readonly deletedBy: string | null;
  /** A control event stopped its run: this is what had been said by then. */
  readonly isInterrupted: boolean;
  readonly preemptedBy: string | null;
  /** Said among agents. */
  readonly isInternal: boolean;
  /** It is there, but cannot be read: its key was destroyed or does not open it. */
  readonly isUnreadable: boolean;
}

/** What happened between messages: control events, joins and leaves, changes of the conversation itself. */
export interface FactLine extends Line {
  readonly kind: 'fact';
  readonly event: Exclude<Event, MessageEvent>;
}

export type TimelineLine = MessageLine | FactLine;

type MessageEvent = EventOf<'message.posted' | 'message.edited' | 'message.deleted' | 'reaction.changed'>;

/** Lines as their events make them: the same object each time, so that what did not change is not drawn again. */
const made = new WeakMap<Event, TimelineLine>();

function madeOf(event: Event, make: () => TimelineLine): TimelineLine {
  const line = made.get(event) ?? make();
  made.set(event, line);
  return line;
}

/** `events`: in the order of their positions. What changes a message that is not among them is passed over. */
export function foldTimeline(events: Iterable<Event>): readonly TimelineLine[] {
  const lines: TimelineLine[] = [];
  const places = new Map<string, number>();
  const change = (id: string, to: (line: MessageLine) => MessageLine): void => {
    const at = places.get(id);
    const line = at === undefined ? undefined : lines[at];
    if (at !== undefined && line?.kind === 'message') lines[at] = to(line);
  };
  for (const event of events) {
    switch (event.type) {
      case 'message.posted':
        places.set(event.data.message_id, lines.length);
        lines.push(madeOf(event, () => messageLine(event)));
        break;
      case 'message.edited':
        change(event.data.message_id, (line) => edited(line, event));
        break;
      case 'message.deleted':
        change(event.data.message_id, (line) => deleted(line, event.data.by));
        break;
      case 'reaction.changed':
        change(event.data.message_id, (line) => reacted(line, event));
        break;
      default:
        lines.push(madeOf(event, () => ({ ...lineOf(event), kind: 'fact', key: event.id, event })));
    }
  }
  return lines;
}

/** A message as the server told it, after its event of this position. */
export interface MessageNow extends Pick<MessageLine, 'content' | 'edits' | 'isDeleted' | 'reactions'> {
  readonly position: number;
}

/** Lines of events up to `last`, with what became of them later. */
export function withLater(
  lines: readonly TimelineLine[],
  last: number,
  later: ReadonlyMap<string, MessageNow>,
): readonly TimelineLine[] {
  if (later.size === 0) return lines;
  return lines.map((line) => {
    if (line.kind !== 'message' || line.isDeleted) return line;
    const now = later.get(line.id);
    // What happened up to `last` is in the line already.
    if (now === undefined || now.position <= last) return line;
    const { content, edits, isDeleted, reactions } = now;
    return { ...line, content, edits, isDeleted, reactions };
  });
}

function lineOf({ position, seq, at, actor }: Event): Omit<Line, 'key'> {
  return { position, seq, at, actor };
}

function messageLine(event: EventOf<'message.posted'>): MessageLine {
  const { data } = event;
  return {
    ...lineOf(event),
    kind: 'message',
    key: data.message_id,
    id: data.message_id,
    content: data.content,
    contentType: data.content_type,
    replyTo: data.reply_to,
    run: event.run ?? null,
    clientId: event.client_id ?? null,
    priority: data.priority,
    edits: 0,
    reactions: [],
    isDeleted: data.deleted === true,
    deletedBy: null,
    isInterrupted: data.interrupted === true,
    preemptedBy: data.preempted_by ?? null,
    isInternal: data.metadata['is_internal'] === true,
    isUnreadable: data.sealed === 'erased' || data.sealed === 'unreadable',
  };
}

function edited(line: MessageLine, { data }: EventOf<'message.edited'>): MessageLine {
  if (line.isDeleted || data.deleted === true) return line;
  const isUnreadable = data.sealed === 'erased' || data.sealed === 'unreadable';
  return { ...line, content: data.content, edits: Math.max(line.edits, data.edit_count), isUnreadable };
}

function deleted(line: MessageLine, by: string): MessageLine {
  return { ...line, content: '', reactions: [], isDeleted: true, deletedBy: by };
}

function reacted(line: MessageLine, { actor, data }: EventOf<'reaction.changed'>): MessageLine {
  if (line.isDeleted) return line;
  const { emoji, action } = data;
  const found = line.reactions.find((one) => one.emoji === emoji);
  const others = (found?.by ?? []).filter((id) => id !== actor.id);
  const by = action === 'added' ? [...others, actor.id] : others;
  const now = found === undefined ? [...line.reactions, { emoji, by }] : replaced(line.reactions, emoji, by);
  return { ...line, reactions: now.filter((one) => one.by.length > 0) };
}

function replaced(reactions: readonly Reaction[], emoji: string, by: readonly string[]): readonly Reaction[] {
  return reactions.map((one) => (one.emoji === emoji ? { emoji, by } : one));
}
