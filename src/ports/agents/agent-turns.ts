/**
 * Turns of agents that run here: one for each pair of message and agent. Whoever projects the message adds them,
 * any node takes them; content never travels with them.
 */
import type { ConversationRef, ConversationType } from '../../domain/event.ts';
import type { MessageId, PrincipalId } from '../../domain/ids.ts';
import type { Problem } from '../../domain/problem.ts';
import type { Micros } from '../../domain/time.ts';

export interface AgentTurn {
  readonly ref: ConversationRef;
  readonly agent: PrincipalId;
  /** The message that the agent may answer, and its seq. */
  readonly message: MessageId;
  readonly seq: number;
  /** When it was said. */
  readonly at: Micros;
  /** W3C trace context of the message, while that is recorded. */
  readonly trace?: string;
}

/** An agent that runs and takes part, and what else tells whether a message may be for it. */
export interface TakingPart {
  readonly ref: ConversationRef;
  readonly agent: PrincipalId;
  readonly type: ConversationType;
  readonly floor: PrincipalId | null;
}

export interface RunningAgents {
  /** Those of these conversations, as they are projected. */
  takingPart(refs: readonly ConversationRef[]): Promise<readonly TakingPart[] | Problem>;
}

export interface AgentTurnQueue {
  /** Stores them in this order; one that was added a moment ago is not added again. Null: all are stored. */
  add(turns: readonly AgentTurn[]): Promise<Problem | null>;
}

export interface TakenTurn {
  readonly turn: AgentTurn;
  /** Some node had it before: that one died, or gave it back, and may have begun. */
  readonly isRepeated: boolean;
  /** Aborted when the node begins to close: what only waits is given back by rejecting, what is being said goes on. */
  readonly draining: AbortSignal;
  /** Aborted when the node closes: whatever it does, the turn is then given back by rejecting. */
  readonly signal: AbortSignal;
}

export interface AgentTurnFeed {
  readonly partitions: number;
  /**
   * Delivers turns to exactly one node of the deployment for each partition; to `take` those of one agent in one
   * conversation one after another, in the order of their messages, all others at once. A turn is over when
   * `take` resolves; when it rejects, or its node dies, it comes again, here or elsewhere, in its place. `close()`
   * lets answers that are being given end for `graceMs`, and gives back what waits at once, the rest then.
   */
  consume(
    partition: number,
    take: (taken: TakenTurn) => Promise<void>,
  ): Promise<{ close(graceMs: number): Promise<void> }>;
}
