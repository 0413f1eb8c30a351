/** A raw client of the native socket, for tests: nothing is hidden, every frame is kept. */
import { WebSocket } from 'ws';
import type { Event } from '../../../src/domain/event.ts';
import { KeptFrames, type Wait } from './kept-frames.ts';

/** A frame of the server. */
// biome-ignore lint/suspicious/noExplicitAny: tests look into frames of every shape
export type ServerFrame = Record<string, any>;

export class NativeClient {
  readonly socket: WebSocket;
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
  readonly #kept = new KeptFrames<ServerFrame>();
  #counter = 0;

  constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on('message', (bytes) => this.#kept.take(JSON.parse(String(bytes)) as ServerFrame));
    // once() would reject for a reset, and nobody may be waiting for that.
    this.closed = new Promise((resolve) =>
      socket.once('close', (code, reason) => {
        this.#kept.end();
        resolve({ code, reason: String(reason) });
      }),
    );
    socket.on('error', () => undefined);
  }

  /** Every frame that arrived, in order. */
  get frames(): ServerFrame[] {
    return this.#kept.all;
  }

  /** Connects with the token in a header, and waits for the server's hello. */
  static async connect(
    node: { readonly url: string },
    token: string,
    said: Readonly<Record<string, string>> = {},
  ): Promise<NativeClient> {
    const headers = { ...said, authorization: `Bearer ${token}` };
    const socket = new WebSocket(`${node.url.replace(/^http/, 'ws')}/v1/socket`, 'parley.v1', { headers });
    const client = new NativeClient(socket);
    await client.find((frame) => frame['hello'] !== undefined);
    return client;
  }

  send(frame: object): void {
    this.socket.send(JSON.stringify(frame));
  }

  /** Sends a frame with an id of its own and answers its reply, whatever it says. */
  ask(op: string, fields: object = {}): Promise<ServerFrame> {
    this.#counter += 1;
    const id = `r${this.#counter}`;
    this.send({ ...fields, op, id });
    return this.find((frame) => frame['re'] === id, { what: `a reply to ${id}, ${op}` });
  }

  /** The first frame that matches, also one that came before. Rejects when it does not come (KeptFrames). */
  find(matches: (frame: ServerFrame) => boolean, wait?: Wait): Promise<ServerFrame> {
    return this.#kept.find(matches, wait);
  }

  /** Events of a conversation so far, in the order in which they came. */
  events(conversation: string): Event[] {
    return this.frames
      .map((frame) => frame['ev'] as Event | undefined)
      .filter((event) => event?.conversation === conversation) as Event[];
  }

  /** Waits for the event with this position. */
  async event(conversation: string, position: number): Promise<Event> {
    const what = `event ${position} of ${conversation}`;
    const isIt = ({ ev }: ServerFrame): boolean =>
      ev?.conversation === conversation && ev.position === position;
    const frame = await this.find(isIt, { what });
    return frame['ev'] as Event;
  }

  async close(): Promise<void> {
    this.socket.close(1000);
    await this.closed;
  }
}
