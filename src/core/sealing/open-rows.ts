/** Rows of the projection and events that were read from it, with their texts. */
import type { ConversationRef, Event } from '../../domain/event.ts';
import { Problem } from '../../domain/problem.ts';
import type { TimelineEntry } from '../../domain/timeline.ts';
import { sealedTextOf } from './event-texts.ts';
import type { Opener, Sealer } from './sealer.ts';

/** Rows as readers see them; a Problem when this node cannot open one of them now. */
export async function openEntries(
  sealer: Sealer,
  ref: ConversationRef,
  entries: readonly TimelineEntry[],
): Promise<readonly TimelineEntry[] | Problem> {
  const sealed = entries.map(({ event }) => sealedTextOf(event)).filter((one) => one !== null);
  if (sealed.length === 0) return entries;
  const opener = await sealer.opener(ref, sealed);
  return opener instanceof Problem ? opener : entries.map((entry) => openEntry(entry, opener));
}

/** A row holds the texts of its newest version: they are bound to that event. */
function openEntry(entry: TimelineEntry, opener: Opener): TimelineEntry {
  const { id, position } = entry.versions.at(-1) ?? entry.event;
  return { ...entry, event: opener.event(entry.event, [id, position]) };
}

/** Events with their own texts. */
export async function openEvents(
  sealer: Sealer,
  ref: ConversationRef,
  events: readonly Event[],
): Promise<readonly Event[] | Problem> {
  const sealed = events.map(sealedTextOf).filter((one) => one !== null);
  if (sealed.length === 0) return events;
  const opener = await sealer.opener(ref, sealed);
  return opener instanceof Problem ? opener : events.map((event) => opener.event(event));
}
