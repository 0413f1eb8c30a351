/**
 * Contention: a node that loses a conversation several times in a row hands its queue to the node
 * that wrote last, and goes back to its own appends when that node does not answer. So a hot
 * conversation finds one writer by itself. Safety never depends on it: whoever writes, the
 * expectation decides, and a command carries its event id wherever it goes.
 */
import type { Command, CommandContext } from '../../../domain/command.ts';
import type { Event } from '../../../domain/event.ts';
import type { PostedEntry } from '../../../domain/idempotency-window.ts';
import { limits } from '../../../domain/limits.ts';
import type { Principal } from '../../../domain/principal.ts';
import { Problem, type ProblemCode, type ProblemDetail } from '../../../domain/problem.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { Metrics } from '../../../ports/metrics.ts';
import type { NodeLink } from '../../../ports/node-link.ts';
import type { Outcome } from '../../bus.ts';
import type { CatchUp } from '../catch-up.ts';
import type { LoadedConversation } from '../loaded-conversation.ts';
import type { Waiting } from './waiting.ts';

export interface Forwarder {
  /** True while commands of this conversation go to, or are with, another node. */
  isForwarding(conversation: LoadedConversation): boolean;
  /** True while some are with another node. */
  isAway(conversation: LoadedConversation): boolean;
  /**
   * Sends what may be forwarded and is not under way yet to the last writer, and waits until something was
   * answered or a new command came. Returns the commands that were answered, with what was written folded;
   * all are still in the queue, and those without an answer stay there for appends of our own.
   */
  forward(conversation: LoadedConversation): Promise<readonly ForwardedWaiting[]>;
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
  /** Position of the conversation when it was asked: no event of it is before. Nodes of before do not tell. */
  readonly after?: number;
  /** W3C trace context of the span that it is part of. */
  readonly traceparent?: string;
}

export interface ForwardedAnswer {
  readonly events?: readonly Event[];
  readonly duplicate?: PostedEntry | null;
  readonly problem?: { readonly code: ProblemCode; readonly message: string } & ProblemDetail;
}

export const forwardVerb = 'handle';

export function openForwarder(link: NodeLink, clock: Clock, catchUp: CatchUp, metrics: Metrics): Forwarder {
  /** Bounded by the queues of the conversations in it. */
  const flightsOf = new Map<LoadedConversation, Flights>();

  async function forwardOne(target: string, waiting: Waiting): Promise<ForwardedAnswer | null> {
    const { principal, command, context, after, span } = waiting;
    const traced = span === null ? {} : { traceparent: span.traceparent };
    const body: ForwardedCommand = { principal, command, context, after, ...traced };
    metrics.forwards.add(1);
    waiting.wasForwarded = true;
    waiting.isSent = true;
    return (await link.ask(target, forwardVerb, body, limits.forwardTimeoutMs)) as ForwardedAnswer | null;
  }

  function shouldForward(conversation: LoadedConversation): boolean {
    const { lastNode } = conversation.state;
    if (lastNode === null || lastNode === '' || lastNode === link.node) return false;
    if (conversation.losses >= limits.lossesBeforeForward) {
      conversation.forwardUntilMs = clock.monotonicMs() + limits.forwardMs;
      conversation.losses = 0;
    }
    if (clock.monotonicMs() >= conversation.forwardUntilMs) return false;
    // Others take this node for the writer: if it sent their commands' turn away, nobody would write.
    return !conversation.queue.some((waiting) => waiting.isForwarded);
  }

  /** Each is answered by itself: a sender that waits for its neighbours gets less than its share. */
  async function fly(conversation: LoadedConversation, flights: Flights, waiting: Waiting): Promise<void> {
    flights.underWay += 1;
    const answer = await forwardOne(conversation.state.lastNode ?? '', waiting).catch(() => null);
    // What it wrote is folded before its author is answered, so that a next command here builds on it.
    const isBehind = answer !== null && positionOf(answer) > conversation.state.position;
    const away = (): Problem => new Problem('unavailable');
    const problem = isBehind ? await catchUp.toEnd(conversation).catch(away) : null;
    flights.underWay -= 1;
    if (answer === null || problem !== null) conversation.forwardUntilMs = 0;
    else flights.landed.push({ waiting, answer });
    conversation.wake();
  }

  return {
    isAway: (conversation) => flightsOf.has(conversation),
    isForwarding: (conversation) => flightsOf.has(conversation) || shouldForward(conversation),

    async forward(conversation) {
      const flights = flightsOf.get(conversation) ?? { underWay: 0, landed: [] };
      if (shouldForward(conversation)) {
        const fresh = conversation.queue.filter((waiting) => !waiting.isForwarded && !waiting.wasForwarded);
        for (const waiting of fresh) void fly(conversation, flights, waiting);
      }
      if (flights.underWay > 0) flightsOf.set(conversation, flights);
      // What landed since the last call is answered first.
      if (flights.underWay > 0 && flights.landed.length === 0) {
        await new Promise<void>((resolve) => {
          conversation.wake = resolve;
        });
        conversation.wake = () => undefined;
      }
      if (flights.underWay === 0) flightsOf.delete(conversation);
      const landed = flights.landed.splice(0);
      return landed.map(({ waiting, answer }) => ({ waiting, result: readAnswer(conversation, answer) }));
    },
  };
}

/** Commands of one conversation that are with another node. */
interface Flights {
  underWay: number;
  readonly landed: { readonly waiting: Waiting; readonly answer: ForwardedAnswer }[];
}

function positionOf({ events = [], duplicate = null }: ForwardedAnswer): number {
  return events.at(-1)?.position ?? duplicate?.position ?? 0;
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
  const { code, message, reason, retryAfterMs, fields, overload } = result;
  return {
    problem: {
      code,
      message,
      ...(reason === undefined ? {} : { reason }),
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
      ...(fields === undefined ? {} : { fields }),
      ...(overload === undefined ? {} : { overload }),
    },
  };
}
