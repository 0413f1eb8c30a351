/**
 * A native socket (contracts/native.md §1) with nothing around it, for what measures. parley/client hides just what a
 * bench is to find: it connects again, asks again what was refused, and puts in order and once what comes. Here a
 * connection that is lost stays lost, a refusal is an answer that counts, and frames are seen as they came.
 */
import { WebSocket } from '../../../client/node-web-socket.ts';
import { Failure } from '../../failure.ts';
import { type Account, tokenOf, unreachable } from '../account.ts';
import { Refused } from '../with-client.ts';

/** A reply that is no problem, or a frame that the server sent unasked. */
export type Frame = Readonly<Record<string, unknown>>;

export interface BareSocket {
  /** Sends `op` and answers its reply. Rejects with RefusedNow for a problem, with a Failure when it is lost. */
  request(op: string, fields: Frame): Promise<Frame>;
  /** The same, again after the pause that the server names, while it says that one may. */
  patientRequest(op: string, fields: Frame): Promise<Frame>;
  close(): void;
}

export class RefusedNow extends Refused {
  /** After which it may be asked again; null where that does not help. */
  readonly retryAfterMs: number | null;

  constructor(code: string, message: string, retryAfterMs: number | null) {
    super(code, `${code}: ${message}`);
    this.retryAfterMs = retryAfterMs;
  }
}

/** How long the handshake, and how long an answer, may take. */
const handshakeMsMax = 10_000;
const answerMsMax = 30_000;
/** An open connection is asked this often whether it still is one. */
const probeMs = 25_000;
/** How often a request that is refused for now is made. */
const patienceMax = 20;

/** Connects with the account's token. `onPush` is called for every frame that answers no request, in order. */
export async function openBareSocket(account: Account, onPush: (push: Frame) => void): Promise<BareSocket> {
  return speak(await handshake(account, await tokenOf(account)), onPush);
}

function handshake({ url, whenRefused }: Account, token: string): Promise<WebSocket> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/v1/socket`, 'parley.v1', {
      headers: { authorization: `Bearer ${token}` },
      handshakeTimeout: handshakeMsMax,
      perMessageDeflate: false,
    });
    // Frames that arrive together with the handshake must find their listener: none may be missed.
    socket.pause();
    socket.once('open', () => resolve(socket));
    socket.once('unexpected-response', (_request, response) => {
      response.resume();
      const { statusCode } = response;
      reject(new Failure(statusCode === 401 ? whenRefused : `the handshake was answered ${statusCode}`));
      socket.terminate();
    });
    socket.on('error', (error) => reject(unreachable(url, error)));
  });
}

type Waiting = { readonly resolve: (reply: Frame) => void; readonly reject: (error: Failure) => void };

function speak(socket: WebSocket, onPush: (push: Frame) => void): BareSocket {
  const waiting = new Map<string, Waiting>();
  let counter = 0;
  const lost = (): Failure => new Failure('the connection to the node was lost');

  function request(op: string, fields: Frame): Promise<Frame> {
    if (socket.readyState !== WebSocket.OPEN) return Promise.reject(lost());
    counter += 1;
    const id = String(counter);
    const late = setTimeout(() => socket.terminate(), answerMsMax);
    return new Promise<Frame>((resolve, reject) => {
      waiting.set(id, { resolve, reject });
      socket.send(JSON.stringify({ ...fields, op, id }));
    }).finally(() => clearTimeout(late));
  }

  const probe = setInterval(() => void request('ping', {}).catch(() => undefined), probeMs);
  socket.once('close', () => {
    clearInterval(probe);
    for (const { reject } of waiting.values()) reject(lost());
    waiting.clear();
  });
  socket.on('message', (bytes) => {
    const frame = JSON.parse(String(bytes)) as Frame;
    const asked = typeof frame['re'] === 'string' ? waiting.get(frame['re']) : undefined;
    if (asked === undefined) return onPush(frame);
    waiting.delete(frame['re'] as string);
    settle(frame, asked);
  });
  socket.resume();
  return { request, patientRequest: patiently(request), close: () => socket.close(1000) };
}

function patiently(request: BareSocket['request']): BareSocket['patientRequest'] {
  return async (op, fields) => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await request(op, fields);
      } catch (error) {
        const waitMs = error instanceof RefusedNow ? error.retryAfterMs : null;
        if (waitMs === null || attempt === patienceMax) throw error;
        await new Promise((resolve) => setTimeout(resolve, waitMs));
      }
    }
  };
}

type WireProblem = { readonly code?: string; readonly message?: string; readonly retry_after_ms?: number };

function settle(frame: Frame, { resolve, reject }: Waiting): void {
  if (frame['ok'] === true) return resolve(frame);
  const { code = 'internal', message = '', retry_after_ms = null } = (frame['problem'] ?? {}) as WireProblem;
  reject(new RefusedNow(code, message, retry_after_ms));
}
