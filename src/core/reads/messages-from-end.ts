/** Messages alone, as APIs without control events show them: pages of a timeline, from its end, until a bound is met. */
import type { EventOf } from '../../domain/event.ts';
import { limits } from '../../domain/limits.ts';
import { Problem } from '../../domain/problem.ts';
import type { TimelineEntry } from '../../domain/timeline.ts';
import type { MessageBounds, MessagesFromEnd } from '../bus.ts';
import type { LoadedConversation } from '../conversations/loaded-conversation.ts';
import type { History } from './history.ts';

/** The message of an entry: no control event, not deleted, for people nothing that agents say among themselves. */
export function shownMessage(
  { event, deletedAt }: TimelineEntry,
  isForPerson: boolean,
): EventOf<'message.posted'> | null {
  if (event.type !== 'message.posted' || deletedAt !== null) return null;
  return isForPerson && event.data.metadata['is_internal'] === true ? null : event;
}

export async function messagesFromEnd(
  history: History,
  conversation: LoadedConversation,
  bounds: MessageBounds,
  isForPerson: boolean,
): Promise<MessagesFromEnd | Problem> {
  const newestFirst: EventOf<'message.posted'>[] = [];
  let chars = 0;
  let range = bounds.beforeSeq === undefined ? {} : { beforeSeq: bounds.beforeSeq };
  for (let round = 1; round <= limits.historyRoundsMax; round += 1) {
    const limit = Math.min(bounds.messages, limits.messagesReadAtOnce);
    const page = await history.page(conversation, { ...range, limit, keep: 'newest' });
    if (page instanceof Problem) return page;
    for (const entry of page.entries.toReversed()) {
      const message = shownMessage(entry, isForPerson);
      if (message === null) continue;
      chars += message.data.content.length;
      const isFull = newestFirst.length === bounds.messages || chars > bounds.charsMax;
      if (isFull) return { messages: newestFirst.toReversed(), isTruncated: true };
      newestFirst.push(message);
    }
    const first = page.entries[0]?.event.seq ?? null;
    if (!page.hasMore || first === null) return { messages: newestFirst.toReversed(), isTruncated: false };
    range = { beforeSeq: first };
  }
  return { messages: newestFirst.toReversed(), isTruncated: true };
}
