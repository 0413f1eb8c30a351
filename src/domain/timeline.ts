/**
 * Timeline: messages and control events as a reader sees them now, with edits, tombstones and
 * reactions applied. The projection stores the same entries as rows; the cache keeps the newest
 * ones in memory; both follow the rules of this file.
 */
import {
  type DataClass,
  type ErasedEvent,
  type Event,
  type EventOf,
  type LogEntry,
  stricterClass,
} from './event.ts';
import { erasedStub } from './events/erased-stub.ts';
import { isInternal } from './events/message-head.ts';
import type { MessageId, PrincipalId } from './ids.ts';

export interface Reaction {
  readonly emoji: string;
  readonly principal: PrincipalId;
}

export interface TimelineEntry {
  /** With the present content and metadata; content '' and `deleted: true` once deleted. */
  readonly event: EventOf<'message.posted'> | EventOf<'control'>;
  readonly logSeq: number;
  /** Position of the last event that made or changed it: what a reader was told up to there, it has as it is. */
  readonly changedPosition: number;
  readonly dataClass: DataClass;
  readonly policyRef: string | null;
  readonly editCount: number;
  readonly editedAt: string | null;
  readonly deletedAt: string | null;
  readonly deletedBy: PrincipalId | null;
  /** Every stored version that holds content, the posted one first: what a deletion erases. Empty once deleted. */
  readonly versions: readonly ErasedEvent[];
  readonly reactions: readonly Reaction[];
}

/** Which messages, and tombstones of messages, a reader sees; control events are none. */
export interface SeenMessages {
  /** Of these senders it sees nothing. */
  readonly blocked: ReadonlySet<PrincipalId>;
  /** What agents and services say among themselves, too. */
  readonly seesInternal: boolean;
}

/** True when such a reader sees the entry. */
export function isAmong({ event }: TimelineEntry, seen: SeenMessages): boolean {
  return event.type === 'message.posted' && isMessageAmong(event, seen);
}

/** The same for the event that posted a message. */
export function isMessageAmong(event: EventOf<'message.posted'>, seen: SeenMessages): boolean {
  return !seen.blocked.has(event.actor.id) && (seen.seesInternal || !isInternal(event));
}

/** Id that edit, delete and react name: the message's, or the event's own for a control event. */
export function entryId(entry: TimelineEntry): MessageId {
  return entry.event.type === 'control' ? (entry.event.id as string) : entry.event.data.message_id;
}

/** The entry a new message or control event makes; null for every other type. */
export function toTimelineEntry(logged: LogEntry): TimelineEntry | null {
  const { event, logSeq, dataClass, policyRef } = logged;
  if (event.type !== 'message.posted' && event.type !== 'control') return null;
  const isStub = event.type === 'message.posted' && event.data.deleted === true;
  return {
    event,
    logSeq,
    changedPosition: event.position,
    dataClass,
    policyRef,
    editCount: 0,
    editedAt: null,
    deletedAt: isStub ? event.at : null,
    deletedBy: null,
    versions: event.type === 'control' || isStub ? [] : [versionOf(event, event.data.message_id, logSeq)],
    reactions: [],
  };
}

function versionOf(
  event: EventOf<'message.posted'> | EventOf<'message.edited'>,
  messageId: MessageId,
  logSeq: number,
): ErasedEvent {
  const { position, seq, id, type, at, actor } = event;
  const endsRun = event.type === 'message.posted' && event.data.end_run === true;
  return {
    position,
    seq,
    id,
    type,
    at,
    actor,
    messageId,
    logSeq,
    ...(event.client_id === undefined ? {} : { clientId: event.client_id }),
    ...(event.run === undefined || endsRun ? {} : { run: event.run }),
  };
}

/** The id of the message that an event changes, or null when it changes none. */
export function changedMessage(event: Event): MessageId | null {
  switch (event.type) {
    case 'message.edited':
    case 'message.deleted':
    case 'reaction.changed':
      return event.data.message_id;
    default:
      return null;
  }
}

/** One entry with an edit, deletion or reaction of it applied; other events leave it as it is. */
export function applyChange(entry: TimelineEntry, logged: LogEntry): TimelineEntry {
  const { event } = logged;
  if (entry.event.type !== 'message.posted') return entry;
  switch (event.type) {
    case 'message.edited':
      return applyEdit(entry, entry.event, event, logged);
    case 'message.deleted':
      return (
        tombstoneOf(logged) ??
        tombstoneOf({ ...logged, erased: [versionOf(entry.event, entryId(entry), entry.logSeq)] }) ??
        entry
      );
    case 'reaction.changed':
      if (entry.deletedAt !== null) return entry;
      return {
        ...entry,
        changedPosition: event.position,
        reactions: applyReaction(entry.reactions, event),
      };
    default:
      return entry;
  }
}

function applyEdit(
  entry: TimelineEntry,
  posted: EventOf<'message.posted'>,
  edit: EventOf<'message.edited'>,
  { logSeq, dataClass }: LogEntry,
): TimelineEntry {
  if (entry.deletedAt !== null) return entry;
  const { sealed: _, ...before } = posted.data;
  const { content, metadata, sealed } = edit.data;
  const data = { ...before, content, metadata, ...(sealed === undefined ? {} : { sealed }) };
  return {
    ...entry,
    event: { ...posted, data },
    changedPosition: edit.position,
    dataClass: stricterClass(entry.dataClass, dataClass),
    editCount: edit.data.edit_count,
    // What was attached is told as an edit that does not count as one.
    editedAt: edit.data.edit_count === entry.editCount ? entry.editedAt : edit.at,
    versions: [...entry.versions, versionOf(edit, edit.data.message_id, logSeq)],
  };
}

function applyReaction(
  reactions: readonly Reaction[],
  event: EventOf<'reaction.changed'>,
): readonly Reaction[] {
  const without = reactions.filter(
    (one) => one.emoji !== event.data.emoji || one.principal !== event.actor.id,
  );
  if (event.data.action === 'removed') return without;
  return [...without, { emoji: event.data.emoji, principal: event.actor.id }];
}

/**
 * What is left of a deleted message: only what its deletion tells of it, so that whoever saw the
 * message and whoever reads the log after it was erased have the same. Null when it tells nothing.
 */
export function tombstoneOf(deletion: LogEntry): TimelineEntry | null {
  const { event, erased } = deletion;
  const posted = erased.find((one) => one.type === 'message.posted');
  if (event.type !== 'message.deleted' || posted === undefined) return null;
  const edits = erased.filter((one) => one.type === 'message.edited');
  const stub = erasedStub(event.conversation, posted) as EventOf<'message.posted'>;
  // Who did not see the message does not see what is left of it.
  const metadata = event.data.message?.is_internal === true ? { is_internal: true } : stub.data.metadata;
  return {
    event: { ...stub, data: { ...stub.data, metadata } },
    logSeq: posted.logSeq,
    changedPosition: event.position,
    dataClass: 'none',
    policyRef: null,
    editCount: edits.length,
    editedAt: edits.at(-1)?.at ?? null,
    deletedAt: event.at,
    deletedBy: event.data.by,
    versions: [],
    reactions: [],
  };
}

/**
 * Applies one log entry to a list of entries in seq order, in place: appends what is new, replaces
 * what changed. Entries that the list does not hold (older than its first) are not touched.
 */
export function applyToTimeline(entries: TimelineEntry[], logged: LogEntry): void {
  const added = toTimelineEntry(logged);
  if (added !== null) {
    entries.push(added);
    return;
  }
  const message = changedMessage(logged.event);
  if (message === null) return;
  for (let index = entries.length - 1; index >= 0; index -= 1) {
    const entry = entries[index];
    if (entry === undefined || entryId(entry) !== message) continue;
    entries[index] = applyChange(entry, logged);
    return;
  }
}
