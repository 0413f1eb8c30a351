/**
 * Which conversation is a message of, for clients that name the message alone: what the session follows is
 * known in memory, anything else to the projection, which is some milliseconds behind. So a message that was
 * acknowledged just now, perhaps by another node, is waited for.
 */
import type { ConversationId, MessageId } from '../../domain/ids.ts';
import { limits } from '../../domain/limits.ts';
import { standingOf } from '../../domain/permissions.ts';
import type { Problem } from '../../domain/problem.ts';
import type { Clock } from '../../ports/clock.ts';
import type { ProjectionReader } from '../../ports/projection/projection-reader.ts';
import type { Session } from './session.ts';

export interface MessageFinder {
  /**
   * Of the conversations that the session's principal takes part in; null: none of them has the message. Its own
   * message counts before that of others, should an id be there twice.
   */
  conversationOf(session: Session, message: MessageId): Promise<ConversationId | null | Problem>;
}

export function openMessageFinder(
  reader: Pick<ProjectionReader, 'conversationOf'>,
  clock: Clock,
): MessageFinder {
  /**
   * The look-ups of each principal, one after another, over all its sockets: one may last 40 ms, and unknown ids
   * are asked for seven times, so who sends 30 of them a second would have most of the connections for itself.
   * Bounded by the events in flight.
   */
  const turns = new Map<string, Promise<unknown>>();

  async function inTurn<T>(key: string, work: () => Promise<T>): Promise<T> {
    const mine = (turns.get(key) ?? Promise.resolve()).then(work, work);
    turns.set(key, mine);
    try {
      return await mine;
    } finally {
      if (turns.get(key) === mine) turns.delete(key);
    }
  }

  return {
    async conversationOf(session, message) {
      const { tenant, id } = session.principal;
      const deadline = clock.monotonicMs() + limits.messageSoughtMs;
      let found: ConversationId | null | Problem = null;
      for (let pauseMs = 10; ; pauseMs *= 2) {
        const opened = amongOpened(session, message);
        if (opened?.isOwn === true) return opened.conversation;
        const isAgain = pauseMs > 10;
        found = await inTurn(`${tenant}/${id}`, async () => {
          const isLate = isAgain && clock.monotonicMs() > deadline;
          return isLate || session.isClosed ? found : await reader.conversationOf(tenant, id, message);
        });
        // It may know an own message of that id, in what is not open or older than the windows.
        if (typeof found === 'string') return found;
        if (opened !== null) return opened.conversation;
        if (found !== null || session.isClosed || clock.monotonicMs() + pauseMs > deadline) return found;
        await new Promise<void>((resolve) => void clock.after(pauseMs, resolve));
      }
    },
  };
}

interface Found {
  readonly conversation: ConversationId;
  /** The principal's own: somebody else may have given the same id in another conversation. */
  readonly isOwn: boolean;
}

/** By the windows of what the session has open: one look-up each, whatever the conversations hold. */
function amongOpened({ opened, principal, env }: Session, message: MessageId): Found | null {
  let other: Found | null = null;
  for (const { ref, state } of opened) {
    const posted = state.window.byMessageId(message, state.position);
    if (posted === null || standingOf(state, principal, env) !== 'participant') continue;
    const isOwn = posted.sender === principal.id;
    if (isOwn) return { conversation: ref.conversation, isOwn };
    other ??= { conversation: ref.conversation, isOwn };
  }
  return other;
}
