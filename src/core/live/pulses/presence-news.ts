/**
 * News of presence on their way to conversations. Each is told in all conversations of its principal, to everybody
 * who follows them: one with 1,000 conversations of 100 readers is 100,000 frames, and after a restart thousands
 * come back at once. So a node tells no more than limits.presenceReadersPerSec. What comes in calm times leaves
 * at once; what does not fit waits, each principal has its turn, and of two news of one the newer counts.
 */
import type { ConversationRef } from '../../../domain/event.ts';
import type { ConversationId, PrincipalId } from '../../../domain/ids.ts';
import { limits } from '../../../domain/limits.ts';
import type { Principal } from '../../../domain/principal.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { LiveFeed } from '../../../ports/live-feed.ts';
import type { ConversationCache } from '../../conversations/conversation-cache.ts';
import { audienceOf } from '../audience.ts';

export interface PresenceNewsFeed {
  /** Tells `body` in these conversations, now or soon; what waits beyond limits.presenceWaitingMax is lost. */
  tell(principal: Principal, refs: readonly ConversationRef[], body: object): void;
}

/** Readers of a conversation on this node; null: it is known that the principal is not in it any more. */
export type ReadersOf = (ref: ConversationRef, principal: PrincipalId) => number | null;

/** What is not in memory has no readers here, and of its participants nothing is known. */
export function readersIn(cache: Pick<ConversationCache, 'fresh'>): ReadersOf {
  return ({ tenant, conversation: id }, principal) => {
    const conversation = cache.fresh(tenant, id);
    if (conversation === null) return 0;
    if (!conversation.state.participants.has(principal)) return null;
    return audienceOf(conversation)?.sessions.size ?? 0;
  };
}

/** What is still to be told of one principal, and where. */
interface Waiting {
  readonly from: PrincipalId;
  body: object;
  readonly places: Map<ConversationId, ConversationRef>;
}

export function openPresenceNews(
  live: Pick<LiveFeed, 'publishPulse'>,
  readersOf: ReadersOf,
  clock: Pick<Clock, 'monotonicMs' | 'after'>,
): PresenceNewsFeed {
  /** By principal, whose turn is next first. */
  const waiting = new Map<string, Waiting>();
  /** Of all together; bounded by limits.presenceWaitingMax. */
  let places = 0;
  /** Readers that may be told now; below 0 after a conversation with more than were left. */
  let credit: number = limits.presenceReadersBurst;
  let countedMs = clock.monotonicMs();
  let isScheduled = false;

  function count(): void {
    const nowMs = clock.monotonicMs();
    const earned = ((nowMs - countedMs) * limits.presenceReadersPerSec) / 1000;
    credit = Math.min(limits.presenceReadersBurst, credit + earned);
    countedMs = nowMs;
  }

  function add(key: string, from: PrincipalId, refs: readonly ConversationRef[], body: object): void {
    const one = waiting.get(key) ?? { from, body, places: new Map() };
    one.body = body;
    for (const ref of refs) {
      if (one.places.has(ref.conversation)) continue;
      if (places >= limits.presenceWaitingMax) break;
      one.places.set(ref.conversation, ref);
      places += 1;
    }
    if (one.places.size > 0) waiting.set(key, one);
  }

  /** One principal's turn. */
  function tellSome({ from, body, places: own }: Waiting): void {
    let told = 0;
    for (const [conversation, ref] of own) {
      if (told >= limits.presenceTurnPulses || credit <= 0) return;
      own.delete(conversation);
      places -= 1;
      const readers = readersOf(ref, from);
      if (readers === null) continue;
      told += 1;
      credit -= limits.presencePulseReaders + readers;
      live.publishPulse(ref, 'presence', { kind: 'presence', conversation, from, ...body });
    }
  }

  function run(): void {
    count();
    while (credit > 0) {
      const next = waiting.entries().next().value;
      if (next === undefined) return;
      const [key, one] = next;
      waiting.delete(key);
      tellSome(one);
      if (one.places.size > 0) waiting.set(key, one);
    }
    if (isScheduled || waiting.size === 0) return;
    isScheduled = true;
    clock.after(limits.presenceTurnMs, () => {
      isScheduled = false;
      run();
    });
  }

  return {
    tell(principal, refs, body) {
      add(`${principal.tenant}/${principal.id}`, principal.id, refs, body);
      run();
    },
  };
}
