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

import type { PrincipalId, TenantId } from '../../domain/ids.ts';
import { limits } from '../../domain/limits.ts';
import { Problem } from '../../domain/problem.ts';
import type { TimelineEntry } from '../../domain/timeline.ts';
import type { TakenTurn } from '../../ports/agents/agent-turns.ts';
import type { Agents } from '../../ports/agents/agents.ts';
import type { IdSource } from '../../ports/id-source.ts';
import type { Metrics } from '../../ports/metrics.ts';
import type { NodeLink } from '../../ports/node-link.ts';
import type { Bus, LiveBus, WatchedConversation } from '../bus.ts';
import { Places } from '../places.ts';
import { Attention } from './attention.ts';
import { heedChanges } from './heed-changes.ts';
import { isToAnswer } from './is-to-answer.ts';
import { type BreakerState, CircuitBreaker } from './model/circuit-breaker.ts';
import { pause } from './pause.ts';
import { TurnNotes } from './records/turn-notes.ts';
import type { TurnRecorder } from './records/turn-recorder.ts';
import type { TurnOutcome } from './records/turn-records.ts';
import { findRunningAgent, type RunningAgent, type RunningAgentDeps } from './running-agent.ts';
import { type Answering, type SpeakingDeps, speak } from './speak.ts';
import { classOf, messagesFor, readTurnContext, type TurnContext } from './turns/turn-context.ts';
import { endOf, type TurnEnd } from './turns/turn-end.ts';
import { turnFields, turnNames, turnOf } from './turns/turn-names.ts';
import { tellEndedTurn } from './turns/turn-news.ts';

export interface AgentRuntimeDeps extends SpeakingDeps, RunningAgentDeps {
  readonly bus: Bus;
  readonly live: Pick<LiveBus, 'watch' | 'delta' | 'typing' | 'abandon'>;
  readonly agents: Pick<Agents, 'characterOf' | 'onChanged'>;
  readonly ids: Pick<IdSource, 'fromName'>;
  readonly recorder: TurnRecorder;
  readonly link: Pick<NodeLink, 'tell'>;
  readonly metrics: Pick<Metrics, 'agentTurns' | 'modelOpen'>;
}

export interface AgentRuntime {
  /** Resolves when the turn is over, whatever came of it; rejects when it is to be taken again. */
  take(taken: TakenTurn): Promise<void>;
  /** Changes of agents are not heeded any more. */
  close(): void;
}

/** What is known of a turn beyond its message, while it is in hand. */
interface InHand extends TakenTurn {
  /** Its draft may hold words of another attempt: then only the whole answer counts. */
  hasBegun: boolean;
  readonly notes: TurnNotes;
}

export function openAgentRuntime(deps: AgentRuntimeDeps): AgentRuntime {
  const { bus, live, directory, ids, clock, metrics, logger, recorder, tracing } = deps;
  const { agentRunsPerAgentMax: perKeyMax, agentRunsPerNodeMax: inAllMax } = limits;
  const breaker = new CircuitBreaker(clock, onModelState);
  const heeded = heedChanges(deps);
  const places = new Places({ perKeyMax, inAllMax });

  async function attempt(inHand: InHand): Promise<TurnEnd> {
    const { turn } = inHand;
    const { tenant, conversation } = turn.ref;
    const own = { run: turnNames(ids, turnOf(turn)).run, agent: turn.agent, seq: turn.seq };
    const attention = new Attention(own, inHand, clock);
    const leave = heeded.add(tenant, turn.agent, attention);
    let watched: WatchedConversation | null = null;
    try {
      const agent = await surelyRunning(tenant, turn.agent, attention.signal);
      if (agent === null) return 'passed';
      if (agent instanceof Problem) return endOf(agent);
      const found = await live.watch(agent.principal, conversation, attention.take);
      if (found instanceof Problem) return endOf(found);
      watched = found;
      attention.begin(watched);
      return await attend(inHand, agent, attention);
    } finally {
      leave();
      attention.close();
      watched?.stop();
    }
  }

  /** Whoever made the turn knew that it runs: that it was started may be news here that is still on its way. */
  async function surelyRunning(tenant: TenantId, id: PrincipalId, stop: AbortSignal) {
    const found = await findRunningAgent(deps, tenant, id);
    if (found !== null) return found;
    await pause(clock, limits.agentStartHeardMs, stop);
    return await findRunningAgent(deps, tenant, id);
  }

  async function attend(inHand: InHand, agent: RunningAgent, attention: Attention): Promise<TurnEnd> {
    const { turn, notes } = inHand;
    const context = await readTurnContext(bus, agent, turn);
    if (context instanceof Problem) return endOf(context);
    if (context === null) return 'passed';
    for (const { event } of context.later) attention.take(event);
    const messageId = turnNames(ids, turnOf(turn)).answer;
    const { entry, before, repliesTo } = context;
    const { state } = attention;
    const answer = await answerOf(inHand, agent, context, messageId);
    if (answer instanceof Problem) return endOf(answer);
    if (answer !== null) {
      notes.hear(entry, agent.profile.displayName, state.type);
      notes.say(answer);
      return 'answered';
    }
    if (!isToAnswer({ agent: agent.profile, state, entry, before, repliesTo })) return 'passed';
    notes.hear(entry, agent.profile.displayName, state.type);
    if (attention.standing === 'paused') {
      await attention.untilFree();
      return 'paused';
    }
    if (attention.standing === 'over') return 'stopped';
    const end = await inPlace(inHand, agent, attention, { ...context, messageId });
    if (end !== 'answered' || notes.said !== null) return end;
    // Another attempt was faster, in words that are not known here.
    const found = await bus.entry(agent.principal, turn.ref.conversation, messageId, null);
    if (found !== null && !(found instanceof Problem)) notes.say(found);
    return end;
  }

  /** Its own answer may be far behind by now: only a turn that somebody had before is looked up. */
  async function answerOf(
    { turn, isRepeated, hasBegun }: InHand,
    { principal }: RunningAgent,
    { later }: TurnContext,
    messageId: string,
  ): Promise<TimelineEntry | null | Problem> {
    const among = later.find(({ event }) => event.type !== 'control' && event.data.message_id === messageId);
    if (among !== undefined || !(isRepeated || hasBegun)) return among ?? null;
    return await bus.entry(principal, turn.ref.conversation, messageId, null);
  }

  async function inPlace(
    inHand: InHand,
    agent: RunningAgent,
    attention: Attention,
    context: TurnContext & { readonly messageId: string },
  ): Promise<TurnEnd> {
    const { turn, isRepeated } = inHand;
    const leave = await places.take(`${turn.ref.tenant} ${turn.agent}`, attention.patience);
    if (leave === null) return attention.standing === 'over' ? 'stopped' : 'paused';
    let hide = (): void => undefined;
    try {
      const messages = await messagesFor(directory, agent, context);
      if (messages instanceof Problem) return endOf(messages);
      const admission = breaker.admit();
      if (admission === null) {
        recorder.hold(turn, inHand.notes);
        return 'away';
      }
      const answering: Answering = {
        ...{ turn, agent, attention, messages, messageId: context.messageId },
        run: attention.own.run,
        type: attention.state.type,
        dataClass: classOf(context),
        trace: context.entry.event.trace ?? null,
        isStreamed: !isRepeated && !inHand.hasBegun,
        onStreamed: () => {
          inHand.hasBegun = true;
        },
        ...{ notes: inHand.notes, admission },
      };
      metrics.agentTurns.add('begun', 1);
      hide = recorder.begin(turn, inHand.notes);
      const { tenant, conversation } = turn.ref;
      const facts = { tenant, conversation, agent: turn.agent, run: answering.run };
      const start = { name: 'agent turn', kind: 'consumer', parent: turn.trace ?? null, facts } as const;
      return await (tracing.isOn ? tracing.run(start, () => speak(deps, answering)) : speak(deps, answering));
    } finally {
      hide();
      leave();
    }
  }

  function onModelState(state: BreakerState): void {
    metrics.modelOpen.set(state === 'closed' ? 0 : 1);
    const { name: model } = deps.model;
    if (state === 'open')
      logger.warn({ model }, 'A model is left alone for a while: it fails again and again');
    else if (state === 'closed') logger.info({ model }, 'A model answers again');
  }

  /** Whoever waits, reads or looks it up later is told how it ended. */
  async function over({ turn, notes, hasBegun, isRepeated }: InHand, outcome: TurnOutcome): Promise<void> {
    metrics.agentTurns.add(outcome, 1);
    const of = turnOf(turn);
    if (outcome !== 'answered') {
      tellEndedTurn(deps.link, of, outcome);
      const { run, answer: messageId } = turnNames(ids, of);
      const { conversation, agent: author } = of;
      const isUnseen = !hasBegun && !isRepeated;
      // Whoever was to be answered and saw nothing yet would wait for it.
      if (!isUnseen || outcome === 'failed' || outcome === 'too old')
        await live.abandon(of.tenant, { conversation, messageId, run, author, isUnseen });
    }
    await recorder.end(turn, notes, outcome);
  }

  async function take(taken: TakenTurn): Promise<void> {
    const notes = new TurnNotes(clock.nowMicros());
    const inHand: InHand = { ...taken, hasBegun: false, notes };
    const { turn, draining, signal } = taken;
    let failures = 0;
    for (let pauseMs: number = limits.agentRetryMsMin; ; ) {
      const isTooOld = clock.nowMicros() > turn.at + limits.agentTurnAgeMs * 1000;
      const end = isTooOld ? 'passed' : await attempt(inHand);
      if (signal.aborted && end !== 'answered') throw new Error('the node closes');
      if (end === 'failed') failures += 1;
      if (failures >= limits.agentAttemptsMax) {
        logger.warn({ ...turnFields(turn), model: deps.model.name }, 'An agent gives no answer');
        return await over(inHand, 'failed');
      }
      if (isTooOld) return await over(inHand, 'too old');
      if (end === 'passed' || end === 'answered' || end === 'stopped') return await over(inHand, end);
      // Nothing is being said: another node need not wait for what this one may do while it drains.
      if (draining.aborted) throw new Error('the node drains');
      if (end === 'paused') continue;
      await pause(clock, pauseMs, draining);
      pauseMs = Math.min(pauseMs * 2, limits.agentRetryMsMax);
    }
  }

  return { take, close: heeded.close };
}
