/** Timeline pages: memory when the page lies in it, else projected rows with the tail of the log on top. */
import type { LogEntry } from '../../domain/event.ts';
import { Problem } from '../../domain/problem.ts';
import { parseMicros } from '../../domain/time.ts';
import { applyToTimeline, isAmong, type TimelineEntry } from '../../domain/timeline.ts';
import type { EntryRange, ProjectionReader } from '../../ports/projection/projection-reader.ts';
import type { FactsReader } from '../conversations/facts-reader.ts';
import { insertTombstone } from '../conversations/insert-tombstone.ts';
import type { LoadedConversation, Page } from '../conversations/loaded-conversation.ts';

export interface History {
  page(conversation: LoadedConversation, range: EntryRange): Promise<Page | Problem>;
}

export function openHistory(reader: ProjectionReader, facts: FactsReader): History {
  async function fromProjection(
    conversation: LoadedConversation,
    range: EntryRange,
  ): Promise<Page | Problem> {
    for (let rest = range; ; ) {
      const found = await reader.entries(conversation.ref, rest);
      if (found instanceof Problem) return found;
      const newer = await facts.after(conversation, found.at);
      if (newer instanceof Problem) return newer;
      const rows = [...found.entries];
      const mayGrow = range.keep === 'newest' || !found.hasMore;
      for (const logged of newer) overlay(rows, logged, rest, mayGrow, found.at.position);
      const seen = seenOf(rows, rest);
      const entries = cut(seen, rest);
      // What the tail has hidden meanwhile may be all of a page; each further one lies beyond it.
      if (entries.length > 0 || !found.hasMore)
        return { entries, hasMore: found.hasMore || entries.length < seen.length };
      rest = beyond(rest, found.entries);
    }
  }

  return {
    async page(conversation, range) {
      const near = fromMemory(conversation, range);
      if (near !== null) return near;
      // Pages of a view that few share would push out those that many read.
      if (range.seen !== undefined && range.seen.blocked.size > 0)
        return await fromProjection(conversation, range);
      const key = keyOf(range);
      const kept = conversation.pages.get(key);
      if (kept !== undefined) return kept;
      const changes = conversation.changes;
      const page = await fromProjection(conversation, range);
      // A page that can only change by an edit, a deletion or a reaction is kept until one comes.
      if (
        page instanceof Problem ||
        changes !== conversation.changes ||
        !isSettled(page, range, conversation)
      ) {
        return page;
      }
      conversation.keepPage(key, page);
      return page;
    },
  };
}

function keyOf(range: EntryRange): string {
  const { keep, limit, afterSeq, beforeSeq, afterAt, beforeAt, seen } = range;
  const who = seen === undefined ? 'all' : `messages${seen.seesInternal ? '' : ' for people'}`;
  return [who, keep, limit, afterSeq ?? '', beforeSeq ?? '', afterAt ?? '', beforeAt ?? ''].join('/');
}

/** True when no later post can belong to this page. */
function isSettled(page: Page, range: EntryRange, conversation: LoadedConversation): boolean {
  if (range.keep === 'oldest') return page.hasMore;
  const { at, seq } = conversation.state;
  return (range.beforeSeq !== undefined && range.beforeSeq <= seq + 1) || (range.beforeAt ?? at + 1) <= at;
}

function overlay(
  rows: TimelineEntry[],
  logged: LogEntry,
  range: EntryRange,
  mayGrow: boolean,
  projected: number,
): void {
  const { event } = logged;
  const isInside = (entry: Pick<TimelineEntry['event'], 'seq' | 'at'>): boolean =>
    mayGrow && isWithin(entry.seq ?? 0, parseMicros(entry.at) ?? 0, range);
  if ((event.type === 'message.posted' || event.type === 'control') && !isInside(event)) return;
  applyToTimeline(rows, logged);
  // Posted and erased since the projection: the log has only the deletion.
  insertTombstone(
    rows,
    logged,
    (tombstone) => tombstone.event.position > projected && isInside(tombstone.event),
  );
}

function isWithin(seq: number, at: number, range: EntryRange): boolean {
  if (range.afterSeq !== undefined && seq <= range.afterSeq) return false;
  if (range.beforeSeq !== undefined && seq >= range.beforeSeq) return false;
  if (range.afterAt !== undefined && at <= range.afterAt) return false;
  return range.beforeAt === undefined || at < range.beforeAt;
}

function seenOf(rows: readonly TimelineEntry[], { seen }: EntryRange): readonly TimelineEntry[] {
  return seen === undefined ? rows : rows.filter((entry) => isAmong(entry, seen));
}

/** The part of a range that lies beyond what was found of it. */
function beyond(range: EntryRange, found: readonly TimelineEntry[]): EntryRange {
  const end = range.keep === 'newest' ? found[0] : found.at(-1);
  const seq = end?.event.seq ?? 0;
  return range.keep === 'newest' ? { ...range, beforeSeq: seq } : { ...range, afterSeq: seq };
}

function cut(rows: readonly TimelineEntry[], range: EntryRange): readonly TimelineEntry[] {
  return range.keep === 'newest' ? rows.slice(-range.limit) : rows.slice(0, range.limit);
}

/** The page if `recent` surely holds all of it; null otherwise. No copy of what lies outside the page is made. */
function fromMemory(conversation: LoadedConversation, range: EntryRange): Page | null {
  const { recent, state } = conversation;
  const holdsAll = recent.length === state.seq;
  const first = recent[0];
  if (first === undefined) return holdsAll ? { entries: [], hasMore: false } : null;
  const isPlain =
    range.seen === undefined &&
    range.beforeSeq === undefined &&
    range.beforeAt === undefined &&
    range.afterAt === undefined;
  if (isPlain && range.afterSeq === undefined && range.keep === 'newest' && recent.length >= range.limit) {
    // The hottest page: the newest ones. They are contiguous, so the first seq tells whether there are more.
    const entries = recent.slice(-range.limit);
    return { entries, hasMore: (entries[0]?.event.seq ?? 1) > 1 };
  }
  const rows = seenOf(
    recent.filter((entry) => isWithin(entry.event.seq ?? 0, timeOf(entry, range), range)),
    range,
  );
  const startsInside =
    holdsAll ||
    (range.afterSeq !== undefined && range.afterSeq >= (first.event.seq ?? 0) - 1) ||
    (range.afterAt !== undefined && range.afterAt >= (parseMicros(first.event.at) ?? 0));
  const isFull = range.keep === 'newest' && rows.length > range.limit;
  if (!startsInside && !isFull) return null;
  return { entries: cut(rows, range), hasMore: rows.length > range.limit };
}

/** Parsing a time is only worth it when the range is one of time. */
function timeOf(entry: TimelineEntry, range: EntryRange): number {
  if (range.afterAt === undefined && range.beforeAt === undefined) return 0;
  return parseMicros(entry.event.at) ?? 0;
}
