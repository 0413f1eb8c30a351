/** Commands that waited too long. Monotonic milliseconds; true when commands left the queue. */
import { limits } from '../../../domain/limits.ts';
import { Problem } from '../../../domain/problem.ts';
import type { LoadedConversation } from '../loaded-conversation.ts';
import type { CommandQueue } from './command-queue.ts';
import type { Waiting } from './waiting.ts';

/**
 * Whoever waited so long is about to give up; what may be stored already is not refused. `why` is asked only then: every
 * step of every queue comes by here.
 */
export function refuseLate(
  { fail }: Pick<CommandQueue, 'fail'>,
  conversation: LoadedConversation,
  nowMs: number,
  why: () => Problem,
): boolean {
  const sinceMs = nowMs - limits.commandWaitMsMax;
  const isLate = (one: Waiting): boolean => !one.isSent && one.sinceMs < sinceMs;
  // They stand in the order in which they came.
  const first = conversation.queue.find((one) => !one.isSent);
  if (first === undefined || !isLate(first)) return false;
  fail(conversation, why(), isLate);
  return true;
}

/**
 * The log can be read, does not have it, and answers no append: a stream whose disk failed is silent until its
 * server is restarted. Sending it again for ever would help nobody.
 */
export function refuseUnanswered(
  { fail, answerThoseStored }: Pick<CommandQueue, 'fail' | 'answerThoseStored'>,
  conversation: LoadedConversation,
  nowMs: number,
): boolean {
  if (answerThoseStored(conversation)) return true;
  const sinceMs = nowMs - limits.unknownResolveMs;
  const isUnanswered = (one: Waiting): boolean => one.isSent && one.sinceMs < sinceMs;
  if (!conversation.queue.some(isUnanswered)) return false;
  fail(conversation, new Problem('unavailable'), isUnanswered);
  return true;
}
