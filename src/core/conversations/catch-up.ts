/** Reads what the log has after a conversation's state and folds it. Safe to run several at once. */
import { limits } from '../../domain/limits.ts';
import { Problem } from '../../domain/problem.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import type { LoadedConversation } from './loaded-conversation.ts';

export interface CatchUp {
  /**
   * Folds everything that is readable now; null, or why it could not be read. Positions that are known at
   * sequences that are not: it is another log, and the conversation is marked as outlived.
   */
  toEnd(conversation: LoadedConversation): Promise<Problem | null>;
  /** The same until the state has reached `head`: a replica may lag behind its leader for a moment. */
  to(conversation: LoadedConversation, head: number): Promise<Problem | null>;
}

export function openCatchUp(log: Log, clock: Clock): CatchUp {
  async function toEnd(conversation: LoadedConversation): Promise<Problem | null> {
    for (;;) {
      const { logSeq: before, position } = conversation.state;
      const page = await log.readAfter(conversation.ref, before, limits.logReadPageMax);
      if (page instanceof Problem) return page;
      const [first] = page.entries;
      if (first !== undefined && first.event.position <= position) {
        conversation.isOutlived = true;
        return new Problem('unavailable');
      }
      for (const entry of page.entries) conversation.apply(entry);
      if (page.isLast || page.entries.length === 0) return null;
    }
  }

  return {
    toEnd,
    async to(conversation, head) {
      const deadline = clock.monotonicMs() + limits.logReadTimeoutMs;
      for (let pauseMs = 1; ; pauseMs = Math.min(pauseMs * 2, 100)) {
        if (conversation.state.logSeq >= head) return null;
        const problem = await toEnd(conversation);
        if (problem !== null) return problem;
        if (conversation.state.logSeq >= head) return null;
        if (clock.monotonicMs() > deadline) return new Problem('unavailable');
        await new Promise<void>((resolve) => void clock.after(pauseMs, resolve));
      }
    },
  };
}
