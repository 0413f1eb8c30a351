/**
 * A response for Engine.IO. It carries the headers of every answer of this front end, and takes calls after its
 * end: uWebSockets.js throws at them, and an exception in a timer of Engine.IO would end the process.
 */
import type { HttpResponse } from 'uWebSockets.js';
import type { EngineResponse, EngineSocketData } from '../../../contract/event-door.ts';

export type Headers = Readonly<Record<string, string>>;
type Upgrade = Parameters<EngineResponse['upgrade']>;

export class GuardedResponse implements EngineResponse {
  readonly #raw: HttpResponse;
  readonly #headers: Headers;
  readonly #upgrade: (...args: Upgrade) => void;
  #isBegun = false;
  #isOver = false;
  #onAborted: () => void = () => undefined;

  constructor(raw: HttpResponse, headers: Headers, upgrade: (...args: Upgrade) => void) {
    this.#raw = raw;
    this.#headers = headers;
    this.#upgrade = upgrade;
    raw.onAborted(() => {
      this.#isOver = true;
      this.#onAborted();
    });
  }

  writeStatus(status: string): this {
    // The status of a handshake is written by upgrade() itself.
    if (this.#isOver || this.#isBegun || status.startsWith('101')) return this;
    this.#raw.writeStatus(status);
    this.#begin();
    return this;
  }

  writeHeader(name: string, value: string): this {
    if (this.#isOver) return this;
    this.#begin();
    // Ours says the same.
    if (name !== 'cache-control') this.#raw.writeHeader(name, value);
    return this;
  }

  end(body?: string): this {
    if (this.#isOver) return this;
    this.#begin();
    this.#isOver = true;
    this.#raw.end(body);
    return this;
  }

  close(): this {
    if (!this.#isOver) this.#raw.close();
    return this;
  }

  cork(write: () => void): this {
    if (!this.#isOver) this.#raw.cork(write);
    return this;
  }

  onData(take: (bytes: ArrayBuffer, isLast: boolean) => void): this {
    if (!this.#isOver) this.#raw.onData(take);
    return this;
  }

  onAborted(run: () => void): this {
    this.#onAborted = run;
    return this;
  }

  getRemoteAddressAsText(): ArrayBuffer {
    return this.#isOver ? new ArrayBuffer(0) : this.#raw.getRemoteAddressAsText();
  }

  upgrade(data: EngineSocketData, ...rest: [string, string, string, unknown]): void {
    if (!this.#isOver) {
      this.#isOver = true;
      return this.#upgrade(data, ...rest);
    }
    // Engine.IO has a connection already, and would touch its socket later.
    data.transport.socket = { send: () => 2, end: () => undefined };
    data.transport.onClose(1006);
  }

  #begin(): void {
    if (this.#isBegun) return;
    this.#isBegun = true;
    for (const name in this.#headers) this.#raw.writeHeader(name, this.#headers[name] ?? '');
  }
}
