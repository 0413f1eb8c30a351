/**
 * The same load for Parley and for a bare topic publish: posts to one conversation, each of which must
 * reach every reader. A post is over when all readers have it; `inFlight` of them are under way.
 */
import type { WireEvent } from './native-client.ts';

const quietMsMax = 10_000;

/** What a frame says. */
export type FannedOut = { readonly position: number; readonly content: string };

/** The frame of the native protocol. */
export function readNativeEvent(bytes: Buffer): FannedOut {
  const { position, data } = (JSON.parse(bytes.toString('utf8')) as { ev: WireEvent }).ev;
  return { position, content: data.content ?? '' };
}

/** Parsing each of 200 equal frames would measure JSON.parse: one reader parses, the others compare bytes. */
export class FanOutCheck {
  readonly #readers: number;
  readonly #text: (n: number) => string;
  readonly #read: (bytes: Buffer) => FannedOut;
  readonly #frames: Buffer[] = [];
  readonly #counts: number[];
  #position: number | undefined;
  #onDelivery: () => void = () => undefined;
  delivered = 0;

  constructor(
    readers: number,
    text: (n: number) => string,
    read: (bytes: Buffer) => FannedOut = readNativeEvent,
  ) {
    this.#readers = readers;
    this.#text = text;
    this.#read = read;
    this.#counts = new Array<number>(readers).fill(0);
  }

  /** One frame that a reader got: the next post, complete, or an error. */
  take(reader: number, bytes: Buffer): void {
    const n = this.#counts[reader]!;
    const known = this.#frames[n];
    if (known === undefined) {
      this.#expect(n, this.#read(bytes));
      this.#frames[n] = Buffer.from(bytes);
    } else if (!known.equals(bytes)) {
      throw new Error(`reader ${reader} got another frame than others as post ${n}`);
    }
    this.#counts[reader] = n + 1;
    this.delivered += 1;
    this.#onDelivery();
  }

  #expect(n: number, { position, content }: FannedOut): void {
    const expected = this.#position === undefined ? position : this.#position + 1;
    if (position !== expected) throw new Error(`position ${position} where ${expected} belongs`);
    if (content !== this.#text(n)) throw new Error(`post ${n} arrived with another text`);
    this.#position = position;
  }

  /** Posts for `forMs`, waits until everyone has everything; deliveries a second. */
  async run(forMs: number, inFlight: number, post: (n: number) => void): Promise<number> {
    const first = this.delivered;
    const began = performance.now();
    const endAt = began + forMs;
    let sent = first / this.#readers;
    await new Promise<void>((resolve, reject) => {
      const pump = (): void => {
        const over = Math.floor(this.delivered / this.#readers);
        if (performance.now() < endAt) {
          while (sent - over < inFlight) {
            post(sent);
            sent += 1;
          }
        } else if (this.delivered === sent * this.#readers) {
          clearTimeout(bound);
          resolve();
        }
      };
      const bound = setTimeout(() => {
        reject(new Error(`${this.delivered} of ${sent * this.#readers} deliveries came`));
      }, forMs + quietMsMax);
      this.#onDelivery = () => {
        // Only a whole post moves the window; near the end each delivery may be the last.
        if (this.delivered % this.#readers === 0 || performance.now() >= endAt) pump();
      };
      pump();
    });
    return (this.delivered - first) / ((performance.now() - began) / 1_000);
  }
}
