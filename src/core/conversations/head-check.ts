/**
 * Confirms that nothing was written since: asks the leader of the log for the conversation's head.
 * Checks of one conversation are shared: who asks while one is under way waits for the next one,
 * because an answer that set out before the question was asked proves nothing.
 */

import { overloaded } from '../../domain/limiting/overload.ts';
import { limits } from '../../domain/limits.ts';
import { Problem } from '../../domain/problem.ts';
import type { Log } from '../../ports/log.ts';
import type { CatchUp } from './catch-up.ts';
import type { LoadedConversation } from './loaded-conversation.ts';

/**
 * `same`: the state is the head. `moved`: it was not, and now it is caught up. A log that ends before what
 * is known was made anew: such a conversation is dropped, and the answer is `unavailable`.
 */
export type HeadAnswer = 'same' | 'moved' | Problem;

export interface HeadCheck {
  confirm(conversation: LoadedConversation): Promise<HeadAnswer>;
}

interface Checks {
  current: Promise<HeadAnswer>;
  next: Promise<HeadAnswer> | null;
}

export function openHeadCheck(
  log: Pick<Log, 'head'>,
  catchUp: CatchUp,
  drop: (conversation: LoadedConversation) => void,
): HeadCheck {
  const running = new Map<LoadedConversation, Checks>();
  let waiting = 0;

  async function check(conversation: LoadedConversation): Promise<HeadAnswer> {
    // As it is now: what the feed brings while the leader answers may be newer than the answer.
    const known = conversation.state.logSeq;
    const head = await log.head(conversation.ref);
    if (head instanceof Problem) return head;
    if (head < known) conversation.isOutlived = true;
    else if (head <= conversation.state.logSeq) return 'same';
    const problem = conversation.isOutlived ? null : await catchUp.to(conversation, head);
    if (!conversation.isOutlived) return problem ?? 'moved';
    drop(conversation);
    return new Problem('unavailable');
  }

  function start(conversation: LoadedConversation): Promise<HeadAnswer> {
    const current = check(conversation);
    const checks: Checks = { current, next: null };
    running.set(conversation, checks);
    const done = (): void => {
      if (running.get(conversation) === checks && checks.next === null) running.delete(conversation);
    };
    void current.then(done, done);
    return current;
  }

  function shared(conversation: LoadedConversation): Promise<HeadAnswer> {
    const checks = running.get(conversation);
    if (checks === undefined) return start(conversation);
    checks.next ??= checks.current.then(
      () => start(conversation),
      () => start(conversation),
    );
    return checks.next;
  }

  return {
    async confirm(conversation) {
      if (waiting >= limits.headChecksWaitingMax) return overloaded('head_checks');
      waiting += 1;
      try {
        return await shared(conversation);
      } finally {
        waiting -= 1;
      }
    },
  };
}
