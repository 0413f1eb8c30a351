/**
 * Posters over HTTP/1.1 that cost as little as a client can: a kept connection each, one request in flight, one
 * write a request, an answer read as text and searched instead of parsed. autocannon takes more
 * of the two cores that the server needs (micro/poster-cost.ts measures both), and this one can give each request a text of its own. Speaks just what these benches need: answers with a Content-Length.
 */
import { connect, type Socket } from 'node:net';
import { percentile } from '../figures/samples.ts';

export type Posting = {
  /** `http://host:port`. */
  readonly url: string;
  readonly connections: number;
  /** Where poster number `index` posts, and as whom. */
  readonly path: (index: number) => string;
  readonly headers: (index: number) => Readonly<Record<string, string>>;
  /** `number` counts the requests of all posters, from 1; `index` is the poster's. */
  readonly body: (number: number, index: number) => string;
  /** Sees each 201; throws where it is not what it should be. */
  readonly onCreated: (index: number, sent: string, answer: string) => void;
  /** To read instead of to post: GET without a body, answered 200. */
  readonly reads?: boolean;
  /** The address that a poster comes from; else the system chooses. */
  readonly localAddress?: (index: number) => string | undefined;
};

export type PostingResult = {
  readonly posts: number;
  readonly perSec: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
};

const answerMsMax = 30_000;

export class HttpPosters {
  readonly #posters: readonly Poster[];

  private constructor(posters: readonly Poster[]) {
    this.#posters = posters;
  }

  static async open(posting: Posting): Promise<HttpPosters> {
    let number = 0;
    const open = (_: unknown, index: number): Promise<Poster> =>
      Poster.open(posting, index, () => {
        number += 1;
        return posting.body(number, index);
      });
    return new HttpPosters(await Promise.all(Array.from({ length: posting.connections }, open)));
  }

  /** Every poster posts for `forMs`, each request after the answer to its last; ends when all are answered. */
  async run(forMs: number): Promise<PostingResult> {
    const latencies: number[] = [];
    const began = performance.now();
    await Promise.all(this.#posters.map((poster) => poster.postUntil(began + forMs, latencies)));
    const perSec = latencies.length / ((performance.now() - began) / 1_000);
    return {
      posts: latencies.length,
      perSec,
      p50Ms: percentile(latencies, 0.5),
      p99Ms: percentile(latencies, 0.99),
    };
  }

  close(): void {
    for (const poster of this.#posters) poster.close();
  }
}

/** `waiting` for an answer, or idle; a failure ends it for good. */
class Poster {
  readonly #posting: Posting;
  readonly #index: number;
  readonly #nextBody: () => string;
  #tcp!: Socket; // connect() sets it
  readonly #head: string;
  /** How a good answer begins. */
  readonly #expected: string;
  /** Beginning of an answer. */
  #received = '';
  #answered: (answer: string) => void = () => undefined;
  #failed: (error: Error) => void = () => undefined;

  private constructor(posting: Posting, index: number, nextBody: () => string) {
    const { host } = new URL(posting.url);
    this.#posting = posting;
    this.#index = index;
    this.#nextBody = nextBody;
    const type = posting.reads === true ? {} : { 'content-type': 'application/json' };
    const headers = { host, ...type, ...posting.headers(index) };
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    const method = posting.reads === true ? 'GET' : 'POST';
    this.#head = `${method} ${posting.path(index)} HTTP/1.1\r\n${lines.join('')}`;
    this.#expected = posting.reads === true ? 'HTTP/1.1 200' : 'HTTP/1.1 201';
  }

  #connect(): Promise<void> {
    const { hostname, port } = new URL(this.#posting.url);
    const localAddress = this.#posting.localAddress?.(this.#index);
    const tcp = connect({
      ...{ host: hostname, port: Number(port), noDelay: true },
      ...(localAddress === undefined ? {} : { localAddress }),
    });
    tcp.setEncoding('latin1'); // answers here are ASCII, so that characters are bytes
    tcp.on('data', (text: string) => this.#take(text));
    tcp.on('error', (error) => this.#failed(error));
    tcp.on('close', () => this.#failed(new Error('the server closed a connection of a poster')));
    tcp.setTimeout(answerMsMax, () => tcp.destroy(new Error('no answer to a post')));
    this.#tcp = tcp;
    return new Promise((resolve, reject) => {
      this.#failed = reject;
      tcp.once('connect', resolve);
    });
  }

  static async open(posting: Posting, index: number, nextBody: () => string): Promise<Poster> {
    const poster = new Poster(posting, index, nextBody);
    await poster.#connect();
    return poster;
  }

  /** Adds the milliseconds that each post took to `latencies`. */
  async postUntil(deadline: number, latencies: number[]): Promise<void> {
    // Between two rounds a server may close what has been idle, as every client of HTTP has to expect.
    if (this.#tcp.destroyed || this.#tcp.readableEnded) await this.#connect();
    return await new Promise((resolve, reject) => {
      let body = '';
      let sentAt = 0;
      const post = (): void => {
        body = this.#nextBody();
        sentAt = performance.now();
        this.#tcp.write(
          this.#posting.reads === true
            ? `${this.#head}\r\n`
            : `${this.#head}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
        );
      };
      this.#failed = reject;
      this.#answered = (answer) => {
        const now = performance.now();
        latencies.push(now - sentAt);
        this.#posting.onCreated(this.#index, body, answer);
        if (now < deadline) post();
        else resolve();
      };
      post();
    });
  }

  close(): void {
    this.#failed = () => undefined;
    this.#tcp.destroy();
  }

  #take(text: string): void {
    this.#received += text;
    const end = this.#received.indexOf('\r\n\r\n');
    if (end === -1) return;
    const bytes = Number(/\r\ncontent-length: *(\d+)/i.exec(this.#received.slice(0, end))?.[1]);
    if (this.#received.length < end + 4 + bytes) return;
    const [status, body] = [this.#received.slice(0, this.#expected.length), this.#received.slice(end + 4)];
    this.#received = '';
    try {
      if (status !== this.#expected) throw new Error(`a post was answered ${status} ${body.slice(0, 300)}`);
      this.#answered(body);
    } catch (error) {
      this.#failed(error as Error);
    }
  }
}
