/** Writes a streamed reply: a piece is read when the client has taken the one before. */
import type { HttpResponse } from 'uWebSockets.js';
import type { ReplyStream } from '../../../contract/operation.ts';
import { Problem } from '../../../domain/problem.ts';
import { ChunkedBody, MeasuredBody, type PieceWriter } from './piece-writers.ts';

/** How it ended: `cut` when there were fewer bytes than promised, `gone` when the client went away. */
export type PumpEnd = 'whole' | 'cut' | 'gone';

type Pieces = AsyncIterator<Uint8Array | Problem>;

export class ReplyPump {
  readonly #response: HttpResponse;
  readonly #stream: ReplyStream;
  readonly #writer: PieceWriter;
  #hasBegun = false;
  #isGone = false;
  #isEnding = false;
  /** Set while a piece is waited for. */
  #stopWaiting: (() => void) | null = null;

  constructor(response: HttpResponse, stream: ReplyStream) {
    this.#response = response;
    this.#stream = stream;
    const { lengthBytes } = stream;
    this.#writer = lengthBytes === null ? new ChunkedBody(response) : new MeasuredBody(response, lengthBytes);
  }

  /** The client went away: the response must not be touched any more. */
  abort(): void {
    this.#isGone = true;
    this.#writer.abort();
    this.#stopWaiting?.();
  }

  /** Ends a reply of unknown length in good order: no further piece is waited for. */
  finish(): void {
    this.#isEnding = true;
    this.#stopWaiting?.();
  }

  /** False: nothing is written, so that the request can still be refused. */
  get hasBegun(): boolean {
    return this.#hasBegun;
  }

  /**
   * `writeHead` writes status and headers, when the first piece is there: a Problem in its place is answered instead.
   * Rejects when the pieces cannot be read.
   */
  async run(writeHead: () => void): Promise<PumpEnd | Problem> {
    const pieces = this.#stream.pieces[Symbol.asyncIterator]();
    let isRead = false;
    try {
      for (;;) {
        const next = await this.#next(pieces);
        isRead = next?.done === true;
        if (this.#isGone) return 'gone';
        if (next === null) return await this.#endEarly();
        if (next.done === true) return this.#end(writeHead);
        const piece = next.value;
        if (piece instanceof Problem) return this.#hasBegun ? 'cut' : piece;
        if (piece.length === 0) continue;
        this.#begin(writeHead);
        if (!(await this.#writer.write(piece))) return 'cut';
        if (this.#writer.isWhole) return 'whole';
      }
    } catch (error) {
      isRead = true;
      throw error;
    } finally {
      // Not waited for: a generator hears of it when what it waits for itself is over.
      if (!isRead) abandon(pieces);
    }
  }

  /** Null: nothing more is waited for. */
  async #next(pieces: Pieces): Promise<IteratorResult<Uint8Array | Problem> | null> {
    if (this.#isGone || this.#isEnding) return null;
    return await new Promise((resolve, reject) => {
      this.#stopWaiting = () => resolve(null);
      pieces.next().then(resolve, reject);
    });
  }

  #begin(writeHead: () => void): void {
    if (this.#hasBegun) return;
    this.#hasBegun = true;
    this.#response.cork(writeHead);
    this.#writer.begin();
  }

  #end(writeHead: () => void): PumpEnd {
    // Of a length that was promised nothing has come: the client must not take that for an answer.
    if (this.#stream.lengthBytes !== null) return 'cut';
    this.#begin(writeHead);
    this.#writer.end();
    return 'whole';
  }

  async #endEarly(): Promise<PumpEnd | Problem> {
    if (!this.#hasBegun) return new Problem('unavailable');
    const { farewell } = this.#stream;
    if (farewell !== undefined) await this.#writer.write(farewell);
    if (this.#isGone) return 'gone';
    this.#writer.end();
    return 'whole';
  }
}

/** Tells whoever makes the pieces that nobody reads them. */
export function abandon(pieces: Pieces): void {
  try {
    pieces.return?.().catch(() => undefined);
  } catch {
    // It is over either way.
  }
}
