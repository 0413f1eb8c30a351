/** Unread messages as of this moment: what the projection has counted, and what memory knows beyond it. */
import { isInternal } from '../../domain/events/message-head.ts';
import type { PrincipalId } from '../../domain/ids.ts';
import type { Participant } from '../../domain/state.ts';
import type { TimelineEntry } from '../../domain/timeline.ts';
import type { CountedUnread } from '../../ports/projection/unread-counts.ts';
import type { LoadedConversation } from '../conversations/loaded-conversation.ts';

/** What was counted, and for whom. */
export interface Counting extends Omit<CountedUnread, 'ref'> {
  readonly participant: Participant;
}

/** What memory holds from the reader's mark on; else what the projection counted, and what happened since. */
export function unreadNow(counting: Counting, loaded: LoadedConversation): number {
  const { participant, lastReadSeq, clearedSeq, seq, position } = counting;
  const after = Math.max(lastReadSeq, clearedSeq, participant.joinedSeq);
  const firstSeq = loaded.recent[0]?.event.seq ?? loaded.state.seq + 1;
  if (after >= firstSeq - 1) return countRecent(loaded, counting, after);
  if (loaded.state.position <= position) return counting.unread;
  const newer = countRecent(loaded, counting, Math.max(seq, after));
  return Math.max(counting.unread + newer - deletedSince(loaded, counting, after), 0);
}

/** Messages that count, with a seq after `afterSeq`, as far as memory holds them. */
function countRecent(loaded: LoadedConversation, counting: Counting, afterSeq: number): number {
  let count = 0;
  for (const entry of loaded.recent) {
    const { event, deletedAt } = entry;
    if ((event.seq ?? 0) <= afterSeq || deletedAt !== null) continue;
    if (event.actor.id !== counting.participant.id && isShownTo(entry, counting)) count += 1;
  }
  return count;
}

/** Messages that were counted and are deleted by events that the projection did not have. */
function deletedSince({ tail }: LoadedConversation, counting: Counting, afterSeq: number): number {
  const { blocked, participant, position, seq: countedSeq } = counting;
  const counted = (sender: PrincipalId, seq: number): boolean =>
    seq > afterSeq && seq <= countedSeq && sender !== participant.id && !blocked.has(sender);
  let count = 0;
  for (const { event, erased } of tail) {
    if (event.position <= position || event.type !== 'message.deleted') continue;
    // A person never counted it.
    if (participant.kind === 'user' && event.data.message?.is_internal === true) continue;
    for (const one of erased)
      if (one.type === 'message.posted' && counted(one.actor.id, one.seq ?? 0)) count += 1;
  }
  return count;
}

/** A message, of nobody whom the principal blocks; what agents say among themselves is not for people. */
export function isShownTo(
  { event }: TimelineEntry,
  { blocked, participant }: Pick<Counting, 'blocked' | 'participant'>,
): boolean {
  if (event.type !== 'message.posted' || blocked.has(event.actor.id)) return false;
  return participant.kind !== 'user' || !isInternal(event);
}
