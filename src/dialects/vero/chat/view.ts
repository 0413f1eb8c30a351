/**
 * What one caller sees of a conversation (ADR 0018): no control events, nothing that it has cleared, nothing
 * of senders that it blocks, and of what agents say among themselves nothing when it is a person. What is left
 * out leaves a gap in `seq_num`.
 */
import type { ConversationRef, EventOf, MessageOrigin } from '../../../domain/event.ts';
import type { PrincipalId } from '../../../domain/ids.ts';
import type { Principal } from '../../../domain/principal.ts';
import { Problem } from '../../../domain/problem.ts';
import { isMessageAmong, type SeenMessages, type TimelineEntry } from '../../../domain/timeline.ts';
import type { Personal } from '../../../ports/conversations/personal.ts';

export interface View extends SeenMessages {
  /** Entries up to here are gone for the caller; 0: none. */
  readonly clearedSeq: number;
}

/** A timeline entry that is a message. */
export type MessageEntry = TimelineEntry & { readonly event: EventOf<'message.posted'> };

/** The caller's view: at once when this node knows its marks. Whether it may see the conversation is not asked. */
export function viewOf(
  personal: Pick<Personal, 'blockedBy' | 'clearedSeq'>,
  ref: ConversationRef,
  principal: Principal,
): View | Problem | Promise<View | Problem> {
  const blocked = personal.blockedBy(ref.tenant, principal.id);
  const clearedSeq = personal.clearedSeq(ref, principal.id);
  if (!(blocked instanceof Promise) && !(clearedSeq instanceof Promise)) {
    return toView(principal, blocked, clearedSeq);
  }
  return Promise.all([blocked, clearedSeq]).then(([who, seq]) => toView(principal, who, seq));
}

function toView(
  { kind }: Principal,
  blocked: ReadonlySet<PrincipalId> | Problem,
  clearedSeq: number | Problem,
): View | Problem {
  if (blocked instanceof Problem) return blocked;
  if (clearedSeq instanceof Problem) return clearedSeq;
  return { clearedSeq, blocked, seesInternal: kind !== 'user' };
}

/** True for what the caller sees: a message, or the tombstone of one. */
export function isSeen(entry: TimelineEntry, view: View): entry is MessageEntry {
  const { event } = entry;
  return event.type === 'message.posted' && isEventSeen(event, view);
}

/** The same for the event that posted a message. */
export function isEventSeen(event: EventOf<'message.posted'>, view: View): boolean {
  return (event.seq ?? 0) > view.clearedSeq && isMessageAmong(event, view);
}

/** The same for a change of a message, of which only this is known. */
export function isOriginSeen({ sender, seq, is_internal: isInternal }: MessageOrigin, view: View): boolean {
  if (seq <= view.clearedSeq || view.blocked.has(sender.id)) return false;
  return view.seesInternal || isInternal !== true;
}
