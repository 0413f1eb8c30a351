/** A client of the native socket (contracts/native.md §1): requests with their replies, pushes as they come. */
import { WebSocket } from '../../client/node-web-socket.ts';
import { Failure } from '../failure.ts';
import { type Account, unreachable } from './account.ts';

/** A reply that is no problem: the fields of the operation. */
export type Reply = Readonly<Record<string, unknown>>;
/** A frame that the server sent unasked: `{ev}`, `{pulse}`, `{delta}`, `{bye}` or `{hello}`. */
export type Push = Readonly<Record<string, unknown>>;

export interface SocketEnd {
  /** Close code, as in the table of closes; 1006 when the connection broke. */
  readonly code: number;
  readonly reason: string;
}

export interface NativeSocket {
  /** Sends `op` and answers its reply. Rejects with Refused for a problem, with Disconnected when it is lost. */
  request(op: string, fields: Readonly<Record<string, unknown>>): Promise<Reply>;
  /** The same, again after the pause that the server names, while it says `rate_limited`, `overloaded` or `unavailable`. */
  patientRequest(op: string, fields: Readonly<Record<string, unknown>>): Promise<Reply>;
  readonly closed: Promise<SocketEnd>;
  close(): void;
}

/** The server's problem: `code` is one of the problem table. */
export class Refused extends Failure {
  override readonly code: string;
  /** After which it may be asked again; null where that does not help. */
  readonly retryAfterMs: number | null;

  constructor(code: string, message: string, retryAfterMs: number | null = null) {
    super(`${code}: ${message}`);
    this.code = code;
    this.retryAfterMs = retryAfterMs;
  }
}

/** The connection ended before the answer: what was asked may have happened. */
export class Disconnected extends Failure {}

/** True for what another attempt a moment later may find better. */
export function mayPass(error: unknown): boolean {
  if (error instanceof Refused) return error.code === 'unavailable' || error.code === 'overloaded';
  return error instanceof Disconnected;
}

/** How long the handshake, and how long an answer, may take. */
const handshakeMsMax = 10_000;
const answerMsMax = 30_000;
/** An open connection is asked this often whether it still is one. */
const probeMs = 25_000;

/**
 * Connects with the account's token; a token that is refused is renewed once. Rejects with Disconnected
 * when nobody answers. `onPush` is called for every frame that answers no request, in order.
 */
export async function openNativeSocket(
  account: Account,
  onPush: (push: Push) => void,
): Promise<NativeSocket> {
  const socket =
    (await handshake(account.url, await account.token())) ??
    (await handshake(account.url, await account.token(true)));
  if (socket === null) throw new Failure('the node refused the token');
  return speak(socket, onPush);
}

/** An open socket, or null when the credentials were refused. */
function handshake(url: string, token: string): Promise<WebSocket | null> {
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
      if (response.statusCode === 401) resolve(null);
      else reject(new Disconnected(`${url} answered the handshake with ${response.statusCode}`));
      socket.terminate();
    });
    socket.on('error', (error) =>
      reject(new Disconnected(unreachable(url, error).message, 1, { cause: error })),
    );
  });
}

/** How often a request that is refused for now is made. */
const patienceMax = 20;

type Waiting = { readonly resolve: (reply: Reply) => void; readonly reject: (error: Failure) => void };

function speak(socket: WebSocket, onPush: (push: Push) => void): NativeSocket {
  const waiting = new Map<string, Waiting>();
  let counter = 0;
  const lost = (): Failure => new Disconnected('the connection to the node was lost');

  const closed = new Promise<SocketEnd>((resolve) => {
    socket.once('close', (code, reason) => {
      for (const { reject } of waiting.values()) reject(lost());
      waiting.clear();
      resolve({ code, reason: reason.toString('utf8') });
    });
  });

  function request(op: string, fields: Readonly<Record<string, unknown>>): Promise<Reply> {
    if (socket.readyState !== WebSocket.OPEN) return Promise.reject(lost());
    counter += 1;
    const id = String(counter);
    const late = setTimeout(() => socket.terminate(), answerMsMax);
    return new Promise<Reply>((resolve, reject) => {
      waiting.set(id, { resolve, reject });
      socket.send(JSON.stringify({ ...fields, op, id }));
    }).finally(() => clearTimeout(late));
  }

  async function patientRequest(op: string, fields: Readonly<Record<string, unknown>>): Promise<Reply> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await request(op, fields);
      } catch (error) {
        const waitMs = error instanceof Refused ? error.retryAfterMs : null;
        if (waitMs === null || attempt === patienceMax) throw error;
        await new Promise((resolve) => setTimeout(resolve, waitMs));
      }
    }
  }

  socket.on('message', (bytes) => {
    const frame = JSON.parse(String(bytes)) as Push;
    const asked = typeof frame['re'] === 'string' ? waiting.get(frame['re']) : undefined;
    if (asked === undefined) {
      onPush(frame);
      return;
    }
    waiting.delete(frame['re'] as string);
    settle(frame, asked);
  });
  const probe = setInterval(() => void request('ping', {}).catch(() => undefined), probeMs);
  void closed.then(() => clearInterval(probe));
  socket.resume();
  return { request, patientRequest, closed, close: () => socket.close(1000) };
}

type WireProblem = { readonly code?: string; readonly message?: string; readonly retry_after_ms?: number };

function settle(frame: Push, { resolve, reject }: Waiting): void {
  if (frame['ok'] === true) {
    resolve(frame);
    return;
  }
  const { code = 'internal', message = '', retry_after_ms = null } = (frame['problem'] ?? {}) as WireProblem;
  reject(new Refused(code, message, retry_after_ms));
}
