/** Read cursors: how far a participant has read, and how much it has not. */
import { limits } from '../../domain/limits.ts';
import type { Principal } from '../../domain/principal.ts';
import { Problem } from '../../domain/problem.ts';
import type { Participant } from '../../domain/state.ts';
import type { LiveFeed } from '../../ports/live-feed.ts';
import type { ReadCursors } from '../../ports/projection.ts';
import type { LoadedConversation } from '../conversations/loaded-conversation.ts';

export interface ReadMarkers {
  /** Moves the cursor forward, never back and never beyond the newest seq; tells the other readers. */
  advance(
    conversation: LoadedConversation,
    principal: Principal,
    participant: Participant,
    upToSeq: number,
  ): Promise<{ readonly lastReadSeq: number; readonly unread: number } | Problem>;
}

export function openReadMarkers(cursors: ReadCursors, live: LiveFeed): ReadMarkers {
  async function unreadAfter(
    conversation: LoadedConversation,
    participant: Participant,
    lastReadSeq: number,
  ): Promise<number | Problem> {
    const after = Math.max(lastReadSeq, participant.joinedSeq);
    const { recent, state } = conversation;
    const firstSeq = recent[0]?.event.seq ?? state.seq + 1;
    let unread = 0;
    for (const entry of recent) {
      const { event } = entry;
      if ((event.seq ?? 0) <= after || event.type !== 'message.posted') continue;
      if (event.actor.id !== participant.id && entry.deletedAt === null) unread += 1;
    }
    if (after >= firstSeq - 1) return unread;
    // Memory knows the newest ones, which the projection may not have yet; it knows all older ones.
    const older = await cursors.countUnread(conversation.ref, participant.id, after, firstSeq - 1);
    return older instanceof Problem ? older : Math.min(unread + older, limits.unreadMax);
  }

  return {
    async advance(conversation, principal, participant, upToSeq) {
      const bounded = Math.min(upToSeq, conversation.state.seq);
      const moved = await cursors.advance(conversation.ref, principal.id, bounded);
      if (moved instanceof Problem) return moved;
      const unread = await unreadAfter(conversation, participant, moved.lastReadSeq);
      if (unread instanceof Problem) return unread;
      if (moved.advanced) {
        const body = {
          kind: 'read',
          conversation: conversation.ref.conversation,
          from: principal.id,
          up_to: moved.lastReadSeq,
        };
        live.publishPulse(conversation.ref, 'read', body);
      }
      return { lastReadSeq: moved.lastReadSeq, unread };
    },
  };
}
