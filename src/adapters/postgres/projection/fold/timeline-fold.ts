/**
 * What a batch does to the timeline of one conversation, by the rules of domain/timeline.ts: new rows,
 * changed rows, versions and reactions. Nothing is written here.
 */
import type { ErasedEvent, EventOf, LogEntry } from '../../../../domain/event.ts';
import { isInternal } from '../../../../domain/events/message-head.ts';
import type { MessageId, PrincipalId } from '../../../../domain/ids.ts';
import {
  applyChange,
  changedMessage,
  type TimelineEntry,
  tombstoneOf,
  toTimelineEntry,
} from '../../../../domain/timeline.ts';

/** A timeline entry and what its row knows beside it. */
export interface FoldedEntry {
  entry: TimelineEntry;
  readonly isNew: boolean;
  clientId: string | null;
  hash: number | null;
  isSearchable: boolean;
}

/** One version of an edited message. */
export interface FoldedVersion {
  readonly messageSeq: number;
  readonly logSeq: number;
  readonly event: EventOf<'message.posted'> | EventOf<'message.edited'>;
  readonly editCount: number;
}

export interface FoldedReaction {
  readonly messageSeq: number;
  readonly principal: PrincipalId;
  readonly emoji: string;
  readonly isAdded: boolean;
  readonly position: number;
}

export class TimelineFold {
  readonly added: FoldedEntry[] = [];
  /** Rows of earlier batches that this one changes. */
  readonly changed = new Set<FoldedEntry>();
  /** Rows of earlier batches of which only `changedPosition` changes: reactions have a table of their own. */
  readonly touched = new Set<FoldedEntry>();
  readonly versions = new Map<FoldedEntry, FoldedVersion[]>();
  readonly reactions = new Map<string, FoldedReaction>();
  /** Seqs of messages of earlier batches that were deleted: their versions and reactions go. */
  readonly wipedSeqs: number[] = [];
  /** All messages that were deleted, whether a row stood for them or not. */
  readonly deletedMessages: MessageId[] = [];
  readonly #byId: Map<MessageId, FoldedEntry>;

  /** `stored`: the rows that the batch's changes name, by message id. */
  constructor(stored: ReadonlyMap<MessageId, FoldedEntry>) {
    this.#byId = new Map(stored);
  }

  /** True when a row stands for this message, so that its deletion tells nothing new. */
  knows(message: MessageId): boolean {
    return this.#byId.has(message);
  }

  /** A new message or control event; `hash` is hashOfPost() of a message. */
  add(logged: LogEntry, hash: number | null): void {
    const entry = toTimelineEntry(logged);
    if (entry === null) return;
    const isMessage = entry.event.type === 'message.posted';
    const clientId = entry.event.client_id ?? null;
    const folded = { entry, isNew: true, clientId, hash, isSearchable: isMessage && isIndexable(logged) };
    this.added.push(folded);
    if (entry.event.type === 'message.posted') this.#byId.set(entry.event.data.message_id, folded);
  }

  /** Answers whether others count it now than before. */
  edit(logged: LogEntry, edit: EventOf<'message.edited'>): boolean {
    const folded = this.#byId.get(edit.data.message_id);
    if (folded === undefined || folded.entry.deletedAt !== null) return false;
    const wasInternal = isInternal(posted(folded.entry).event);
    const { event, seq, logSeq } = posted(folded.entry);
    const versions = this.versions.get(folded) ?? [];
    // The first change of all, be it one that does not count as an edit.
    if (folded.entry.versions.length === 1) versions.push({ messageSeq: seq, logSeq, event, editCount: 0 });
    versions.push({ messageSeq: seq, logSeq: logged.logSeq, event: edit, editCount: edit.data.edit_count });
    this.versions.set(folded, versions);
    folded.entry = applyChange(folded.entry, logged);
    folded.isSearchable &&= isIndexable(logged);
    this.#change(folded);
    return wasInternal !== isInternal(posted(folded.entry).event);
  }

  /** Answers the erased post when no row stood for it: what a replay after the erasure meets. */
  remove(logged: LogEntry, deletion: EventOf<'message.deleted'>): ErasedEvent | null {
    const erased = logged.erased.find((one) => one.type === 'message.posted') ?? null;
    this.deletedMessages.push(deletion.data.message_id);
    const folded = this.#byId.get(deletion.data.message_id);
    if (folded === undefined) {
      this.#addTombstone(logged, erased);
      return erased;
    }
    const { seq } = posted(folded.entry);
    folded.entry = applyChange(folded.entry, logged);
    folded.hash = null;
    folded.isSearchable = false;
    this.versions.delete(folded);
    for (const [key, one] of this.reactions) if (one.messageSeq === seq) this.reactions.delete(key);
    if (!folded.isNew) this.wipedSeqs.push(seq);
    this.#change(folded);
    return null;
  }

  react(logged: LogEntry, reaction: EventOf<'reaction.changed'>): void {
    const folded = this.#byId.get(reaction.data.message_id);
    if (folded === undefined || folded.entry.deletedAt !== null) return;
    const { emoji, action } = reaction.data;
    const { seq } = posted(folded.entry);
    const principal = reaction.actor.id;
    const isAdded = action === 'added';
    const { position } = reaction;
    this.reactions.set(`${seq} ${principal}\u0000${emoji}`, {
      messageSeq: seq,
      principal,
      emoji,
      isAdded,
      position,
    });
    folded.entry = applyChange(folded.entry, logged);
    if (!folded.isNew) this.touched.add(folded);
  }

  #addTombstone(logged: LogEntry, erased: ErasedEvent | null): void {
    const entry = tombstoneOf(logged);
    if (entry === null || erased === null) return;
    const clientId = erased.clientId ?? null;
    const folded = { entry, isNew: true, clientId, hash: null, isSearchable: false };
    this.added.push(folded);
    this.#byId.set(erased.messageId, folded);
  }

  #change(folded: FoldedEntry): void {
    if (!folded.isNew) this.changed.add(folded);
  }
}

/** Only messages get into #byId. */
function posted(entry: TimelineEntry) {
  const event = entry.event as EventOf<'message.posted'>;
  return { event, seq: event.seq ?? 0, logSeq: entry.logSeq };
}

/** common.md: phi and secret content is never indexed for search. */
function isIndexable(logged: LogEntry): boolean {
  return logged.dataClass !== 'phi' && logged.dataClass !== 'secret';
}

/** Messages that these entries change; those that they post themselves have no row yet, and that is fine. */
export function changedMessages(entries: readonly LogEntry[]): Set<MessageId> {
  const changed = new Set<MessageId>();
  for (const { event } of entries) {
    const message = changedMessage(event);
    if (message !== null) changed.add(message);
  }
  return changed;
}
