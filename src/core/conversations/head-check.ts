/**
 * Confirms that nothing was written since: asks the leader of the log for the conversation's head.
 * Checks of one conversation are shared: who asks while one is under way waits for the next one,
 * because an answer that set out before the question was asked proves nothing.
 */
import { Problem } from '../../domain/problem.ts';
import type { Log } from '../../ports/log.ts';
import type { CatchUp } from './catch-up.ts';
import type { LoadedConversation } from './loaded-conversation.ts';

/** `same`: the state is the head. `moved`: it was not, and now it is caught up. */
export type HeadAnswer = 'same' | 'moved' | Problem;

export interface HeadCheck {
  confirm(conversation: LoadedConversation): Promise<HeadAnswer>;
}

interface Checks {
  current: Promise<HeadAnswer>;
  next: Promise<HeadAnswer> | null;
}

export function openHeadCheck(log: Log, catchUp: CatchUp): HeadCheck {
  const running = new Map<LoadedConversation, Checks>();

  async function check(conversation: LoadedConversation): Promise<HeadAnswer> {
    const head = await log.head(conversation.ref);
    if (head instanceof Problem) return head;
    if (head <= conversation.state.logSeq) return 'same';
    return (await catchUp.to(conversation, head)) ?? 'moved';
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

  return {
    confirm(conversation) {
      const checks = running.get(conversation);
      if (checks === undefined) return start(conversation);
      checks.next ??= checks.current.then(
        () => start(conversation),
        () => start(conversation),
      );
      return checks.next;
    },
  };
}
