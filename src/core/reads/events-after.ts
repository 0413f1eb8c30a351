import type { Event } from '../../domain/event.ts';
import { limits } from '../../domain/limits.ts';
import { Problem } from '../../domain/problem.ts';
import type { ConversationState } from '../../domain/state.ts';
import type { LoadedConversation } from '../conversations/loaded-conversation.ts';
import type { Replay } from '../conversations/replay.ts';

interface EventsAfter {
  readonly events: readonly Event[];
  readonly hasMore: boolean;
  readonly state: ConversationState;
}

/** Raw events after a position, in position order, at most limits.logReadPageMax; `hasMore` beyond `limit`. */
export async function eventsAfter(
  replay: Replay,
  conversation: LoadedConversation,
  position: number,
  limit: number,
): Promise<EventsAfter | Problem> {
  const events: Event[] = [];
  const wanted = Math.min(limit, limits.logReadPageMax);
  for (let from = position; events.length <= wanted; ) {
    const page = await replay.after(conversation, from);
    if (page instanceof Problem) return page;
    if (page.length === 0) {
      // The replica that answered lags behind: this is not the end.
      if (from < conversation.state.position) return new Problem('unavailable');
      break;
    }
    for (const entry of page) events.push(entry.event);
    from = page.at(-1)?.event.position ?? from;
  }
  return { events: events.slice(0, wanted), hasMore: events.length > wanted, state: conversation.state };
}
