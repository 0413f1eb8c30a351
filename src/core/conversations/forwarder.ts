/**
 * Contention: a node that loses a conversation several times in a row hands its queue to the node
 * that wrote last, and goes back to its own appends when that node does not answer. So a hot
 * conversation finds one writer by itself. Safety never depends on it: whoever writes, the
 * expectation decides, and a command carries its event id wherever it goes.
 */
import type { Command, CommandContext } from '../../domain/command.ts';
import type { Event } from '../../domain/event.ts';
import type { PostedEntry } from '../../domain/idempotency-window.ts';
import { limits } from '../../domain/limits.ts';
import type { Principal } from '../../domain/principal.ts';
import { Problem, type ProblemCode, type ProblemDetail } from '../../domain/problem.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Metrics } from '../../ports/metrics.ts';
import type { NodeLink } from '../../ports/node-link.ts';
import type { Outcome } from '../bus.ts';
import type { CatchUp } from './catch-up.ts';
import type { LoadedConversation } from './loaded-conversation.ts';
import type { Waiting } from './waiting.ts';

export interface Forwarder {
  shouldForward(conversation: LoadedConversation): boolean;
  /**
   * Sends what may be forwarded to the last writer and folds what it wrote. Returns the commands that it
   * answered; all are still in the queue, and the others stay there for appends of our own.
   */
  forwardQueue(conversation: LoadedConversation): Promise<readonly ForwardedWaiting[]>;
}

export interface ForwardedWaiting {
  readonly waiting: Waiting;
  readonly result: Outcome | Problem;
}

/** What travels between nodes on `sys.node.<id>.handle`. */
export interface ForwardedCommand {
  readonly principal: Principal;
  readonly command: Command;
  readonly context: CommandContext;
}

export interface ForwardedAnswer {
  readonly events?: readonly Event[];
  readonly duplicate?: PostedEntry | null;
  readonly problem?: { readonly code: ProblemCode; readonly message: string } & ProblemDetail;
}

export const forwardVerb = 'handle';

export function openForwarder(link: NodeLink, clock: Clock, catchUp: CatchUp, metrics: Metrics): Forwarder {
  async function forwardOne(target: string, waiting: Waiting): Promise<ForwardedAnswer | null> {
    const { principal, command, context } = waiting;
    const body: ForwardedCommand = { principal, command, context };
    metrics.forwards.add(1);
    waiting.wasForwarded = true;
    waiting.isSent = true;
    return (await link.ask(target, forwardVerb, body, limits.forwardTimeoutMs)) as ForwardedAnswer | null;
  }

  return {
    shouldForward(conversation) {
      const { lastNode } = conversation.state;
      if (lastNode === null || lastNode === '' || lastNode === link.node) return false;
      if (conversation.losses >= limits.lossesBeforeForward) {
        conversation.forwardUntilMs = clock.monotonicMs() + limits.forwardMs;
        conversation.losses = 0;
      }
      if (clock.monotonicMs() >= conversation.forwardUntilMs) return false;
      // Others take this node for the writer: if it sent their commands' turn away, nobody would write.
      return !conversation.queue.some((waiting) => waiting.isForwarded);
    },

    async forwardQueue(conversation) {
      const target = conversation.state.lastNode ?? '';
      const batch = conversation.queue.filter((waiting) => !waiting.isForwarded && !waiting.wasForwarded);
      if (batch.length === 0) return [];
      conversation.isForwarding = true;
      const answers = await Promise.all(batch.map((waiting) => forwardOne(target, waiting)));
      // What it wrote is folded before its author is answered, so that a next read here sees it.
      const problem = await catchUp.toEnd(conversation);
      conversation.isForwarding = false;
      const answered: ForwardedWaiting[] = [];
      for (const [index, waiting] of batch.entries()) {
        const answer = answers[index] ?? null;
        if (answer === null || problem !== null) conversation.forwardUntilMs = 0;
        else answered.push({ waiting, result: readAnswer(conversation, answer) });
      }
      return answered;
    },
  };
}

function readAnswer(conversation: LoadedConversation, answer: ForwardedAnswer): Outcome | Problem {
  if (answer.problem !== undefined) {
    const { code, message, ...detail } = answer.problem;
    return new Problem(code, message, detail);
  }
  const { events = [], duplicate = null } = answer;
  return { ref: conversation.ref, events, duplicate, state: conversation.state };
}

/** The other side: an outcome as it travels back; null: the asker must do it itself. */
export function writeAnswer(result: Outcome | Problem | null): ForwardedAnswer | null {
  if (result === null) return null;
  if (!(result instanceof Problem)) return { events: result.events, duplicate: result.duplicate };
  const { code, message, reason, retryAfterMs, fields } = result;
  return {
    problem: {
      code,
      message,
      ...(reason === undefined ? {} : { reason }),
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
      ...(fields === undefined ? {} : { fields }),
    },
  };
}
