/** The list of conversations, as rows of the server and what happened since. Pure. */
import type { Event } from '../../domain/event.ts';

export interface Summary {
  readonly id: string;
  /** Its name, or that of the other one in a conversation of two; null: it has none. */
  readonly title: string | null;
  /** The other one, in a conversation of two. */
  readonly contact: string | null;
  /** Of the newest event that is known. */
  readonly position: number;
  readonly seq: number;
  readonly lastReadSeq: number;
  readonly unread: number;
  readonly activityAt: string;
  readonly preview: { readonly from: string | null; readonly words: string; readonly message: string | null };
  readonly isPaused: boolean;
}

/** As GET /v1/chat/conversations answers. */
export interface SummaryRow {
  readonly id: string;
  readonly name?: string;
  readonly last_activity: string;
  readonly seq_counter: number;
  readonly last_message_preview: string;
  readonly unread_count: number;
  readonly last_read_seq: number;
  readonly contact?: { readonly user_id: string; readonly display_name: string };
}

export type Summaries = ReadonlyMap<string, Summary>;

const previewCharsMax = 160;

/** Rows of the server over what is known: of a conversation that is known to be further, the row is old. */
export function withRows(known: Summaries, rows: readonly SummaryRow[]): Summaries {
  const now = new Map(known);
  for (const row of rows) {
    const before = known.get(row.id);
    if (before === undefined || before.seq <= row.seq_counter) now.set(row.id, fromRow(row, before));
  }
  return now;
}

function fromRow(row: SummaryRow, before: Summary | undefined): Summary {
  const words = oneLine(row.last_message_preview);
  const isSame = before !== undefined && before.preview.words === words;
  return {
    id: row.id,
    title: row.contact?.display_name ?? row.name ?? null,
    contact: row.contact?.user_id ?? null,
    position: before?.position ?? 0,
    seq: row.seq_counter,
    lastReadSeq: row.last_read_seq,
    unread: row.unread_count,
    activityAt: row.last_activity,
    preview: isSame ? before.preview : { from: null, words, message: null },
    isPaused: before?.isPaused ?? false,
  };
}

/** What an event changes; the same map when it changes nothing. An unknown conversation stays unknown. */
export function withEvent(known: Summaries, event: Event, self: string): Summaries {
  const before = known.get(event.conversation);
  if (before === undefined || event.position <= before.position) return known;
  const now = new Map(known);
  const gone =
    event.type === 'conversation.deleted' ||
    (event.type === 'participant.removed' && event.data.participant === self);
  if (gone) now.delete(event.conversation);
  else now.set(event.conversation, { ...before, ...changed(before, event, self), position: event.position });
  return now;
}

function changed(before: Summary, event: Event, self: string): Partial<Summary> {
  const seq = event.seq ?? before.seq;
  switch (event.type) {
    case 'message.posted': {
      const { content, message_id: message } = event.data;
      const isNews = event.actor.id !== self && seq > before.lastReadSeq && seq > before.seq;
      const preview = { from: event.actor.id, words: oneLine(content), message };
      return { seq, activityAt: event.at, preview, unread: before.unread + (isNews ? 1 : 0) };
    }
    case 'message.edited':
      if (before.preview.message !== event.data.message_id) return {};
      return { preview: { ...before.preview, words: oneLine(event.data.content) } };
    case 'message.deleted':
      if (before.preview.message !== event.data.message_id) return {};
      return { preview: { ...before.preview, words: 'Message deleted' } };
    case 'control': {
      const { event: name } = event.data;
      const isPaused = name === 'stream.pause' || (before.isPaused && name !== 'stream.resume');
      return { seq, activityAt: event.at, isPaused };
    }
    case 'conversation.updated':
      return event.data.name === undefined || before.contact !== null ? {} : { title: event.data.name };
    default:
      return {};
  }
}

/** The reader has seen everything up to `seq`. */
export function withRead(known: Summaries, conversation: string, seq: number, unread: number): Summaries {
  const before = known.get(conversation);
  if (before === undefined || seq < before.lastReadSeq) return known;
  if (before.lastReadSeq === seq && before.unread === unread) return known;
  return new Map(known).set(conversation, { ...before, lastReadSeq: seq, unread });
}

export function titleOf({ title, contact }: Pick<Summary, 'title' | 'contact'>): string {
  return title ?? contact ?? 'Without a name';
}

/** Newest activity first. */
export function inOrder(known: Summaries): readonly Summary[] {
  return [...known.values()].sort((one, other) =>
    one.activityAt === other.activityAt
      ? one.id < other.id
        ? 1
        : -1
      : one.activityAt < other.activityAt
        ? 1
        : -1,
  );
}

export function oneLine(text: string): string {
  return text
    .slice(0, previewCharsMax * 2)
    .replace(/\s+/gu, ' ')
    .trim()
    .slice(0, previewCharsMax);
}
