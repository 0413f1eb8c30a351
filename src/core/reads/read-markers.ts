/** Read cursors: how far a participant has read, and how much it has not. */
import type { PrincipalId } from '../../domain/ids.ts';
import { limits } from '../../domain/limits.ts';
import type { Principal } from '../../domain/principal.ts';
import { Problem } from '../../domain/problem.ts';
import type { Participant } from '../../domain/state.ts';
import type { Micros } from '../../domain/time.ts';
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
  /** When each reader last moved its cursor. A conversation can be read while Postgres is away: then nobody's. */
  times(conversation: LoadedConversation): Promise<ReadonlyMap<PrincipalId, Micros>>;
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
    const unread = countRecent(conversation, participant.id, after);
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

    async times(conversation) {
      const times = await cursors.readTimes(conversation.ref);
      return times instanceof Problem ? new Map() : times;
    },
  };
}

/** Messages of others with a seq after `afterSeq` that are not deleted, as far as memory holds them. */
export function countRecent(
  conversation: LoadedConversation,
  principal: PrincipalId,
  afterSeq: number,
): number {
  let count = 0;
  for (const { event, deletedAt } of conversation.recent) {
    if ((event.seq ?? 0) <= afterSeq || event.type !== 'message.posted') continue;
    if (event.actor.id !== principal && deletedAt === null) count += 1;
  }
  return count;
}
