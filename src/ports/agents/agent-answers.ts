/**
 * To ask an agent and wait for what it says, on whichever node it speaks; answered by core/agents. Whoever asks
 * expects the answer first and posts then, with a message id of its own, so that nothing is missed.
 */
import type { EventOf } from '../../domain/event.ts';
import type { ConversationId, MessageId, PrincipalId } from '../../domain/ids.ts';
import type { Principal } from '../../domain/principal.ts';
import type { Problem } from '../../domain/problem.ts';

export interface AnswerPiece {
  /** Of the answer. */
  readonly message: MessageId;
  /** 0, 1, 2… of this answer. */
  readonly index: number;
  readonly text: string;
  /** What was told so far is replaced by this: its agent began anew. */
  readonly startsOver: boolean;
}

export interface AnswerRequest {
  readonly conversation: ConversationId;
  /** Id of the message that is asked, posted or about to be. */
  readonly message: MessageId;
  readonly agent: PrincipalId;
  /** It must run here; else one that a process outside speaks for is waited for as well. */
  readonly mustRun?: boolean;
  /** At most limits.answerWaitMsMax; that is also the default. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  /** Called in order, until the answer is there. */
  readonly onPiece?: (piece: AnswerPiece) => void;
}

export interface GivenAnswer {
  readonly event: EventOf<'message.posted'>;
  readonly message: MessageId;
  /** Null: a process outside said it, and named no run. */
  readonly run: string | null;
}

export interface ExpectedAnswer {
  /**
   * Never rejects. `run_preempted`: somebody stopped it; `not_found`: conversation, agent or asker are gone from
   * it; `unavailable` with the reason `timed_out`, `cancelled` (by `signal` or cancel()), `not_answered` (the agent
   * found that the message is not for it) or `failed` (its model did).
   */
  readonly answer: Promise<GivenAnswer | Problem>;
  /**
   * For a message that was there before it was expected: what became of it already counts, too. `message`: another
   * one is meant, the first of which the post was a retry.
   */
  lookBack(message?: MessageId): Promise<void>;
  /** Nobody waits any more. Nothing happens when it is over already. */
  cancel(): void;
}

export interface AgentAnswers {
  /**
   * `not_found`: no such conversation for this reader, or the agent is not in it; `unavailable`/`not_running`;
   * `overloaded`: limits.answersExpectedMax are waited for on this node.
   */
  expect(principal: Principal, request: AnswerRequest): Promise<ExpectedAnswer | Problem>;
}
