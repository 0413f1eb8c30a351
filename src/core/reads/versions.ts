import type { Event, LogEntry } from '../../domain/event.ts';
import type { MessageId } from '../../domain/ids.ts';
import { Problem } from '../../domain/problem.ts';
import { changedMessage } from '../../domain/timeline.ts';
import type { ProjectionReader } from '../../ports/projection/projection-reader.ts';
import type { FactsReader } from '../conversations/facts-reader.ts';
import type { LoadedConversation } from '../conversations/loaded-conversation.ts';

interface Deps {
  readonly facts: Pick<FactsReader, 'after'>;
  readonly reader: Pick<ProjectionReader, 'versions'>;
}

/** Every version of these messages as events, oldest first. */
export async function versionsOf(
  { reader, facts }: Deps,
  conversation: LoadedConversation,
  messages: readonly MessageId[],
): Promise<readonly Event[] | Problem> {
  const found = await reader.versions(conversation.ref, messages);
  if (found instanceof Problem) return found;
  const newer = await facts.after(conversation, found.at);
  return newer instanceof Problem ? newer : withNewer(found.events, newer, new Set(messages));
}

/** Stored versions and those that are not projected yet; a deletion takes all of a message's away. */
function withNewer(
  stored: readonly Event[],
  newer: readonly LogEntry[],
  wanted: ReadonlySet<string>,
): Event[] {
  let events = [...stored];
  for (const { event } of newer) {
    const message = event.type === 'message.posted' ? event.data.message_id : changedMessage(event);
    if (message === null || !wanted.has(message)) continue;
    if (event.type === 'message.posted' || event.type === 'message.edited') events.push(event);
    if (event.type !== 'message.deleted') continue;
    events = events.filter((one) => !('message_id' in one.data) || one.data.message_id !== message);
  }
  return events.sort((one, other) => one.position - other.position);
}
