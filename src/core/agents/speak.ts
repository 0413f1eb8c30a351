/** One attempt at an answer: the model is asked, its words are streamed, and the whole becomes a message. */
import { plainPost } from '../../domain/command.ts';
import type { ConversationType, DataClass } from '../../domain/event.ts';
import { limits } from '../../domain/limits.ts';
import { Problem } from '../../domain/problem.ts';
import { type Micros, parseMicros } from '../../domain/time.ts';
import type { AgentTurn } from '../../ports/agents/agent-turns.ts';
import type { Model, ModelMessage } from '../../ports/agents/model.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Logger } from '../../ports/logger.ts';
import type { Tracing } from '../../ports/tracing.ts';
import type { Bus, LiveBus, Outcome } from '../bus.ts';
import type { Attention } from './attention.ts';
import type { Admission } from './model/circuit-breaker.ts';
import { heardAnswer } from './model/heard-answer.ts';
import { pause } from './pause.ts';
import type { Said, TurnNotes } from './records/turn-notes.ts';
import type { RunningAgent } from './running-agent.ts';
import { endOf, type TurnEnd } from './turns/turn-end.ts';

export interface Answering {
  readonly turn: AgentTurn;
  readonly agent: RunningAgent;
  readonly attention: Attention;
  readonly messages: readonly ModelMessage[];
  readonly run: string;
  /** Of the answer. */
  readonly messageId: string;
  readonly type: ConversationType;
  readonly dataClass: DataClass;
  readonly trace: string | null;
  /** False: somebody has begun to stream it already. */
  readonly isStreamed: boolean;
  /** There are words in its draft from now on. */
  readonly onStreamed: () => void;
  readonly notes: TurnNotes;
  readonly admission: Admission;
}

export interface SpeakingDeps {
  readonly bus: Pick<Bus, 'dispatch' | 'context'>;
  readonly live: Pick<LiveBus, 'delta' | 'typing'>;
  readonly model: Model;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly tracing: Tracing;
}

export async function speak(deps: SpeakingDeps, answering: Answering): Promise<TurnEnd> {
  const { turn, agent, attention } = answering;
  const { principal } = agent;
  const { conversation } = turn.ref;
  // Nobody waits for it: whether somebody is told that it types changes nothing.
  const type = (state: 'start' | 'stop'): void => void deps.live.typing({ principal }, conversation, state);
  const endTyping = repeatedly(deps.clock, limits.typingMs / 2, () => type('start'));
  try {
    const text = await listened(deps, answering);
    tellBreaker(answering.admission, text);
    if (text === null) return endOfStanding(attention);
    if (text instanceof Problem) {
      deps.logger.warn({ agent: principal.id, model: deps.model.name, code: text.code }, 'A model failed');
      return 'failed';
    }
    return await post(deps, answering, text);
  } finally {
    endTyping();
    type('stop');
  }
}

/** Of what was refused, and where there was nothing to say, the model is not to blame. */
function tellBreaker(admission: Admission, text: string | null | Problem): void {
  if (text === null) admission.gaveUp();
  else if (!(text instanceof Problem)) admission.succeeded();
  else if (text.code === 'invalid_request' || text.reason === 'said_nothing') admission.succeeded();
  else admission.failed();
}

/** Now, and then every `everyMs`; the returned function ends it. */
function repeatedly(clock: Pick<Clock, 'after'>, everyMs: number, run: () => void): () => void {
  let cancel: () => void = () => undefined;
  const again = (): void => {
    run();
    cancel = clock.after(everyMs, again);
  };
  again();
  return () => cancel();
}

async function listened(
  { model, clock, live, tracing }: SpeakingDeps,
  answering: Answering,
): Promise<string | null | Problem> {
  const { turn, agent, attention, messages, type, run, messageId, dataClass } = answering;
  const { principal, profile } = agent;
  const { tenant, conversation } = turn.ref;
  let isStreaming = answering.isStreamed;
  let index = 0;
  let chars = 0;
  let firstPieceAt: Micros | null = null;
  const startedAt = clock.nowMicros();

  /** A draft that cannot be continued is replaced by the answer; what forbids both ends the run. */
  function onProblem(problem: Problem): void {
    isStreaming = false;
    attention.refused(problem);
  }

  async function stream(piece: string): Promise<void> {
    firstPieceAt ??= clock.nowMicros();
    chars += piece.length;
    if (!isStreaming) return;
    answering.onStreamed();
    const delta = { conversation, messageId, run, index, text: piece, dataClass };
    index += 1;
    const refused = await live.delta({ principal }, delta, onProblem);
    if (refused !== null) onProblem(refused);
  }

  const request = { tenant, conversation, type, agent: profile, message: turn.message, messages };
  const ask = (): ReturnType<typeof heardAnswer> =>
    heardAnswer({ model, request, signal: attention.signal, clock, onPiece: stream });
  const text = await (tracing.isOn ? traced(tracing, model.name, ask) : ask());
  const problem = text instanceof Problem ? { code: text.code, reason: text.reason } : null;
  const endedAt = clock.nowMicros();
  if (text !== null)
    answering.notes.calls.push({ model: model.name, startedAt, firstPieceAt, endedAt, chars, problem });
  return text;
}

function traced(
  tracing: Tracing,
  model: string,
  ask: () => ReturnType<typeof heardAnswer>,
): ReturnType<typeof heardAnswer> {
  const turn = tracing.current();
  if (turn === null) return ask();
  const facts = { 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': model };
  return tracing.run({ name: 'model', kind: 'client', parent: turn.traceparent, facts }, ask);
}

/** A server that is away is waited for: what was said is not asked for again. */
async function post({ bus, clock }: SpeakingDeps, answering: Answering, text: string): Promise<TurnEnd> {
  const { turn, agent, attention, type, run, messageId, dataClass, trace } = answering;
  const context = bus.context(turn.ref.conversation, { dataClass, trace });
  for (let pauseMs: number = limits.agentRetryMsMin; ; ) {
    if (attention.signal.aborted) return endOfStanding(attention);
    const posted = await bus.dispatch(
      agent.principal,
      {
        ...plainPost(text),
        ...{ messageId, run, clientId: run, endRun: true },
        replyTo: type === 'group' ? turn.message : null,
      },
      context,
    );
    if (!(posted instanceof Problem)) {
      answering.notes.said = saidWith(posted, answering, text);
      return 'answered';
    }
    // Another attempt was faster, in other words.
    if (posted.code === 'conflict') return 'answered';
    const end = endOf(posted);
    const isOver = clock.nowMicros() > turn.at + limits.agentTurnAgeMs * 1000;
    if (end !== 'away' || isOver) return end;
    await pause(clock, pauseMs, attention.signal);
    pauseMs = Math.min(pauseMs * 2, limits.agentRetryMsMax);
  }
}

function saidWith(
  { events, duplicate }: Outcome,
  { messageId, dataClass, turn }: Answering,
  text: string,
): Said {
  const at = duplicate?.at ?? parseMicros(events.at(-1)?.at ?? '') ?? turn.at;
  return { message: messageId, text, at, dataClass, isInterrupted: false };
}

/** Interrupted: for how long? */
function endOfStanding({ standing }: Attention): TurnEnd {
  return standing === 'over' ? 'stopped' : 'paused';
}
