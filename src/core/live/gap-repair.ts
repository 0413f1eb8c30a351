/** A gap: what did not arrive is read from the log, and handed out with what came meanwhile. */
import type { LogEntry } from '../../domain/event.ts';
import { Problem } from '../../domain/problem.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Logger } from '../../ports/logger.ts';
import type { Metrics } from '../../ports/metrics.ts';
import type { CatchUp } from '../conversations/catch-up.ts';
import type { LoadedConversation } from '../conversations/loaded-conversation.ts';
import type { Replay } from '../conversations/replay.ts';

export interface GapRepair {
  /** Begins a repair where none is under way. Live entries that come meanwhile are in it, too. */
  begin(conversation: LoadedConversation): void;
  /** Resolves after the attempt, or the pause, of the repair that is under way; at once when there is none. */
  ended(conversation: LoadedConversation): Promise<void>;
}

export interface GapRepairDeps {
  readonly catchUp: CatchUp;
  readonly replay: Replay;
  readonly clock: Pick<Clock, 'after'>;
  readonly metrics: Pick<Metrics, 'gapRepairs'>;
  readonly logger: Logger;
}

/** `send` hands one entry to whoever follows. */
export function openGapRepair(
  { catchUp, replay, clock, metrics, logger }: GapRepairDeps,
  send: (conversation: LoadedConversation, entry: LogEntry) => void,
): GapRepair {
  /** Repairs under way: the attempt that is being made, or the pause before the next one. */
  const attempts = new Map<LoadedConversation, Promise<unknown>>();

  async function repair(conversation: LoadedConversation): Promise<void> {
    try {
      for (let pauseMs = 20; conversation.trust !== 'gone'; pauseMs = Math.min(pauseMs * 2, 1_000)) {
        const attempt = repairOnce(conversation);
        attempts.set(conversation, attempt);
        const problem = await attempt;
        // Another gap may have shown while this one was repaired.
        if (problem === null && conversation.state.position >= conversation.seen) return;
        const pause = new Promise<void>((resolve) => void clock.after(pauseMs, resolve));
        // Who waits for the repair waits for this, too: asking anew each millisecond would heal nothing.
        attempts.set(conversation, pause);
        await pause;
      }
    } catch (error) {
      logger.error({ error, conversation: conversation.ref.conversation }, 'A gap could not be repaired');
    } finally {
      conversation.isRepairing = false;
      attempts.delete(conversation);
    }
  }

  async function repairOnce(conversation: LoadedConversation): Promise<Problem | null> {
    const problem = await catchUp.toEnd(conversation);
    if (problem !== null) return problem;
    while (conversation.followers !== null && conversation.delivered < conversation.state.position) {
      const page = await replay.after(conversation, conversation.delivered);
      if (page instanceof Problem) return page;
      if (page.length === 0) break;
      for (const entry of page) if (entry.event.position > conversation.delivered) send(conversation, entry);
    }
    if (conversation.followers === null) conversation.delivered = conversation.state.position;
    return null;
  }

  return {
    begin(conversation) {
      if (conversation.isRepairing) return;
      conversation.isRepairing = true;
      metrics.gapRepairs.add(1);
      void repair(conversation);
    },

    async ended(conversation) {
      if (!conversation.isRepairing) return;
      // An attempt that failed is followed by a pause, and then by the next one.
      await attempts.get(conversation);
      await new Promise<void>((resolve) => void clock.after(1, resolve));
    },
  };
}
