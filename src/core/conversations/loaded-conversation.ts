/**
 * A conversation in memory: its state, its newest timeline entries, and the tail of its log.
 *
 * `recent` always holds the newest entries as readers see them now; `tail` holds the raw events that
 * a resuming reader or the projection may still lack. Both follow `state.position`, which moves only
 * in apply(): there is no other way to change a conversation in memory.
 */
import type { ConversationRef, Event, LogEntry } from '../../domain/event.ts';
import { erasedStub } from '../../domain/events/erased-stub.ts';
import { evolve } from '../../domain/evolve/evolve.ts';
import type { EventId, PrincipalId } from '../../domain/ids.ts';
import { limits } from '../../domain/limits.ts';
import { type ConversationState, emptyState } from '../../domain/state.ts';
import { applyToTimeline, changedMessage, type TimelineEntry } from '../../domain/timeline.ts';
import type { LiveEntry } from '../../ports/live-feed.ts';
import { insertTombstone } from './insert-tombstone.ts';
import { Sought } from './writing/sought.ts';
import type { Waiting } from './writing/waiting.ts';

/** `suspect`: the connection was lost since it was last proven; verify before use. `gone`: evicted. */
export type Trust = 'fresh' | 'suspect' | 'gone';

/** A part of the timeline, ascending by seq. */
export interface Page {
  readonly entries: readonly TimelineEntry[];
  /** There is more beyond the end that the reader's range does not keep. */
  readonly hasMore: boolean;
}

/** Who follows a conversation on this node; core/live knows more of them than that they are there. */
export interface Followers {
  readonly isEmpty: boolean;
}

/** Rough cost of the object itself, its maps and its subscription (measured: 1.3 KB of it). */
const baseBytes = 3_000;

export class LoadedConversation {
  readonly ref: ConversationRef;
  state: ConversationState;
  trust: Trust = 'fresh';
  /** The log turned out to be another one than the one that was folded here (its stream was made anew). */
  isOutlived = false;
  /** Newest entries, ascending and contiguous by seq up to state.seq. */
  recent: TimelineEntry[];
  /** Newest log entries, ascending by position up to state.position. */
  tail: LogEntry[] = [];
  #tailBytes = 0;
  #recentBytes = 0;

  /** Older pages that were read lately, by range: the first page of a busy conversation is asked for often. */
  readonly pages = new Map<string, Page>();
  #pagesBytes = 0;
  /** Ranges that were read lately, the oldest first: a page is kept once its range is read again. */
  readonly #rangesRead: string[] = [];
  /** How many edits, deletions and reactions were folded here. */
  changes = 0;

  /** What an append is under way with, and live entries of it that came before its acknowledgement. */
  appending: readonly LogEntry[] = [];
  held: LiveEntry[] = [];

  /** Commands that wait for their turn, and whether somebody is working on them. */
  readonly queue: Waiting[] = [];
  readonly sought = new Sought();
  isBusy = false;
  /** Conflicts lost in a row to another node; reset by an own append. */
  losses = 0;
  /** Until when (monotonic ms) commands are forwarded to the node that wrote last. */
  forwardUntilMs = 0;
  /** Called when a command was put into the queue of a busy conversation, or came back from another node. */
  wake: () => void = () => undefined;

  /** Position up to which events were handed to the audience. */
  delivered: number;
  /** The highest position that the live feed has brought: what a repair must reach. */
  seen = 0;
  /** Sessions that follow it; null when nobody does. */
  followers: Followers | null = null;
  /** True while a gap is being repaired: live entries wait for it. */
  isRepairing = false;
  /** Those of this node who want to know of each event once it is folded; null: nobody. */
  #watchers: Set<(event: Event) => void> | null = null;
  stopFollowing: () => void = () => undefined;
  /** Who took part when it was deleted: its state has forgotten them. */
  lastParticipants: readonly PrincipalId[] = [];
  /** Readers that are being brought up to date: they keep it in memory though they do not follow yet. */
  pins = 0;

  constructor(
    ref: ConversationRef,
    state: ConversationState = emptyState(),
    recent: readonly TimelineEntry[] = [],
  ) {
    this.ref = ref;
    this.state = state;
    this.recent = [...recent];
    this.#measureRecent();
    this.delivered = state.position;
  }

  /** Approximate memory, for the cache's bound. */
  get bytes(): number {
    const { window, participants, openRuns, stoppedRuns } = this.state;
    const members = participants.size + openRuns.size + stoppedRuns.size;
    const texts = this.#tailBytes + this.#recentBytes + this.#pagesBytes;
    return baseBytes + texts + (window.size + members + this.#rangesRead.length) * 200;
  }

  /** False while somebody works on it, waits for it or follows it. */
  get isIdle(): boolean {
    return (
      !this.isBusy &&
      this.queue.length === 0 &&
      this.followers === null &&
      this.#watchers === null &&
      this.pins === 0 &&
      !this.isRepairing
    );
  }

  /**
   * Folds one committed entry. Entries at or before the present position change nothing, so the ack
   * of an append, the live feed and a read of the log may all bring the same entry.
   */
  apply(entry: LogEntry): void {
    if (entry.event.position <= this.state.position) return;
    if (entry.event.type === 'conversation.deleted')
      this.lastParticipants = [...this.state.participants.keys()];
    this.state = evolve(this.state, entry);
    this.sought.take(entry);
    if (entry.event.type === 'conversation.deleted') this.#forgetContent();
    applyToTimeline(this.recent, entry);
    if (changedMessage(entry.event) !== null) {
      this.#forgetPages();
      this.#measureRecent();
    } else if (entry.event.seq !== null) {
      this.#recentBytes += contentBytes(entry);
    }
    this.#trimRecent();
    this.tail.push(entry);
    this.#tailBytes += contentBytes(entry);
    if (entry.erased.length > 0) this.#erase(entry);
    this.#trimTail();
    if (this.#watchers !== null) for (const watch of [...this.#watchers]) watch(entry.event);
  }

  get isWatched(): boolean {
    return this.#watchers !== null;
  }

  /** Calls `watch` with each event from now on; it stays in memory meanwhile. The returned function ends this. */
  watch(watch: (event: Event) => void): () => void {
    this.#watchers = (this.#watchers ?? new Set()).add(watch);
    return () => {
      this.#watchers?.delete(watch);
      if (this.#watchers?.size === 0) this.#watchers = null;
    };
  }

  /**
   * Keeps a page that is read a second time until the next change of an old message, with the newest
   * limits.pagesKeptMax others. Who scrolls back reads each page once: kept, those are a megabyte of each conversation
   * that is scrolled through, and push out the page that many read.
   */
  keepPage(key: string, page: Page): void {
    if (!this.#wasRead(key)) return;
    const oldest = this.pages.size >= limits.pagesKeptMax ? this.pages.keys().next().value : undefined;
    if (oldest !== undefined) this.pages.delete(oldest);
    this.pages.set(key, page);
    this.#pagesBytes = 0;
    for (const { entries } of this.pages.values())
      for (const one of entries) this.#pagesBytes += entryBytes(one);
  }

  /** Whether the range was read lately; it was from now on. */
  #wasRead(key: string): boolean {
    const at = this.#rangesRead.indexOf(key);
    if (at >= 0) this.#rangesRead.splice(at, 1);
    else if (this.#rangesRead.length >= limits.rangesReadMax) this.#rangesRead.shift();
    this.#rangesRead.push(key);
    return at >= 0;
  }

  #forgetPages(): void {
    this.changes += 1;
    this.pages.clear();
    this.#pagesBytes = 0;
  }

  /** The entry at this position, if the tail still has it. */
  inTail(position: number): LogEntry | null {
    for (let index = this.tail.length - 1; index >= 0; index -= 1) {
      const entry = this.tail[index];
      if (entry === undefined || entry.event.position < position) return null;
      if (entry.event.position === position) return entry;
    }
    return null;
  }

  /** The entry of this event after `position`, if the tail still has it. */
  inTailAfter(position: number, id: EventId): LogEntry | null {
    for (let index = this.tail.length - 1; index >= 0; index -= 1) {
      const entry = this.tail[index];
      if (entry === undefined || entry.event.position <= position) return null;
      if (entry.event.id === id) return entry;
    }
    return null;
  }

  /** True when the tail holds every event after `position`. */
  tailCovers(position: number): boolean {
    if (position >= this.state.position) return true;
    const first = this.tail[0];
    return first !== undefined && first.event.position <= position + 1;
  }

  /** Of a deleted conversation only its events that the audience still waits for are kept. */
  #forgetContent(): void {
    this.#forgetPages();
    this.recent = [];
    this.#recentBytes = 0;
    this.tail = this.tail.filter((entry) => entry.event.position > this.delivered);
    this.#tailBytes = this.tail.reduce((sum, entry) => sum + contentBytes(entry), 0);
  }

  #measureRecent(): void {
    this.#recentBytes = this.recent.reduce((sum, entry) => sum + entryBytes(entry), 0);
  }

  #trimRecent(): void {
    const isHeavy = this.#recentBytes > limits.recentBytesMax && this.recent.length > 1;
    if (this.recent.length <= limits.recentEntriesMax && !isHeavy) return;
    const keep = isHeavy ? Math.floor(this.recent.length / 2) : limits.recentEntriesMin;
    this.recent = this.recent.slice(-keep);
    this.#measureRecent();
  }

  #trimTail(): void {
    const isLong = this.tail.length > limits.tailEventsMax;
    const isHeavy = this.#tailBytes > limits.tailBytesMax && this.tail.length > 1;
    if (!isLong && !isHeavy) return;
    // An audience that still waits for what is cut off here gets it from the log (delivery.ts).
    const keep = isHeavy ? Math.max(1, Math.floor(this.tail.length / 2)) : limits.tailEventsMin;
    this.tail = this.tail.slice(-keep);
    this.#tailBytes = this.tail.reduce((sum, entry) => sum + contentBytes(entry), 0);
  }

  /**
   * A deletion takes the content out of memory too: what is left in the tail are stubs. What was erased
   * before it could be read gets its stub and its tombstone here, so that neither list has a hole.
   */
  #erase(deletion: LogEntry): void {
    // Newest first: each stub may make room for the one before it at the beginning of the tail.
    for (const erased of deletion.erased.toReversed()) {
      const event = erasedStub(this.ref.conversation, erased);
      const at = this.tail.findIndex((entry) => entry.event.position >= erased.position);
      const entry = this.tail[at];
      if (entry?.event.position === erased.position) this.tail[at] = { ...entry, event };
      else if (erased.position >= (this.tail[0]?.event.position ?? 0) - 1) {
        const stub = {
          event,
          logSeq: erased.logSeq,
          dataClass: 'none' as const,
          policyRef: null,
          erased: [],
        };
        this.tail.splice(at, 0, { ...stub, node: deletion.node });
      }
    }
    const firstSeq = this.recent[0]?.event.seq ?? this.state.seq + 1;
    insertTombstone(this.recent, deletion, ({ event }) => (event.seq ?? 0) >= firstSeq - 1);
  }
}

function contentBytes(entry: LogEntry): number {
  const { event } = entry;
  return (
    600 + (event.type === 'message.posted' || event.type === 'message.edited' ? textBytes(event.data) : 0)
  );
}

function entryBytes(entry: TimelineEntry): number {
  return 600 + (entry.event.type === 'message.posted' ? textBytes(entry.event.data) : 0);
}

/** Most messages have no metadata: only the others pay for looking at theirs. */
function textBytes(data: { readonly content: string; readonly metadata: object }): number {
  let chars = data.content.length;
  for (const _ in data.metadata) {
    chars += JSON.stringify(data.metadata).length;
    break;
  }
  return chars * 2;
}
