/** A raw client of General Bots' socket, for tests: nothing is hidden, every frame is kept. */
import { WebSocket } from 'ws';
import { KeptFrames, type Wait } from './kept-frames.ts';

/** A frame of the server. */
// biome-ignore lint/suspicious/noExplicitAny: tests look into frames of every shape
export type BotFrame = Record<string, any>;

type At = { readonly url: string };

export class BotClient {
  readonly socket: WebSocket;
  /** Close code, or the status and body of a refused handshake. */
  readonly ended: Promise<{ readonly code: number; readonly body: BotFrame | null }>;
  readonly #kept = new KeptFrames<BotFrame>();

  /** `path` with its query: `/ws?stream=1`. */
  constructor(node: At, path: string, headers: Readonly<Record<string, string>> = {}) {
    this.socket = new WebSocket(`${node.url.replace(/^http/, 'ws')}${path}`, { headers });
    this.socket.on('message', (bytes) => this.#kept.take(JSON.parse(String(bytes)) as BotFrame));
    this.socket.on('error', () => undefined);
    this.ended = new Promise((resolve) => {
      this.socket.on('unexpected-response', (_request, response) => {
        const pieces: Buffer[] = [];
        response.on('data', (piece: Buffer) => pieces.push(piece));
        response.on('end', () => {
          resolve({ code: response.statusCode ?? 0, body: JSON.parse(Buffer.concat(pieces).toString()) });
          this.socket.terminate();
        });
      });
      this.socket.on('close', (code) => {
        this.#kept.end();
        resolve({ code, body: null });
      });
    });
  }

  /** Every frame that arrived, in order. */
  get frames(): BotFrame[] {
    return this.#kept.all;
  }

  /** Answers when the first frame is there; the frame says what the socket is bound to. */
  static async connect(node: At, path: string, headers: Readonly<Record<string, string>> = {}) {
    const client = new BotClient(node, path, headers);
    const connected = await client.find(({ type }) => type === 'connected');
    return Object.assign(client, { connected });
  }

  send(frame: object | string): void {
    this.socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame));
  }

  /** The first frame that matches, also one that came before. Rejects when it does not come (KeptFrames). */
  find(matches: (frame: BotFrame) => boolean, wait?: Wait): Promise<BotFrame> {
    return this.#kept.find(matches, wait);
  }

  /** Sends a frame and answers the first frame that comes after and matches. */
  ask(frame: object | string, matches: (frame: BotFrame) => boolean): Promise<BotFrame> {
    const from = this.frames.length;
    this.send(frame);
    return this.find(matches, { from });
  }

  say(content: string, more: object = {}): Promise<BotFrame> {
    return this.ask({ type: 'message', content, ...more }, ({ type }) => type === 'ack' || type === 'error');
  }

  /** Messages that came, of users and bots. */
  get messages(): readonly BotFrame[] {
    return this.frames.filter(({ type }) => type === 'message');
  }

  async close(): Promise<void> {
    if (this.socket.readyState === WebSocket.CLOSED) return;
    this.socket.close(1000);
    // once() would reject for a reset.
    await this.ended;
  }
}
