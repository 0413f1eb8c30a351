/**
 * Agents that run here. A turn is read, decided, and answered by the model, piece by piece and then as a message
 * whose client_id follows from message and agent: however often a turn is taken, it has one answer.
 *
 *   reading --not for it--> passed
 *      |  ^
 *      |  +--resumed-- paused <--+
 *      v                         | pause
 *   speaking ---- said ----> answered
 *      |  \---- stop, removal, deletion, another has the floor ----> stopped
 *      +-- the model fails: again, then failed; while it is left alone, the turn waits
 */

import { limits } from '../../domain/limits.ts';
import type { TakenTurn } from '../../ports/agents/agent-turns.ts';
import type { Metrics } from '../../ports/metrics.ts';
import type { NodeLink } from '../../ports/node-link.ts';
import type { LiveBus } from '../bus.ts';
import { type BreakerState, CircuitBreaker } from './model/circuit-breaker.ts';
import { pause } from './pause.ts';
import { TurnNotes } from './records/turn-notes.ts';
import type { TurnOutcome } from './records/turn-records.ts';
import { type InHand, TurnAttempts, type TurnAttemptsDeps } from './turn-attempts.ts';
import { turnFields, turnNames, turnOf } from './turns/turn-names.ts';
import { tellEndedTurn } from './turns/turn-news.ts';

export interface AgentRuntimeDeps extends TurnAttemptsDeps {
  readonly live: Pick<LiveBus, 'watch' | 'delta' | 'typing' | 'abandon'>;
  readonly link: Pick<NodeLink, 'tell'>;
  readonly metrics: Pick<Metrics, 'agentTurns' | 'modelOpen'>;
}

export interface AgentRuntime {
  /** Resolves when the turn is over, whatever came of it; rejects when it is to be taken again. */
  take(taken: TakenTurn): Promise<void>;
  /** Changes of agents are not heeded any more. */
  close(): void;
}

export function openAgentRuntime(deps: AgentRuntimeDeps): AgentRuntime {
  const breaker = new CircuitBreaker(deps.clock, (state) => showModelState(deps, state));
  const attempts = new TurnAttempts(deps, breaker);
  return { take: (taken) => takeTurn(deps, attempts, taken), close: () => attempts.close() };
}

async function takeTurn(deps: AgentRuntimeDeps, attempts: TurnAttempts, taken: TakenTurn): Promise<void> {
  const { clock, logger } = deps;
  const notes = new TurnNotes(clock.nowMicros());
  const inHand: InHand = { ...taken, hasBegun: false, notes };
  const { turn, draining, signal } = taken;
  let failures = 0;
  for (let pauseMs: number = limits.agentRetryMsMin; ; ) {
    const isTooOld = clock.nowMicros() > turn.at + limits.agentTurnAgeMs * 1000;
    const end = isTooOld ? 'passed' : await attempts.attempt(inHand);
    if (signal.aborted && end !== 'answered') throw new Error('the node closes');
    if (end === 'failed') failures += 1;
    if (failures >= limits.agentAttemptsMax) {
      logger.warn({ ...turnFields(turn), model: deps.model.name }, 'An agent gives no answer');
      return await over(deps, inHand, 'failed');
    }
    if (isTooOld) return await over(deps, inHand, 'too old');
    if (end === 'passed' || end === 'answered' || end === 'stopped') return await over(deps, inHand, end);
    // Nothing is being said: another node need not wait for what this one may do while it drains.
    if (draining.aborted) throw new Error('the node drains');
    if (end === 'paused') continue;
    await pause(clock, pauseMs, draining);
    pauseMs = Math.min(pauseMs * 2, limits.agentRetryMsMax);
  }
}

/** Whoever waits, reads or looks it up later is told how it ended. */
async function over(
  { metrics, ids, live, link, recorder }: AgentRuntimeDeps,
  { turn, notes, hasBegun, isRepeated }: InHand,
  outcome: TurnOutcome,
): Promise<void> {
  metrics.agentTurns.add(outcome, 1);
  const of = turnOf(turn);
  if (outcome !== 'answered') {
    tellEndedTurn(link, of, outcome);
    const { run, answer: messageId } = turnNames(ids, of);
    const { conversation, agent: author } = of;
    const isUnseen = !hasBegun && !isRepeated;
    // Whoever was to be answered and saw nothing yet would wait for it.
    if (!isUnseen || outcome === 'failed' || outcome === 'too old')
      await live.abandon(of.tenant, { conversation, messageId, run, author, isUnseen });
  }
  await recorder.end(turn, notes, outcome);
}

function showModelState(
  { metrics, logger, model: { name: model } }: AgentRuntimeDeps,
  state: BreakerState,
): void {
  metrics.modelOpen.set(state === 'closed' ? 0 : 1);
  if (state === 'open') logger.warn({ model }, 'A model is left alone for a while: it fails again and again');
  else if (state === 'closed') logger.info({ model }, 'A model answers again');
}
