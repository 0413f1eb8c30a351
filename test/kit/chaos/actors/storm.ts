/**
 * Many sockets that follow a few conversations and keep no event, only where each is: so that thousands of them fit
 * beside the nodes. Every gap and repetition is a fault; what is lost comes back as its kind of client does.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { call } from '../../clients/http-client.ts';
import type { ServerFrame } from '../../clients/native-client.ts';

export type StormPlan = {
  readonly token: string;
  readonly conversation: string;
  /** Tried in this order, again from the first after the last. */
  readonly urls: readonly string[];
};

/** Where a conversation ends. */
export type Head = { readonly position: number; readonly seq: number };

type Target = {
  readonly path: string;
  readonly protocol?: string;
  readonly headers?: Record<string, string>;
};

export abstract class StormSocket {
  isOpen = false;
  /** How far its present connection came, for whoever wonders why it is not open. */
  stage = 'away';
  /** Close codes that it met. */
  readonly closes: number[] = [];
  readonly faults: string[];
  /** Why connections did not open, the first ones. */
  readonly refusals: string[] = [];
  /** Where it is connected, or tries to be. */
  protected url = '';
  protected readonly plan: StormPlan;
  #isOver = false;
  #socket: WebSocket | null = null;
  #attempt = 0;
  /** In a row. */
  #failures = 0;

  constructor(plan: StormPlan, faults: string[]) {
    this.plan = plan;
    this.faults = faults;
  }

  get conversation(): string {
    return this.plan.conversation;
  }

  /** It has everything up to there, without a gap. */
  abstract hasAllOf(head: Head): boolean;

  isAt(url: string): boolean {
    return this.isOpen && this.url === url;
  }

  /** Leaves its node for this one, to which it comes first from now on. */
  moveTo(url: string): void {
    const { urls } = this.plan;
    this.#attempt = urls.indexOf(url);
    this.isOpen = false;
    this.#socket?.close();
  }

  /** Connects, and from now on again after each loss. */
  begin(): void {
    const { urls } = this.plan;
    this.url = urls[this.#attempt++ % urls.length] ?? '';
    const { path, protocol, headers } = this.target();
    const socket = new WebSocket(`${this.url.replace(/^http/, 'ws')}${path}`, protocol ?? [], {
      ...(headers === undefined ? {} : { headers }),
      handshakeTimeout: 20_000,
      perMessageDeflate: false,
    });
    this.#socket = socket;
    this.stage = 'connecting';
    let retryMs = this.retryMs(this.#failures);
    socket.on('error', (error) => this.refused(error.message)); // a close follows
    socket.once('open', () => {
      this.stage = 'connected';
    });
    socket.on('message', (bytes: Buffer) => {
      retryMs = this.take(socket, bytes.toString()) ?? retryMs;
    });
    socket.once('close', (code) => {
      if (this.isOpen) this.closes.push(code);
      this.#failures = this.isOpen ? 0 : this.#failures + 1;
      this.isOpen = false;
      this.stage = 'away';
      if (!this.#isOver) void delay(retryMs).then(() => this.#isOver || this.begin());
    });
  }

  end(): void {
    this.#isOver = true;
    this.#socket?.terminate();
  }

  protected abstract target(): Target;

  /** How long this kind of client stays away when nobody told it. */
  protected abstract retryMs(failures: number): number;

  /** What came; the answer: how long to stay away when it ends, where it says so. */
  protected abstract take(socket: WebSocket, text: string): number | null;

  /** Why a connection did not open. */
  protected refused(why: string): void {
    if (!this.isOpen && this.refusals.length < 10) this.refusals.push(`${this.stage}: ${why}`);
  }

  /** From now on it has what was, and hears what comes. */
  protected opened(): void {
    this.isOpen = true;
    this.stage = 'open';
  }
}

/** Of the native protocol: its cursor brings what it missed. */
export class NativeStormSocket extends StormSocket {
  #position = 0;
  #epoch = '';

  hasAllOf({ position }: Head): boolean {
    return this.#position === position;
  }

  protected target(): Target {
    const headers = { authorization: `Bearer ${this.plan.token}` };
    return { path: '/v1/socket', protocol: 'parley.v1', headers };
  }

  /** As an SDK does without a hint: somewhere within a second, and later each time it fails again. */
  protected retryMs(failures: number): number {
    return Math.random() * Math.min(1_000 * 2 ** Math.min(failures, 4), 15_000);
  }

  protected take(socket: WebSocket, text: string): number | null {
    const frame = JSON.parse(text) as ServerFrame;
    if (frame['bye'] !== undefined) return frame['bye'].retry_after_ms;
    const { conversation } = this.plan;
    if (frame['hello'] !== undefined) {
      this.stage = 'greeted';
      const after = this.#epoch === '' ? undefined : `${this.#epoch}:${this.#position}`;
      socket.send(JSON.stringify({ op: 'open', id: 'o', conversation, after }));
    } else if (frame['re'] === 'o') this.#opened(socket, frame);
    else if (frame['ev'] !== undefined) this.#follow(frame['ev'].position);
    return null;
  }

  #opened(socket: WebSocket, frame: ServerFrame): void {
    const opened = frame['conversations']?.[0];
    if (opened === undefined) {
      // Too much at once: as any refusal, it is tried again later.
      this.refused(JSON.stringify(frame));
      return socket.terminate();
    }
    if (this.#epoch === '') this.#position = opened.position;
    this.#epoch = opened.epoch;
    this.opened();
  }

  #follow(position: number): void {
    if (position !== this.#position + 1)
      this.faults.push(`${position} after ${this.#position} in ${this.conversation}`);
    this.#position = position;
  }
}

type Row = { readonly sequence: number; readonly created_at: string };

const pageMax = 200;

/**
 * A client of Symbia's Socket.IO vocabulary, on a bare WebSocket: thousands of the real one would need more than the
 * nodes. It has no cursor: what it missed it asks for by the time of the last message it has.
 */
export class EventStormSocket extends StormSocket {
  /** Messages that came by asking, after a loss. */
  missed = 0;
  #last: Row = { sequence: 0, created_at: '' };
  /** Up to here it asked: what is pushed on the same connection may come later than the answer. */
  #asked = 0;
  /** What was pushed last on this connection; 0: nothing. */
  #pushed = 0;
  /** What came while it asked; null: it has asked. */
  #early: Row[] | null = null;

  hasAllOf({ seq }: Head): boolean {
    return this.#last.sequence === seq;
  }

  protected target(): Target {
    return { path: '/socket.io/?EIO=4&transport=websocket' };
  }

  /** As socket.io-client is set by default. */
  protected retryMs(failures: number): number {
    return Math.min(1_000 * 2 ** failures, 5_000) * (0.5 + Math.random());
  }

  protected take(socket: WebSocket, text: string): null {
    if (text.startsWith('0')) socket.send(`40${JSON.stringify({ token: this.plan.token })}`);
    else if (text === '2') socket.send('3');
    else if (text.startsWith('40')) {
      void this.#catchUp(socket).catch((error: Error) => {
        this.refused(error.message);
        socket.terminate();
      });
    } else if (text.startsWith('44')) {
      this.refused(text);
      socket.terminate();
    } else if (text.startsWith('42["message:new",')) this.#hear(JSON.parse(text.slice(2))[1]);
    return null;
  }

  #hear(row: Row & { readonly conversation_id: string }): void {
    if (row.conversation_id !== this.conversation) return;
    if (this.#pushed !== 0 && row.sequence !== this.#pushed + 1)
      this.faults.push(`${row.sequence} pushed after ${this.#pushed} in ${this.conversation}`);
    this.#pushed = row.sequence;
    if (this.#early === null) this.#addPushed(row);
    else this.#early.push(row);
  }

  /** It follows since it is connected, so what it asks for now and what it hears overlap, and leave nothing out. */
  async #catchUp(socket: WebSocket): Promise<void> {
    const early: Row[] = [];
    this.stage = 'asking for what it missed';
    this.#early = early;
    this.#pushed = 0;
    if (this.#last.sequence === 0) {
      const [newest] = await this.#page('order=desc&limit=1');
      if (newest !== undefined) this.#last = newest;
    } else {
      for (let isLast = false; !isLast; ) {
        const rows = await this.#page(
          `after=${encodeURIComponent(this.#last.created_at)}&order=asc&limit=${pageMax}`,
        );
        for (const row of rows) this.#add(row);
        this.missed += rows.length;
        isLast = rows.length < pageMax;
      }
    }
    // Lost meanwhile: the next connection asks for itself.
    if (this.#early !== early || socket.readyState !== WebSocket.OPEN) return;
    this.#asked = this.#last.sequence;
    this.#early = null;
    for (const row of early) this.#addPushed(row);
    this.opened();
  }

  async #page(query: string): Promise<readonly Row[]> {
    const path = `/api/conversations/${this.conversation}/messages?${query}`;
    const { status, body } = await call({ url: this.url }, 'GET', path, { token: this.plan.token });
    if (status !== 200) throw new Error(`history was answered ${status}`);
    return body;
  }

  #addPushed(row: Row): void {
    if (row.sequence > this.#asked) this.#add(row);
  }

  #add(row: Row): void {
    if (row.sequence !== this.#last.sequence + 1)
      this.faults.push(`sequence ${row.sequence} after ${this.#last.sequence} in ${this.conversation}`);
    this.#last = row;
  }
}
