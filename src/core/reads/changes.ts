/** What was changed since a reader last asked: memory when it holds all of it, else projected rows with the tail on top. */
import type { LogEntry } from '../../domain/event.ts';
import type { MessageId } from '../../domain/ids.ts';
import { Problem } from '../../domain/problem.ts';
import { changedMessage, entryId, type TimelineEntry } from '../../domain/timeline.ts';
import type { ChangeRange, ProjectionReader } from '../../ports/projection/projection-reader.ts';
import type { FactsReader } from '../conversations/facts-reader.ts';
import type { LoadedConversation, Page } from '../conversations/loaded-conversation.ts';

interface Deps {
  readonly reader: Pick<ProjectionReader, 'changes'>;
  readonly facts: FactsReader;
}

/** Entries in the order of their last change. */
export async function changesOf(
  deps: Deps,
  conversation: LoadedConversation,
  range: ChangeRange,
): Promise<Page | Problem> {
  if (range.afterPosition >= conversation.state.position) return { entries: [], hasMore: false };
  return fromMemory(conversation, range) ?? (await fromProjection(deps, conversation, range));
}

/** Null: something was changed that lies before what memory holds. */
function fromMemory(conversation: LoadedConversation, range: ChangeRange): Page | null {
  if (!conversation.tailCovers(range.afterPosition)) return null;
  const changed = changedAfter(conversation.tail, range.afterPosition);
  if (changed.size === 0) return { entries: [], hasMore: false };
  const found = conversation.recent.filter((entry) => changed.has(entryId(entry)));
  return found.length < changed.size ? null : pageOf(found, range);
}

async function fromProjection(
  { reader, facts }: Deps,
  conversation: LoadedConversation,
  range: ChangeRange,
): Promise<Page | Problem> {
  const found = await reader.changes(conversation.ref, range);
  if (found instanceof Problem) return found;
  const newer = await facts.after(conversation, found.at);
  if (newer instanceof Problem) return newer;
  const changed = changedAfter(newer, range.afterPosition);
  const rows = found.entries.filter((entry) => !changed.has(entryId(entry)));
  // Changes that are not projected yet come after all that are: a page that is cut before them has none of them.
  if (found.hasMore) return { entries: rows, hasMore: true };
  for (const message of changed) {
    const entry = await facts.entry(conversation, message);
    if (entry instanceof Problem) return entry;
    if (entry !== null) rows.push(entry);
  }
  return pageOf(rows, range);
}

function changedAfter(entries: readonly LogEntry[], position: number): Set<MessageId> {
  const changed = new Set<MessageId>();
  for (const { event } of entries) {
    const message = event.position > position ? changedMessage(event) : null;
    if (message !== null) changed.add(message);
  }
  return changed;
}

function pageOf(found: readonly TimelineEntry[], { upToSeq, limit }: ChangeRange): Page {
  const entries = found
    .filter(({ event }) => (event.seq ?? 0) <= upToSeq)
    .sort((one, other) => one.changedPosition - other.changedPosition);
  return { entries: entries.slice(0, limit), hasMore: entries.length > limit };
}
