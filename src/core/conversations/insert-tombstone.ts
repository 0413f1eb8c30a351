/**
 * A log that is read after a deletion holds the deletion, but not the message: its tombstone is put
 * where the message would stand, so that whoever reads late sees what everybody else sees.
 */
import type { LogEntry } from '../../domain/event.ts';
import { entryId, type TimelineEntry, tombstoneOf } from '../../domain/timeline.ts';

/** Into entries in seq order, unless they hold the message; `isWanted` says whether its place is in the list. */
export function insertTombstone(
  entries: TimelineEntry[],
  deletion: LogEntry,
  isWanted: (tombstone: TimelineEntry) => boolean,
): void {
  const tombstone = tombstoneOf(deletion);
  if (tombstone === null || !isWanted(tombstone)) return;
  const id = entryId(tombstone);
  if (entries.some((entry) => entryId(entry) === id)) return;
  const seq = tombstone.event.seq ?? 0;
  const before = entries.findLastIndex((entry) => (entry.event.seq ?? 0) < seq);
  entries.splice(before + 1, 0, tombstone);
}
