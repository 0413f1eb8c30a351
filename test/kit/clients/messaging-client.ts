/** A raw client of Vero's messaging socket, for tests: nothing is hidden, every frame is kept. */
import { WebSocket } from 'ws';
import { call } from './http-client.ts';
import { KeptFrames, type Wait } from './kept-frames.ts';

/** A frame of the server. */
// biome-ignore lint/suspicious/noExplicitAny: tests look into frames of every shape
export type MessagingFrame = Record<string, any>;

type At = { readonly url: string };

/** A token of the messaging socket, as its client gets one. */
export async function messagingToken(node: At, token: string): Promise<string> {
  const answer = await call(node, 'GET', '/v1/messaging/token', { token });
  if (answer.status !== 200) throw new Error(`no messaging token: ${JSON.stringify(answer.body)}`);
  return answer.body.token;
}

export class MessagingClient {
  readonly socket: WebSocket;
  readonly closed: Promise<{ readonly code: number }>;
  readonly #kept = new KeptFrames<MessagingFrame>();
  #pings = 0;

  /** `query`, `protocols` and `headers` as they stand in the handshake. */
  constructor(
    node: At,
    query = '',
    protocols: readonly string[] = [],
    headers: Readonly<Record<string, string>> = {},
  ) {
    const url = `${node.url.replace(/^http/, 'ws')}/v1/messaging/ws${query}`;
    this.socket = new WebSocket(url, [...protocols], { headers });
    this.socket.on('message', (bytes) => this.#kept.take(JSON.parse(String(bytes)) as MessagingFrame));
    // once() would reject for a reset, and nobody may be waiting for that.
    this.closed = new Promise((resolve) =>
      this.socket.once('close', (code) => {
        this.#kept.end();
        resolve({ code });
      }),
    );
    this.socket.on('error', () => undefined);
  }

  /** Every frame that arrived, in order. */
  get frames(): MessagingFrame[] {
    return this.#kept.all;
  }

  /** With a token of its own, and ready. */
  static async connect(
    node: At,
    token: string,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<MessagingClient> {
    const client = new MessagingClient(node, `?token=${await messagingToken(node, token)}`, [], headers);
    await client.find(({ type }) => type === 'ready');
    return client;
  }

  send(frame: object): void {
    this.socket.send(JSON.stringify(frame));
  }

  /** The first frame that matches, also one that came before. Rejects when it does not come (KeptFrames). */
  find(matches: (frame: MessagingFrame) => boolean, wait?: Wait): Promise<MessagingFrame> {
    return this.#kept.find(matches, wait);
  }

  /** Sends a frame and answers the first frame of this type that comes after. */
  ask(frame: object, type: string): Promise<MessagingFrame> {
    const from = this.frames.length;
    this.send(frame);
    const what = `${type} after ${JSON.stringify(frame)}`;
    return this.find((one) => one['type'] === type, { from, what });
  }

  subscribe(...conversations: readonly string[]): Promise<MessagingFrame> {
    return this.ask({ action: 'subscribe', conversation_ids: conversations }, 'subscribed');
  }

  /** Answers when everything that was sent before is dealt with. */
  async settled(): Promise<void> {
    this.#pings += 1;
    const id = `settled-${this.#pings}`;
    this.send({ action: 'ping', id });
    await this.find((one) => one['type'] === 'pong' && one['id'] === id);
  }

  /** Payloads of this event so far. */
  events(type: string): MessagingFrame[] {
    return this.frames
      .filter((frame) => frame['type'] === 'event' && frame['payload'].type === type)
      .map((frame) => frame['payload'].payload);
  }

  /** The first event of this type that matches. */
  async event(
    type: string,
    matches: (payload: MessagingFrame) => boolean = () => true,
    wait: Pick<Wait, 'withinMs'> = {},
  ): Promise<MessagingFrame> {
    const isIt = (frame: MessagingFrame): boolean =>
      frame['type'] === 'event' && frame['payload'].type === type && matches(frame['payload'].payload);
    const frame = await this.find(isIt, { ...wait, what: `${type} that fits ${matches}` });
    return frame['payload'].payload;
  }

  async close(): Promise<void> {
    this.socket.close(1000);
    await this.closed;
  }
}
