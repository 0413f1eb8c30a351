/**
 * Many sockets that follow a few conversations and keep no event, only where each is: so that thousands of them fit
 * beside the nodes. Every gap and repetition is a fault; what is lost comes back as the hint of `bye` says.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { WebSocket } from 'ws';
import type { ServerFrame } from '../../clients/native-client.ts';

export type StormPlan = {
  readonly token: string;
  readonly conversation: string;
  /** Tried in this order, again from the first after the last. */
  readonly urls: readonly string[];
};

export class StormSocket {
  /** Position up to which it has everything, without a gap. */
  position = 0;
  isOpen = false;
  /** How often it was. */
  opens = 0;
  /** Close codes that it met. */
  readonly closes: number[] = [];
  readonly faults: string[];
  readonly #plan: StormPlan;
  #epoch = '';
  #isOver = false;
  #socket: WebSocket | null = null;
  #attempt = 0;
  /** In a row. */
  #failures = 0;

  constructor(plan: StormPlan, faults: string[]) {
    this.#plan = plan;
    this.faults = faults;
  }

  get conversation(): string {
    return this.#plan.conversation;
  }

  /** Leaves its node for this one, to which it comes first from now on. */
  moveTo(url: string): void {
    const { urls } = this.#plan;
    this.#attempt = urls.indexOf(url);
    this.isOpen = false;
    this.#socket?.close();
  }

  /** Connects, and from now on again after each loss. */
  begin(): void {
    const { urls, token } = this.#plan;
    const url = urls[this.#attempt++ % urls.length] ?? '';
    const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/v1/socket`, 'parley.v1', {
      headers: { authorization: `Bearer ${token}` },
      handshakeTimeout: 20_000,
      perMessageDeflate: false,
    });
    this.#socket = socket;
    // As an SDK does without a hint: somewhere within a second, and later each time it fails again.
    let retryMs = Math.random() * Math.min(1_000 * 2 ** Math.min(this.#failures, 4), 15_000);
    socket.on('error', () => undefined); // a close follows
    socket.on('message', (bytes: Buffer) => {
      const frame = JSON.parse(bytes.toString()) as ServerFrame;
      if (frame['bye'] !== undefined) retryMs = frame['bye'].retry_after_ms;
      else this.#take(socket, frame);
    });
    socket.once('close', (code) => {
      if (this.isOpen) this.closes.push(code);
      this.#failures = this.isOpen ? 0 : this.#failures + 1;
      this.isOpen = false;
      if (!this.#isOver) void delay(retryMs).then(() => this.#isOver || this.begin());
    });
  }

  end(): void {
    this.#isOver = true;
    this.#socket?.terminate();
  }

  #take(socket: WebSocket, frame: ServerFrame): void {
    const { conversation } = this.#plan;
    if (frame['hello'] !== undefined) {
      const after = this.#epoch === '' ? undefined : `${this.#epoch}:${this.position}`;
      socket.send(JSON.stringify({ op: 'open', id: 'o', conversation, after }));
    } else if (frame['re'] === 'o') this.#opened(socket, frame);
    else if (frame['ev'] !== undefined) this.#follow(frame['ev'].position);
  }

  #opened(socket: WebSocket, frame: ServerFrame): void {
    const opened = frame['conversations']?.[0];
    // Too much at once: as any refusal, it is tried again later.
    if (opened === undefined) return socket.terminate();
    if (this.#epoch === '') this.position = opened.position;
    this.#epoch = opened.epoch;
    this.isOpen = true;
    this.opens += 1;
  }

  #follow(position: number): void {
    if (position !== this.position + 1)
      this.faults.push(`${position} after ${this.position} in ${this.#plan.conversation}`);
    this.position = position;
  }
}
