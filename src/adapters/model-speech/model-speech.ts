/**
 * The Speech port over an endpoint with the audio API of OpenAI (`/audio/speech`, `/audio/transcriptions`). Node's own
 * client: it follows no redirect, and its Agent bounds the connections.
 */
import {
  type ClientRequest,
  type IncomingMessage,
  Agent as PlainAgent,
  request as plainRequest,
} from 'node:http';
import { Agent as TlsAgent, request as tlsRequest } from 'node:https';
import { overloaded } from '../../domain/limiting/overload.ts';
import { limits } from '../../domain/limits.ts';
import { Problem } from '../../domain/problem.ts';
import type { Recording, Speech, SpokenAudio } from '../../ports/agents/speech.ts';
import { type FormBody, transcriptionForm } from './transcription-form.ts';

export interface ModelSpeechOptions {
  /** `https://host/v1`; with or without `/chat/completions`. */
  readonly url: string;
  /** Sent as a bearer token; null: none. */
  readonly key: string | null;
  readonly speechModel: string;
  readonly voice: string;
  readonly transcriptionModel: string;
}

export interface ModelSpeech extends Speech {
  close(): void;
}

interface Asked {
  readonly path: '/audio/speech' | '/audio/transcriptions';
  readonly body: FormBody;
  readonly timeoutMs: number;
  readonly answerBytesMax: number;
}

const agentOptions = { keepAlive: true, maxSockets: limits.speechCallsMax, maxFreeSockets: 4 } as const;

/** Opens no connection before it is asked. `not_implemented`: the endpoint has no audio. */
export function openModelSpeech(options: ModelSpeechOptions): ModelSpeech {
  const { key, speechModel, voice, transcriptionModel } = options;
  const base = options.url.replace(/\/+$/, '').replace(/\/chat\/completions$/, '');
  const agents = { plain: new PlainAgent(agentOptions), tls: new TlsAgent(agentOptions) };
  let underWay = 0;

  function begin({ path, body, timeoutMs }: Asked): ClientRequest {
    const headers = {
      ...{ 'content-type': body.contentType, 'content-length': String(body.lengthBytes) },
      ...(key === null ? {} : { authorization: `Bearer ${key}` }),
    };
    const target = `${base}${path}`;
    const sent = { method: 'POST', headers, signal: AbortSignal.timeout(timeoutMs) };
    return target.startsWith('https:')
      ? tlsRequest(target, { ...sent, agent: agents.tls })
      : plainRequest(target, { ...sent, agent: agents.plain });
  }

  async function ask(asked: Asked): Promise<Buffer | Problem> {
    if (underWay >= limits.speechCallsMax) return overloaded('speech');
    underWay += 1;
    const request = begin(asked);
    try {
      const answered = responseTo(request);
      // An endpoint may answer before it has read everything.
      const sent: Promise<Problem | IncomingMessage> = send(request, asked.body).then(
        async (refused) => refused ?? answered,
      );
      const response = await Promise.race([answered, sent]);
      return response instanceof Problem ? response : await wholeOf(response, asked.answerBytesMax);
    } catch {
      return new Problem('unavailable', 'The endpoint for speech cannot be reached.');
    } finally {
      request.destroy();
      underWay -= 1;
    }
  }

  return {
    async synthesize(text): Promise<SpokenAudio | Problem> {
      const wanted = { model: speechModel, voice, input: text, response_format: 'wav' };
      const bytes = await ask({
        ...{ path: '/audio/speech', body: jsonBody(wanted) },
        ...{ timeoutMs: limits.synthesisMsMax, answerBytesMax: limits.spokenBytesMax },
      });
      if (bytes instanceof Problem) return bytes;
      const contentType = audioTypeOf(bytes);
      if (contentType === null)
        return new Problem('unavailable', 'The endpoint for speech answers with no sound.');
      return { bytes, contentType };
    },
    async transcribe(recording: Recording): Promise<string | Problem> {
      const bytes = await ask({
        ...{ path: '/audio/transcriptions', body: transcriptionForm(recording, transcriptionModel) },
        ...{ timeoutMs: limits.transcriptionMsMax, answerBytesMax: limits.transcriptBytesMax },
      });
      if (bytes instanceof Problem) return bytes;
      return (
        transcriptOf(bytes) ?? new Problem('unavailable', 'The endpoint for speech answers with no text.')
      );
    },
    close() {
      agents.plain.destroy();
      agents.tls.destroy();
    },
  };
}

function jsonBody(value: object): FormBody {
  const bytes = Buffer.from(JSON.stringify(value));
  async function* pieces() {
    yield bytes;
  }
  return { contentType: 'application/json', lengthBytes: bytes.length, pieces };
}

/** A Problem: of the pieces. */
async function send(request: ClientRequest, body: FormBody): Promise<Problem | null> {
  for await (const piece of body.pieces()) {
    if (piece instanceof Problem) return piece;
    if (request.destroyed) return null;
    // A copy: a piece is valid until the next one is asked for.
    await new Promise<void>((resolve) => request.write(Buffer.from(piece), () => resolve()));
  }
  request.end();
  return null;
}

function responseTo(request: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request.once('response', resolve);
    // Also after the response: the reader of its body learns of it.
    request.on('error', reject);
  });
}

async function wholeOf(response: IncomingMessage, bytesMax: number): Promise<Buffer | Problem> {
  const refused = refusal(response.statusCode ?? 0);
  if (refused !== null) return refused;
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of response) {
    bytes += (piece as Buffer).length;
    if (bytes > bytesMax) return new Problem('unavailable', 'The endpoint for speech says too much.');
    pieces.push(piece as Buffer);
  }
  return Buffer.concat(pieces);
}

/** What an endpoint says of its refusal may hold content: only its status is told. */
function refusal(status: number): Problem | null {
  if (status === 200) return null;
  if (status === 404 || status === 405 || status === 501) return new Problem('not_implemented');
  if (status === 413) return new Problem('too_large', 'The endpoint for speech takes no more at once.');
  if (status === 400 || status === 415 || status === 422)
    return new Problem('invalid_request', 'The endpoint for speech cannot use it.');
  return new Problem('unavailable', `The endpoint for speech answers with ${status}.`);
}

function audioTypeOf(bytes: Buffer): SpokenAudio['contentType'] | null {
  if (bytes.toString('latin1', 0, 4) === 'RIFF' && bytes.toString('latin1', 8, 12) === 'WAVE')
    return 'audio/wav';
  const isFrame = bytes[0] === 0xff && ((bytes[1] ?? 0) & 0xe0) === 0xe0;
  return isFrame || bytes.toString('latin1', 0, 3) === 'ID3' ? 'audio/mpeg' : null;
}

function transcriptOf(bytes: Buffer): string | null {
  try {
    const { text } = JSON.parse(bytes.toString('utf8')) as { readonly text?: unknown };
    return typeof text === 'string' ? text.trim() : null;
  } catch {
    return null;
  }
}
