/**
 * The Model port over an endpoint with the API of OpenAI's chat completions, streamed. Node's own client: it
 * follows no redirect, and its Agent bounds the connections.
 */
import {
  type ClientRequest,
  type IncomingMessage,
  Agent as PlainAgent,
  request as plainRequest,
} from 'node:http';
import { Agent as TlsAgent, request as tlsRequest } from 'node:https';
import { limits } from '../../domain/limits.ts';
import { Problem } from '../../domain/problem.ts';
import type { Model, ModelRequest } from '../../ports/agents/model.ts';
import { dataLines } from './event-lines.ts';
import { promptOf } from './prompt.ts';

export interface ChatCompletionsOptions {
  /** `https://host/v1`; with or without `/chat/completions`. */
  readonly url: string;
  /** Sent as a bearer token; null: none. */
  readonly key: string | null;
  readonly model: string;
}

export interface ChatCompletions extends Model {
  close(): void;
}

const agentOptions = { keepAlive: true, maxSockets: limits.agentRunsPerNodeMax, maxFreeSockets: 8 } as const;
const path = '/chat/completions';

/** Opens no connection before it is asked. */
export function openChatCompletions({ url, key, model }: ChatCompletionsOptions): ChatCompletions {
  const base = url.replace(/\/+$/, '');
  const target = base.endsWith(path) ? base : `${base}${path}`;
  const agents = { plain: new PlainAgent(agentOptions), tls: new TlsAgent(agentOptions) };

  function post(asked: ModelRequest, signal: AbortSignal): ClientRequest {
    const body = Buffer.from(
      JSON.stringify({ model, stream: true, ...settingsOf(asked), messages: promptOf(asked) }),
    );
    const headers = {
      ...{ 'content-type': 'application/json', accept: 'text/event-stream' },
      'content-length': String(body.length),
      ...(key === null ? {} : { authorization: `Bearer ${key}` }),
    };
    const options = { method: 'POST', headers, signal };
    const sent = target.startsWith('https:')
      ? tlsRequest(target, { ...options, agent: agents.tls })
      : plainRequest(target, { ...options, agent: agents.plain });
    sent.end(body);
    return sent;
  }

  async function* answer(asked: ModelRequest, signal: AbortSignal): AsyncGenerator<string | Problem> {
    try {
      const response = await responseTo(post(asked, signal));
      const isStream = response.headers['content-type']?.includes('text/event-stream') ?? false;
      if (response.statusCode !== 200 || !isStream) {
        response.destroy();
        yield refusal(response);
        return;
      }
      yield* spoken(response);
    } catch {
      // The connection broke, or `signal` ended it: then nobody listens.
      yield new Problem('unavailable', 'The model cannot be reached.');
    }
  }

  return {
    name: model,
    answer,
    close() {
      agents.plain.destroy();
      agents.tls.destroy();
    },
  };
}

function settingsOf({ agent }: ModelRequest): { readonly temperature?: number } {
  const temperature = agent.character?.temperature ?? null;
  return temperature === null ? {} : { temperature };
}

function responseTo(sent: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    sent.once('response', resolve);
    // Also after the response: the reader of its body learns of it.
    sent.on('error', reject);
  });
}

/** What an endpoint says of its refusal may hold content: only its status is told. */
function refusal({ statusCode = 0 }: IncomingMessage): Problem {
  return new Problem(
    isOfRequest(statusCode) ? 'invalid_request' : 'unavailable',
    `The model's endpoint answers with ${statusCode}, and no stream of events.`,
  );
}

/** What was asked is refused: too long, or of a kind that it does not speak about. The endpoint itself is well. */
function isOfRequest(status: number): boolean {
  return status === 400 || status === 413 || status === 422;
}

interface Chunk {
  readonly choices?: readonly {
    readonly delta?: { readonly content?: unknown };
    readonly finish_reason?: unknown;
  }[];
}

async function* spoken(response: IncomingMessage): AsyncGenerator<string | Problem> {
  let isFinished = false;
  for await (const line of dataLines(response)) {
    if (line instanceof Problem) return yield line;
    if (line === '[DONE]') return;
    const choice = parsed(line)?.choices?.[0];
    const content = choice?.delta?.content;
    if (typeof content === 'string' && content !== '') yield content;
    if (typeof choice?.finish_reason === 'string') isFinished = true;
  }
  if (!isFinished) yield new Problem('unavailable', 'The model broke off.');
}

function parsed(line: string): Chunk | null {
  try {
    const chunk: unknown = JSON.parse(line);
    return typeof chunk === 'object' ? (chunk as Chunk | null) : null;
  } catch {
    return null;
  }
}
