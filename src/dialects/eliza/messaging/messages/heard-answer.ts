/**
 * A message whose client waits for what the agent says to it: with the reply (`http`), or as it is spoken (`sse`). The
 * answer is a message of the channel like any other, so sockets hear it, too.
 */
import type { Reply } from '../../../../contract/operation.ts';
import { ReplyFeed } from '../../../../contract/reply-feed.ts';
import type { PrincipalId } from '../../../../domain/ids.ts';
import { limits } from '../../../../domain/limits.ts';
import type { Principal } from '../../../../domain/principal.ts';
import { Problem } from '../../../../domain/problem.ts';
import type { AnswerPiece, ExpectedAnswer } from '../../../../ports/agents/agent-answers.ts';
import type { ElizaDeps } from '../../deps.ts';
import { CodedProblem } from '../../refuse.ts';
import { runningAgent } from '../../running-agent.ts';
import type { Said } from '../acting.ts';
import type { ChannelMessage } from './channel-message.ts';
import { busMessage, listedRow, type MessageEvent } from './encode-message.ts';
import { type PostedMessage, postInto, type SpeakingPlace } from './post-to-channel.ts';
import type { Transport } from './transport.ts';

type Deps = Pick<ElizaDeps, 'bus' | 'answers' | 'ids' | 'directory' | 'agents'>;

/** What the agent said, in the form of both transports. */
export interface AgentResponse {
  readonly text: string;
  readonly thought?: unknown;
  readonly actions?: unknown;
  readonly providers: readonly string[];
  readonly responseId: string;
  readonly inReplyTo: string;
  readonly agentId: string;
}

interface HeardAnswer {
  readonly posted: PostedMessage;
  readonly response: AgentResponse;
}

export interface Saying {
  readonly place: SpeakingPlace;
  readonly message: ChannelMessage;
  readonly said: Said;
  /** The request, for who waits: asked only then. */
  readonly client: { readonly gone: AbortSignal };
}

/** Posts a message, and answers the way that its client wants to hear; `beside`: what else an answer of JSON has. */
export async function replyBy(
  deps: Deps,
  transport: Transport,
  saying: Saying,
  beside: Readonly<Record<string, unknown>> = {},
): Promise<Reply | Problem> {
  if (transport === 'sse') return await postAndStream(deps, saying);
  const heard = transport === 'http' ? await postAndHear(deps, saying) : null;
  if (heard instanceof Problem) return heard;
  const posted = heard?.posted ?? (await postInto(deps, saying.place, saying.message, saying.said));
  if (posted instanceof Problem) return posted;
  const userMessage = busMessage(posted.message.event, posted.server);
  const response = heard === null ? {} : { agentResponse: heard.response };
  return { status: 201, body: { success: true, userMessage, ...response, ...beside } };
}

/**
 * Answers when the agent has, and does not wait for a client that went away. The message is stored also where no answer comes: sent again with the same id, it is
 * answered with what was said meanwhile.
 */
async function postAndHear(deps: Deps, saying: Saying): Promise<HeardAnswer | Problem> {
  const asked = await ask(deps, saying, () => undefined, saying.client.gone);
  if (asked instanceof Problem) return asked;
  const { posted, expected } = asked;
  const answer = await expected.answer;
  if (!(answer instanceof Problem)) return { posted, response: responseOf(answer.event, posted) };
  const { reason, retryAfterMs = 1_000 } = answer;
  return new Problem('unavailable', 'Failed to process message in HTTP transport', {
    ...(reason === undefined ? {} : { reason }),
    retryAfterMs,
  });
}

/** `user_message`, `chunk`s, and `done` or `error`: the reply ends with one of them. */
async function postAndStream(deps: Deps, saying: Saying): Promise<Reply | Problem> {
  let cancel = (): void => undefined;
  const feed = new ReplyFeed(() => cancel());
  // What is said before the message itself was told waits for it.
  const early: AnswerPiece[] = [];
  let tell = (piece: AnswerPiece): void => void early.push(piece);
  const asked = await ask(deps, saying, (piece) => tell(piece));
  if (asked instanceof Problem) return asked;
  const { posted, expected } = asked;
  cancel = () => expected.cancel();
  feed.push(lines('user_message', busMessage(posted.message.event, posted.server)));
  tell = ({ message: messageId, text, index }) =>
    feed.push(lines('chunk', { messageId, chunk: text, index, type: 'chunk', text }));
  for (const piece of early) tell(piece);
  void expected.answer.then((answer) => {
    feed.push(
      answer instanceof Problem
        ? lines('error', { error: answer.message, type: 'error' })
        : lines('done', { ...responseOf(answer.event, posted), type: 'complete' }),
    );
    feed.end();
  });
  return {
    status: 200,
    contentType: 'text/event-stream',
    stream: { lengthBytes: null, pieces: feed },
    headers: { 'X-Accel-Buffering': 'no' },
  };
}

/** The answer is expected before the message is posted where its author takes part: then no word is missed. */
async function ask(
  deps: Deps,
  { place, message, said }: Saying,
  onPiece: (piece: AnswerPiece) => void,
  signal?: AbortSignal,
): Promise<{ readonly posted: PostedMessage; readonly expected: ExpectedAnswer } | Problem> {
  const { bus, answers, ids } = deps;
  const { author, agent, ref, state } = place;
  if (agent === null) return new Problem('invalid_request', 'No agent found in channel participants');
  const stopped = await refuseStopped(deps, author, agent);
  if (stopped !== null) return stopped;
  const messageId = message.messageId ?? ids.next();
  const { answerHeardMsMax: timeoutMs } = limits;
  const request = {
    ...{ conversation: ref.conversation, message: messageId, agent, onPiece, timeoutMs },
    ...(signal === undefined ? {} : { signal }),
  };
  const early = state.participants.has(author.id) ? await answers.expect(author, request) : null;
  if (early instanceof Problem) return inWords(early, agent);
  const posted = await postInto({ bus }, place, { ...message, messageId }, said);
  if (posted instanceof Problem) {
    early?.cancel();
    return posted;
  }
  const expected = early ?? (await answers.expect(author, request));
  if (expected instanceof Problem) return inWords(expected, agent);
  if (early === null || posted.isRepeated) await expected.lookBack(posted.message.event.data.message_id);
  return { posted, expected };
}

/** One that was made here answers only while it runs. Of another API's a process outside may say something. */
async function refuseStopped(deps: Deps, author: Principal, agent: PrincipalId): Promise<Problem | null> {
  const character = await deps.agents.characterOf(author.tenant, agent);
  if (character === null || character instanceof Problem) return character;
  const running = await runningAgent(deps, author, agent);
  if (!(running instanceof Problem)) return null;
  if (running.code !== 'not_found') return running;
  return new CodedProblem('not_found', 'AGENT_NOT_FOUND', `Agent ${agent} is not running`, {
    agentId: agent,
  });
}

function inWords(problem: Problem, agent: string): Problem {
  return problem.code === 'not_found' ? noAgent(agent, 'not found') : problem;
}

function noAgent(agentId: string, what: string): Problem {
  return new CodedProblem('not_found', 'AGENT_NOT_FOUND', `Agent ${agentId} ${what}`, { agentId });
}

function responseOf(event: MessageEvent, { message }: PostedMessage): AgentResponse {
  const { content: text, metadata, id: responseId, authorId: agentId } = listedRow({ event, editedAt: null });
  const { thought, actions } = metadata;
  return {
    text,
    ...(thought === undefined ? {} : { thought }),
    ...(actions === undefined ? {} : { actions }),
    ...{ providers: [], responseId, inReplyTo: message.event.data.message_id, agentId },
  };
}

/** JSON has no line feeds of its own. */
function lines(event: string, data: object): string {
  return `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}
