/**
 * The seam between history and live. A reader that opens with a cursor gets the backlog in pages;
 * when the rest of it is in memory, the remaining events are sent and the socket joins the topic in
 * ONE synchronous turn: nothing can come between, so there is no gap, no duplicate and no lock.
 */
import type { LogEntry } from '../../../domain/event.ts';
import type { MessageId } from '../../../domain/ids.ts';
import { limits } from '../../../domain/limits.ts';
import { mayRead } from '../../../domain/permissions.ts';
import { Problem } from '../../../domain/problem.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { LoadedConversation } from '../../conversations/loaded-conversation.ts';
import type { Replay } from '../../conversations/replay.ts';
import { audienceOf } from '../audience.ts';
import type { Delivery } from '../delivery.ts';
import type { ConversationView } from '../live-bus.ts';
import type { Session } from '../session.ts';

/** How much of each draft a reader was told of in the reply: its last delta and the length of its text. */
export type ToldDrafts = ReadonlyMap<MessageId, { readonly index: number; readonly chars: number }>;

export interface Backlog {
  /**
   * Sends what follows the position and joins, as long as the reader is wanted; the conversation is
   * pinned meanwhile. A reader that was removed gets everything up to the event that says so.
   */
  catchUpAndJoin(
    session: Session,
    conversation: LoadedConversation,
    after: number,
    told: ToldDrafts,
    isWanted: () => boolean,
  ): Promise<void>;
  /** Makes the session live in this turn. */
  join(session: Session, conversation: LoadedConversation): void;
}

interface Deps {
  readonly replay: Replay;
  readonly delivery: Delivery;
  readonly clock: Clock;
}

export function openBacklog({ replay, delivery, clock }: Deps): Backlog {
  function join(session: Session, conversation: LoadedConversation): void {
    const audience = audienceOf(conversation);
    if (session.isClosed) return;
    // Its log was made anew meanwhile: nothing would ever arrive.
    if (audience === null || conversation.trust === 'gone') return session.outbox.close('restarting', 1000);
    audience.add(session);
    session.opened.add(conversation);
  }

  async function drained(session: Session): Promise<boolean> {
    const deadline = clock.monotonicMs() + limits.backlogStallMs;
    while (session.outbox.isOpen && session.outbox.bufferedBytes > limits.backlogPageBytesMax) {
      if (clock.monotonicMs() > deadline) return false;
      await new Promise<void>((resolve) => void clock.after(10, resolve));
    }
    return session.outbox.isOpen;
  }

  async function catchUpAndJoin(
    session: Session,
    conversation: LoadedConversation,
    after: number,
    told: ToldDrafts,
    isWanted: () => boolean,
  ): Promise<void> {
    for (let position = after; isWanted(); ) {
      const isLevel = delivery.deliverAll(conversation);
      const rest = conversation.tail.filter((entry) => entry.event.position > position);
      const isLast = conversation.state.position === position || isSeamless(conversation, position, rest);
      if (isLast && !isLevel) {
        // Nobody repairs what was dropped: there is nothing to wait for.
        if (conversation.trust === 'gone') return session.outbox.close('restarting', 1000);
        // The audience is being given older events: who joined now would get them again.
        await delivery.repaired(conversation);
        continue;
      }
      const page = isLast ? rest : await replay.after(conversation, position);
      if (page instanceof Problem) return session.outbox.close('restarting', 1000);
      if (!isWanted()) return;
      const end = removalIn(page, conversation, session);
      if (!sendAll(session, conversation, end === null ? page : page.slice(0, end + 1)))
        return session.outbox.close('slow_consumer');
      if (end !== null || (isLast && !mayRead(conversation.state, session.principal, null))) return;
      if (isLast) {
        sendDrafts(session, conversation, told);
        return join(session, conversation);
      }
      if (page.length === 0) return session.outbox.close('restarting', 1000);
      position = page.at(-1)?.event.position ?? position;
      if (!(await drained(session))) return session.outbox.close('slow_consumer');
    }
  }

  return { catchUpAndJoin, join };
}

/** Sends entries to one socket; false when it does not keep up. */
function sendAll(session: Session, view: ConversationView, entries: readonly LogEntry[]): boolean {
  const wording = session.wordingIn(view.ref.conversation);
  for (const entry of entries) {
    const worded = wording.event(entry, null, view);
    if (worded === null) continue;
    const frames = typeof worded === 'string' || worded instanceof Uint8Array ? [worded] : worded;
    for (const frame of frames) if (!session.outbox.send(frame)) return false;
  }
  return true;
}

/** What was streamed between the reply and the turn in which the reader joins. */
function sendDrafts(session: Session, conversation: LoadedConversation, told: ToldDrafts): void {
  for (const draft of audienceOf(conversation)?.drafts.values() ?? []) {
    const { index, chars } = told.get(draft.messageId) ?? { index: -1, chars: 0 };
    if (draft.index <= index) continue;
    const delta = {
      conversation: conversation.ref.conversation,
      message_id: draft.messageId,
      run: draft.run,
      from: index + 1,
      index: draft.index,
      text: draft.text.slice(chars),
    };
    const frame = session.wording.delta(delta, draft.author, conversation);
    if (frame !== null) session.outbox.send(frame);
  }
}

/** Index of the event that removed a reader who may not read any more; null: it is not among these. */
function removalIn(
  entries: readonly LogEntry[],
  { state }: LoadedConversation,
  { principal }: Session,
): number | null {
  if (mayRead(state, principal, null)) return null;
  const last = entries.findLastIndex(
    ({ event }) =>
      event.type === 'conversation.deleted' ||
      (event.type === 'participant.removed' && event.data.participant === principal.id),
  );
  return last === -1 ? null : last;
}

/** True when the tail holds every event after `position`: no erased one is missing from it. */
function isSeamless(conversation: LoadedConversation, position: number, rest: readonly LogEntry[]): boolean {
  if (!conversation.tailCovers(position)) return false;
  return rest.length === conversation.state.position - position;
}
