/** The server's side of native sockets, frame by frame as a test says it: no node, no network. */
import type { WebSocketConstructor, WebSocketLike } from '../../../src/client/index.ts';

// biome-ignore lint/suspicious/noExplicitAny: tests look into frames of every shape
export type Frame = Record<string, any>;

/** One connection of a client. */
export class ScriptedSocket implements WebSocketLike {
  onopen: ((event: never) => unknown) | null = null;
  onmessage: ((event: never) => unknown) | null = null;
  onclose: ((event: never) => unknown) | null = null;
  onerror: ((event: never) => unknown) | null = null;
  bufferedAmount = 0;
  isClosed = false;
  readonly protocols: readonly string[];
  /** Everything that the client sent. */
  readonly sent: Frame[] = [];
  readonly #node: ScriptedNode;

  constructor(node: ScriptedNode, protocols: readonly string[]) {
    this.#node = node;
    this.protocols = protocols;
    queueMicrotask(() => {
      if (this.isClosed) return;
      if (node.isDown) this.fail(node.fault);
      else this.onopen?.({} as never);
    });
  }

  send(text: string): void {
    const frame = JSON.parse(text) as Frame;
    this.sent.push(frame);
    const answer = this.#node.answer(frame, this);
    if (answer !== undefined)
      this.push({ re: frame['id'], ...('problem' in answer ? { ok: false } : { ok: true }), ...answer });
  }

  /** A frame of the server. */
  push(frame: Frame): void {
    if (!this.isClosed) this.onmessage?.({ data: JSON.stringify(frame) } as never);
  }

  close(code = 1000): void {
    this.end(code);
  }

  /** The connection ends with this code. */
  end(code: number): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.onclose?.({ code, reason: '' } as never);
  }

  /** It never opens, for what the platform says of it. */
  fail(error: Error): void {
    this.onerror?.({ error } as never);
    this.end(1006);
  }

  named(op: string): Frame[] {
    return this.sent.filter((frame) => frame['op'] === op);
  }
}

/** Fields of a reply, `{problem}` for a refusal, undefined for silence. */
export type Answer = (frame: Frame, socket: ScriptedSocket) => Frame | undefined;

/** Answers hello, ping, list and open as a node would; all else by `answers`, else not at all. */
export class ScriptedNode {
  readonly sockets: ScriptedSocket[] = [];
  readonly WebSocket: WebSocketConstructor;
  isDown = false;
  readonly fault = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
  answers: Record<string, Answer> = {};

  constructor(answers: Record<string, Answer> = {}) {
    this.answers = answers;
    const { sockets } = this;
    const node = this;
    this.WebSocket = class extends ScriptedSocket {
      constructor(_url: string, protocols: string[] = []) {
        super(node, protocols);
        sockets.push(this);
      }
    };
  }

  get last(): ScriptedSocket {
    const socket = this.sockets.at(-1);
    if (socket === undefined) throw new Error('nobody has connected');
    return socket;
  }

  answer(frame: Frame, socket: ScriptedSocket): Frame | undefined {
    const own = this.answers[frame['op']];
    if (own !== undefined) return own(frame, socket);
    if (frame['op'] === 'hello')
      return { principal: { id: 'ada', kind: 'user', tenant: 't' }, node: 'n', limits: {} };
    if (frame['op'] === 'ping') return { at: new Date().toISOString() };
    if (frame['op'] === 'list') return { conversations: [], next: null };
    return undefined;
  }
}

/** A conversation in the reply to `open`. */
export function openedAt(id: string, position: number, epoch = 'e1', drafts: readonly Frame[] = []): Frame {
  return { id, epoch, position, seq: position, cursor: `${epoch}:${position}`, state: {}, drafts };
}

/** A message event. */
export function message(conversation: string, position: number, content = `m${position}`): Frame {
  return {
    v: 1,
    id: `${conversation}-${position}`,
    conversation,
    position,
    seq: position,
    type: 'message.posted',
    at: new Date(1_700_000_000_000 + position).toISOString(),
    actor: { id: 'bob', kind: 'user' },
    data: { message_id: `${conversation}-${position}`, content, metadata: {} },
  };
}
