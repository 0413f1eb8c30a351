/**
 * A response for Engine.IO. It carries the headers of every answer of this front end, and takes calls after its
 * end: uWebSockets.js throws at them, and an exception in a timer of Engine.IO would end the process.
 */
import type { HttpResponse } from 'uWebSockets.js';
import type { EngineResponse, EngineSocketData } from '../../../contract/sockets/event-door.ts';
import { limits } from '../../../domain/limits.ts';

export type Headers = Readonly<Record<string, string>>;
export type Upgrade = (raw: HttpResponse, ...args: Parameters<EngineResponse['upgrade']>) => void;

/** U+001E stands between the packets of a polling body, and nowhere else. */
const separator = 0x1e;

function countSeparators(bytes: ArrayBuffer): number {
  const body = Buffer.from(bytes);
  let count = 0;
  for (let at = body.indexOf(separator); at !== -1; at = body.indexOf(separator, at + 1)) count += 1;
  return count;
}

export class GuardedResponse implements EngineResponse {
  /** Null once it is over: Engine.IO keeps the first response of each connection. */
  #raw: HttpResponse | null;
  readonly #headers: Headers;
  readonly #upgrade: Upgrade;
  #isBegun = false;
  #onAborted: () => void = () => undefined;

  constructor(raw: HttpResponse, headers: Headers, upgrade: Upgrade) {
    this.#raw = raw;
    this.#headers = headers;
    this.#upgrade = upgrade;
    raw.onAborted(() => {
      this.#raw = null;
      this.#onAborted();
    });
  }

  writeStatus(status: string): this {
    // The status of a handshake is written by upgrade() itself.
    if (this.#raw === null || this.#isBegun || status.startsWith('101')) return this;
    this.#raw.writeStatus(status);
    this.#begin(this.#raw);
    return this;
  }

  writeHeader(name: string, value: string): this {
    if (this.#raw === null) return this;
    this.#begin(this.#raw);
    // Ours says the same.
    if (name !== 'cache-control') this.#raw.writeHeader(name, value);
    return this;
  }

  end(body?: string): this {
    const raw = this.#raw;
    if (raw === null) return this;
    this.#begin(raw);
    this.#over();
    raw.end(body);
    return this;
  }

  close(): this {
    this.#raw?.close();
    return this;
  }

  cork(write: () => void): this {
    this.#raw?.cork(write);
    return this;
  }

  onData(take: (bytes: ArrayBuffer, isLast: boolean) => void): this {
    let packets = 1;
    this.#raw?.onData((bytes, isLast) => {
      packets += countSeparators(bytes);
      if (packets > limits.eventPacketsPerTurnMax) this.close();
      else take(bytes, isLast);
    });
    return this;
  }

  onAborted(run: () => void): this {
    this.#onAborted = run;
    return this;
  }

  getRemoteAddressAsText(): ArrayBuffer {
    return this.#raw === null ? new ArrayBuffer(0) : this.#raw.getRemoteAddressAsText();
  }

  upgrade(data: EngineSocketData, ...rest: [string, string, string, unknown]): void {
    const raw = this.#raw;
    this.#over();
    if (raw !== null) return this.#upgrade(raw, data, ...rest);
    // Engine.IO has a connection already, and would touch its socket later.
    data.transport.socket = { send: () => 2, end: () => undefined };
    data.transport.onClose(1006);
  }

  #over(): void {
    this.#raw = null;
    this.#onAborted = () => undefined;
  }

  #begin(raw: HttpResponse): void {
    if (this.#isBegun) return;
    this.#isBegun = true;
    for (const name in this.#headers) raw.writeHeader(name, this.#headers[name] ?? '');
  }
}
