/**
 * An append that did not answer "stored": what becomes of its commands. Another writer was first, or the log refused
 * it, or nobody knows. An error is never answered for something that was stored while we can still find out.
 */
import { limits } from '../../../domain/limits.ts';
import { Problem } from '../../../domain/problem.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { Log } from '../../../ports/log.ts';
import type { CatchUp } from '../catch-up.ts';
import type { LoadedConversation } from '../loaded-conversation.ts';
import type { Attempt } from './attempt.ts';
import { answered, type CommandQueue, isDuplicate } from './command-queue.ts';
import { refuseLate, refuseUnanswered } from './late-commands.ts';
import type { Waiting } from './waiting.ts';

/** True: commands left the queue. False: what stands there is to be decided again, on the state as it is now. */
export interface NotStored {
  /** Others write all the time: after some losses in a row they are asked to write for us. */
  lost(conversation: LoadedConversation): false;
  /** Somebody else wrote. If the feed has not brought it yet, the log has it. */
  conflict(conversation: LoadedConversation, attempt: Attempt): Promise<boolean>;
  /** No answer: the log is read until it tells. */
  unknown(conversation: LoadedConversation): Promise<boolean>;
  /** Surely not stored by this append. `sentBefore`: by an earlier one they may be. */
  refused(
    conversation: LoadedConversation,
    attempt: Attempt,
    problem: Problem,
    sentBefore: ReadonlySet<Waiting>,
  ): Promise<boolean>;
}

interface Deps {
  readonly log: Pick<Log, 'node' | 'head'>;
  readonly clock: Pick<Clock, 'monotonicMs' | 'after'>;
  readonly catchUp: CatchUp;
  /** Forgets a conversation whose log was made anew. */
  readonly drop: (conversation: LoadedConversation) => void;
}

export function openNotStored({ log, clock, catchUp, drop }: Deps, commands: CommandQueue): NotStored {
  const { fail, takeOut } = commands;

  function lost(conversation: LoadedConversation): false {
    if (conversation.state.lastNode !== log.node) conversation.losses += 1;
    return false;
  }

  async function conflict(conversation: LoadedConversation, attempt: Attempt): Promise<boolean> {
    if (conversation.state.logSeq === attempt.expectLast) {
      const head = await log.head(conversation.ref);
      if (!(head instanceof Problem) && head < attempt.expectLast) return outlived(conversation);
      const problem = head instanceof Problem ? head : await catchUp.to(conversation, head);
      if (conversation.isOutlived) return outlived(conversation);
      if (problem !== null) return await resolveUnknown(conversation);
    }
    for (const { waiting } of attempt.decided) waiting.isSent = waiting.wasForwarded || waiting.isForwarded;
    return lost(conversation);
  }

  /** The stream was made anew: nothing can be appended to what is known here; who comes next loads it again. */
  function outlived(conversation: LoadedConversation): true {
    conversation.isOutlived = true;
    drop(conversation);
    fail(conversation, new Problem('unavailable'));
    return true;
  }

  /** The log is read until it answers, however long the server is away, up to the bound. */
  async function resolveUnknown(conversation: LoadedConversation): Promise<boolean> {
    const deadline = clock.monotonicMs() + limits.unknownResolveMs;
    for (let pauseMs = 10; ; pauseMs = Math.min(pauseMs * 2, 250)) {
      const head = await log.head(conversation.ref);
      const problem = head instanceof Problem ? head : await catchUp.to(conversation, head);
      if (problem === null) return false;
      if (conversation.isOutlived) return outlived(conversation);
      // What was surely not stored need not wait for the server to come back.
      fail(conversation, new Problem('unavailable'), (waiting) => !waiting.isSent);
      if (clock.monotonicMs() > deadline) {
        fail(conversation, new Problem('unavailable'));
        return true;
      }
      await new Promise<void>((resolve) => void clock.after(pauseMs, resolve));
    }
  }

  return {
    lost,
    conflict,

    async unknown(conversation) {
      if (await resolveUnknown(conversation)) return true;
      // Those behind it waited for a log that does not answer, and not because there is too much to do.
      const nowMs = clock.monotonicMs();
      return (
        refuseUnanswered(commands, conversation, nowMs) ||
        refuseLate(commands, conversation, nowMs, () => new Problem('unavailable'))
      );
    },

    /**
     * The answer is the log's problem, but for what was stored long ago. An earlier append of the same command, or the
     * node that it was with, may have stored it: the log tells. If it did not and NATS was just away, the command goes
     * its way again, with the same event id.
     */
    async refused(conversation, attempt, problem, sentBefore) {
      for (const { waiting } of attempt.decided) waiting.isSent = sentBefore.has(waiting);
      if (sentBefore.size > 0) {
        const isOver = await resolveUnknown(conversation);
        if (isOver || conversation.sought.hasFound || problem.code === 'unavailable') return isOver;
      }
      const decided = new Map(attempt.decided.map((one) => [one.waiting, one]));
      for (const waiting of takeOut(conversation, (one) => decided.has(one))) {
        const one = decided.get(waiting);
        const isStored = one !== undefined && isDuplicate(one);
        waiting.answer(isStored ? answered(conversation, one, []) : problem);
      }
      return true;
    },
  };
}
