/** One socket: requests with their replies, pushes as they come, signs of life, and its end. */
import { bounds } from '../bounds.ts';
import { ParleyProblem, type ProblemFields, problemOf } from '../problem.ts';
import type { Hello, ServerFrame } from '../wire.ts';
import type { WebSocketConstructor, WebSocketLike } from './web-socket.ts';

export type Fields = Readonly<Record<string, unknown>>;
/** Fields of a reply that is no problem. */
export type Reply = ServerFrame;
/** `chars`: the length of the frame's text. */
export type OnPush = (frame: ServerFrame, chars: number) => void;

export interface ConnectionEnd {
  /** 1006 when the connection broke, or gave no sign of life. */
  readonly code: number;
  readonly reason: string;
  /** What the server said before: when to come back. */
  readonly retryAfterMs: number | undefined;
  /** What the platform says of a connection that failed; browsers say nothing. */
  readonly cause: unknown;
}

export interface ConnectionOptions {
  readonly url: string;
  readonly protocols: string[];
  readonly WebSocket: WebSocketConstructor;
  readonly heartbeatMs: number;
}

/** There are two looks in the time of a heartbeat: so it counts as lost after two of them. */
const silentLooksMax = 3;

interface Waiting {
  readonly sentAt: number;
  readonly resolve: (reply: Reply) => void;
  readonly reject: (error: ParleyProblem) => void;
}

export class Connection {
  /** Resolved when the handshake is over; never rejected: `closed` tells of a failure. */
  readonly opened: Promise<void>;
  readonly closed: Promise<ConnectionEnd>;
  /** The server's hello that came unasked: a cookie, or a token of the handshake, said who this is. */
  readonly greeted: Promise<Hello>;
  isGreeted = false;
  /** Called in the turn in which it ends, before those who wait for answers hear of it. */
  onEnd: () => void = () => undefined;
  readonly #socket: WebSocketLike;
  readonly #onPush: OnPush;
  readonly #waiting = new Map<string, Waiting>();
  #counter = 0;
  #heardAt = Date.now();
  /** Looks since the last sign of life that found silence; at each the server is asked for one. */
  #silentLooks = 0;
  #retryAfterMs: number | undefined;
  #cause: unknown;
  #isOver = false;
  readonly #beat: ReturnType<typeof setInterval>;
  #greet: (hello: Hello) => void = () => undefined;
  #ended: (end: ConnectionEnd) => void = () => undefined;

  constructor({ url, protocols, WebSocket, heartbeatMs }: ConnectionOptions, onPush: OnPush) {
    this.#onPush = onPush;
    this.greeted = new Promise((resolve) => (this.#greet = resolve));
    this.closed = new Promise((resolve) => (this.#ended = resolve));
    const socket = new WebSocket(url, protocols);
    this.#socket = socket;
    this.opened = new Promise((resolve) => (socket.onopen = () => resolve()));
    socket.onmessage = ({ data }: { readonly data: unknown }) => this.#take(data);
    socket.onerror = ({ error }: { readonly error?: unknown }) => {
      this.#cause ??= error;
    };
    socket.onclose = ({ code, reason }: { readonly code: number; readonly reason: string }) =>
      this.#end(code, reason);
    this.#beat = setInterval(() => this.#probe(heartbeatMs), heartbeatMs / 2);
  }

  /**
   * Sends `op` and answers its reply. Rejects with its problem, or as `disconnected`. `onReply` gets the reply in
   * the very turn in which it comes, before the pushes behind it: a promise would be a moment late.
   */
  request(op: string, fields: Fields, onReply?: (reply: Reply) => void): Promise<Reply> {
    if (this.#isOver) return Promise.reject(disconnected(false));
    this.#counter += 1;
    const id = String(this.#counter);
    return new Promise<Reply>((resolve, reject) => {
      const text = JSON.stringify({ ...fields, op, id });
      const refused = tooLarge(text);
      if (refused !== null) return reject(refused);
      const settle = (reply: Reply): void => {
        onReply?.(reply);
        resolve(reply);
      };
      this.#waiting.set(id, { sentAt: Date.now(), resolve: settle, reject });
      this.#socket.send(text);
    });
  }

  /** Sends a frame that is not answered. Nothing happens when the connection is over. */
  tell(op: string, fields: Fields): void {
    const text = JSON.stringify({ ...fields, op });
    if (!this.#isOver && tooLarge(text) === null) this.#socket.send(text);
  }

  /** What was given to the socket and is not on its way yet. */
  get bufferedBytes(): number {
    return this.#socket.bufferedAmount;
  }

  close(code = 1000): void {
    const socket = this.#socket;
    this.#end(code, 'closed by the client');
    try {
      socket.close(code);
    } catch {
      // Not open yet: some implementations refuse to close then, and it is forgotten all the same.
    }
  }

  #take(data: unknown): void {
    this.#heardAt = Date.now();
    this.#silentLooks = 0;
    if (typeof data !== 'string') return;
    const frame = parsed(data);
    // Not our server's: something between us and it speaks instead.
    if (frame === null) return this.close(4000);
    const asked = frame.re === undefined ? undefined : this.#waiting.get(frame.re);
    if (asked !== undefined) return this.#answer(asked, frame);
    if (frame.hello !== undefined) {
      this.isGreeted = true;
      return this.#greet(frame.hello);
    }
    if (frame.bye !== undefined) {
      this.#retryAfterMs = frame.bye.retry_after_ms ?? undefined;
      return;
    }
    this.#onPush(frame, data.length);
  }

  #answer(asked: Waiting, frame: ServerFrame): void {
    this.#waiting.delete(frame.re ?? '');
    if (frame.ok === true) asked.resolve(frame);
    else asked.reject(problemOf((frame.problem ?? {}) as ProblemFields));
  }

  /**
   * A connection that broke without a word is only noticed by asking. Looks are counted, not the time: browsers let a
   * hidden page look once a minute, and whoever was held up itself asks before it gives a good connection up.
   */
  #probe(heartbeatMs: number): void {
    const now = Date.now();
    const [oldest] = this.#waiting.values();
    const isMute = oldest !== undefined && now - oldest.sentAt > bounds.answerMs;
    if (now - this.#heardAt >= heartbeatMs / 2) this.#silentLooks += 1;
    if (isMute || this.#silentLooks > silentLooksMax) this.close(4000);
    else if (this.#silentLooks > 0) void this.request('ping', {}).catch(() => undefined);
  }

  #end(code: number, reason: string): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearInterval(this.#beat);
    const socket = this.#socket;
    socket.onopen = socket.onmessage = socket.onclose = null;
    this.onEnd();
    for (const { reject } of this.#waiting.values()) reject(disconnected(true));
    this.#waiting.clear();
    this.#ended({
      ...{ code: code === 4000 ? 1006 : code, reason },
      ...{ retryAfterMs: this.#retryAfterMs, cause: this.#cause },
    });
  }
}

function disconnected(isOutcomeUnknown: boolean): ParleyProblem {
  return new ParleyProblem('disconnected', 'The connection was lost before the answer.', {
    isOutcomeUnknown,
  });
}

/** Null: it is no JSON object. */
function parsed(text: string): ServerFrame | null {
  try {
    const frame: unknown = JSON.parse(text);
    return typeof frame === 'object' && frame !== null ? (frame as ServerFrame) : null;
  } catch {
    return null;
  }
}

const encoder = new TextEncoder();

/** A frame that the server would close the connection for. */
function tooLarge(text: string): ParleyProblem | null {
  if (text.length * 3 <= bounds.frameBytesMax) return null;
  if (encoder.encode(text).length <= bounds.frameBytesMax) return null;
  return new ParleyProblem('too_large', `A frame has at most ${bounds.frameBytesMax} bytes.`);
}
