/** One attempt at a turn: the agent reads, finds out whether it is to answer, waits for a place, and speaks. */
import type { PrincipalId, TenantId } from '../../domain/ids.ts';
import { limits } from '../../domain/limits.ts';
import { Problem } from '../../domain/problem.ts';
import type { TimelineEntry } from '../../domain/timeline.ts';
import type { TakenTurn } from '../../ports/agents/agent-turns.ts';
import type { Agents } from '../../ports/agents/agents.ts';
import type { IdSource } from '../../ports/id-source.ts';
import type { Metrics } from '../../ports/metrics.ts';
import type { Bus, LiveBus, WatchedConversation } from '../bus.ts';
import { Places } from '../places.ts';
import { Attention } from './attention.ts';
import { type HeededChanges, heedChanges } from './heed-changes.ts';
import { isToAnswer } from './is-to-answer.ts';
import type { CircuitBreaker } from './model/circuit-breaker.ts';
import type { TurnNotes } from './records/turn-notes.ts';
import type { TurnRecorder } from './records/turn-recorder.ts';
import { findRunningAgent, type RunningAgent, type RunningAgentDeps } from './running-agent.ts';
import { type Answering, type SpeakingDeps, speak } from './speak.ts';
import { classOf, messagesFor, readTurnContext, type TurnContext } from './turns/turn-context.ts';
import { endOf, type TurnEnd } from './turns/turn-end.ts';
import { turnNames, turnOf } from './turns/turn-names.ts';

export interface TurnAttemptsDeps extends SpeakingDeps, RunningAgentDeps {
  readonly bus: Bus;
  readonly live: Pick<LiveBus, 'watch' | 'delta' | 'typing'>;
  readonly agents: Pick<Agents, 'characterOf' | 'onChanged'>;
  readonly ids: Pick<IdSource, 'fromName'>;
  readonly recorder: TurnRecorder;
  readonly metrics: Pick<Metrics, 'agentTurns'>;
}

/** What is known of a turn beyond its message, while it is in hand. */
export interface InHand extends TakenTurn {
  /** Its draft may hold words of another attempt: then only the whole answer counts. */
  hasBegun: boolean;
  readonly notes: TurnNotes;
}

export class TurnAttempts {
  readonly #deps: TurnAttemptsDeps;
  readonly #breaker: CircuitBreaker;
  readonly #heeded: HeededChanges;
  readonly #places = new Places({
    perKeyMax: limits.agentRunsPerAgentMax,
    inAllMax: limits.agentRunsPerNodeMax,
  });

  constructor(deps: TurnAttemptsDeps, breaker: CircuitBreaker) {
    this.#deps = deps;
    this.#breaker = breaker;
    this.#heeded = heedChanges(deps);
  }

  /** Changes of agents are not heeded any more. */
  close(): void {
    this.#heeded.close();
  }

  async attempt(inHand: InHand): Promise<TurnEnd> {
    const { turn } = inHand;
    const { tenant, conversation } = turn.ref;
    const own = { run: turnNames(this.#deps.ids, turnOf(turn)).run, agent: turn.agent, seq: turn.seq };
    const attention = new Attention(own, inHand, this.#deps.clock);
    const leave = this.#heeded.add(tenant, turn.agent, attention);
    let watched: WatchedConversation | null = null;
    try {
      const agent = await this.#surelyRunning(tenant, turn.agent);
      if (agent === null) return 'passed';
      if (agent instanceof Problem) return endOf(agent);
      const found = await this.#deps.live.watch(agent.principal, conversation, attention.take);
      if (found instanceof Problem) return endOf(found);
      watched = found;
      attention.begin(watched);
      return await this.#attend(inHand, agent, attention);
    } finally {
      leave();
      attention.close();
      watched?.stop();
    }
  }

  /** Whoever made the turn knew that it runs: that it was started may be news here that is still on its way. */
  async #surelyRunning(tenant: TenantId, id: PrincipalId) {
    const known = await findRunningAgent(this.#deps, tenant, id);
    return known ?? (await findRunningAgent(this.#deps, tenant, id, true));
  }

  async #attend(inHand: InHand, agent: RunningAgent, attention: Attention): Promise<TurnEnd> {
    const { turn, notes } = inHand;
    const context = await readTurnContext(this.#deps.bus, agent, turn);
    if (context instanceof Problem) return endOf(context);
    if (context === null) return 'passed';
    for (const { event } of context.later) attention.take(event);
    const messageId = turnNames(this.#deps.ids, turnOf(turn)).answer;
    const { entry, before, repliesTo } = context;
    const { state } = attention;
    const answer = await this.#answerOf(inHand, agent, context, messageId);
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
    const end = await this.#inPlace(inHand, agent, attention, { ...context, messageId });
    if (end !== 'answered' || notes.said !== null) return end;
    // Another attempt was faster, in words that are not known here.
    const found = await this.#deps.bus.entry(agent.principal, turn.ref.conversation, messageId, null);
    if (found !== null && !(found instanceof Problem)) notes.say(found);
    return end;
  }

  /** Its own answer may be far behind by now: only a turn that somebody had before is looked up. */
  async #answerOf(
    { turn, isRepeated, hasBegun }: InHand,
    { principal }: RunningAgent,
    { later }: TurnContext,
    messageId: string,
  ): Promise<TimelineEntry | null | Problem> {
    const among = later.find(({ event }) => event.type !== 'control' && event.data.message_id === messageId);
    if (among !== undefined || !(isRepeated || hasBegun)) return among ?? null;
    return await this.#deps.bus.entry(principal, turn.ref.conversation, messageId, null);
  }

  async #inPlace(
    inHand: InHand,
    agent: RunningAgent,
    attention: Attention,
    context: TurnContext & { readonly messageId: string },
  ): Promise<TurnEnd> {
    const { turn, isRepeated } = inHand;
    const leave = await this.#places.take(`${turn.ref.tenant} ${turn.agent}`, attention.patience);
    if (leave === null) return attention.standing === 'over' ? 'stopped' : 'paused';
    let hide = (): void => undefined;
    try {
      const messages = await messagesFor(this.#deps.directory, agent, context);
      if (messages instanceof Problem) return endOf(messages);
      const admission = this.#breaker.admit();
      if (admission === null) {
        this.#deps.recorder.hold(turn, inHand.notes);
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
      this.#deps.metrics.agentTurns.add('begun', 1);
      hide = this.#deps.recorder.begin(turn, inHand.notes);
      return await this.#spoken(answering);
    } finally {
      hide();
      leave();
    }
  }

  /** In a span of its own, where turns are traced. */
  #spoken(answering: Answering): Promise<TurnEnd> {
    const { tracing } = this.#deps;
    if (!tracing.isOn) return speak(this.#deps, answering);
    const { turn, run } = answering;
    const { tenant, conversation } = turn.ref;
    const facts = { tenant, conversation, agent: turn.agent, run };
    const start = { name: 'agent turn', kind: 'consumer', parent: turn.trace ?? null, facts } as const;
    return tracing.run(start, () => speak(this.#deps, answering));
  }
}
