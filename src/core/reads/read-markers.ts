/** Read cursors: how far a participant has read, and how much it has not. */
import type { PrincipalId } from '../../domain/ids.ts';
import type { Principal } from '../../domain/principal.ts';
import { Problem } from '../../domain/problem.ts';
import type { Participant } from '../../domain/state.ts';
import type { Micros } from '../../domain/time.ts';
import type { LiveFeed } from '../../ports/live-feed.ts';
import type { ReadCursors, SlowestReaders } from '../../ports/projection/read-cursors.ts';
import type { UnreadCounts } from '../../ports/projection/unread-counts.ts';
import type { LoadedConversation } from '../conversations/loaded-conversation.ts';
import { unreadNow } from './unread-now.ts';

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
  /** Null when it cannot be told now. */
  slowest(conversation: LoadedConversation): Promise<SlowestReaders | null>;
}

export function openReadMarkers(cursors: ReadCursors, counts: UnreadCounts, live: LiveFeed): ReadMarkers {
  async function unreadOf(
    conversation: LoadedConversation,
    participant: Participant,
  ): Promise<number | Problem> {
    const counted = await counts.of(conversation.ref, participant.id);
    if (counted instanceof Problem) return counted;
    // Not projected yet: then memory holds all of it.
    const none = {
      position: 0,
      seq: 0,
      lastReadSeq: 0,
      clearedSeq: 0,
      unread: 0,
      blocked: new Set<string>(),
    };
    return unreadNow({ ...(counted ?? none), participant }, conversation);
  }

  return {
    async advance(conversation, principal, participant, upToSeq) {
      const bounded = Math.min(upToSeq, conversation.state.seq);
      const moved = await cursors.advance(conversation.ref, principal.id, bounded);
      if (moved instanceof Problem) return moved;
      const unread = await unreadOf(conversation, participant);
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

    async slowest({ ref }) {
      const found = await cursors.slowest([ref]);
      return found instanceof Problem ? null : (found.get(ref.conversation) ?? null);
    },
  };
}
