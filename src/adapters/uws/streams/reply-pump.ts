/** Writes a streamed reply: a piece is read when the client has taken the one before. */
import type { HttpResponse } from 'uWebSockets.js';
import type { ReplyStream } from '../../../contract/operation.ts';
import { Problem } from '../../../domain/problem.ts';

/** How it ended: `cut` when there were fewer bytes than promised, `gone` when the client went away. */
export type PumpEnd = 'whole' | 'cut' | 'gone';

export class ReplyPump {
  readonly #response: HttpResponse;
  readonly #stream: ReplyStream;
  #hasBegun = false;
  #isGone = false;
  #isWhole = false;
  /** What the transport has not taken whole, and where in the body it begins. */
  #rest: { readonly piece: Uint8Array; readonly from: number } | null = null;
  #wake: (() => void) | null = null;

  constructor(response: HttpResponse, stream: ReplyStream) {
    this.#response = response;
    this.#stream = stream;
  }

  /** The client went away: the response must not be touched any more. */
  abort(): void {
    this.#isGone = true;
    this.#wake?.();
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
    let left = this.#stream.lengthBytes;
    for await (const piece of this.#stream.pieces) {
      if (this.#isGone) break;
      if (!this.#hasBegun) {
        if (piece instanceof Problem) return piece;
        this.#begin(writeHead);
      }
      if (piece instanceof Problem || piece.length > left) break;
      if (piece.length === 0) continue;
      left -= piece.length;
      await this.#write(piece);
    }
    if (this.#isWhole) return 'whole';
    return this.#isGone ? 'gone' : 'cut';
  }

  #begin(writeHead: () => void): void {
    this.#hasBegun = true;
    this.#response.cork(writeHead);
    // Once for all: uWebSockets.js forgets a callback that is set while it calls the one before.
    this.#response.onWritable((offset) => this.#writable(offset));
  }

  async #write(piece: Uint8Array): Promise<void> {
    const from = this.#response.getWriteOffset();
    let isTaken = false;
    this.#response.cork(() => {
      isTaken = this.#offer(piece);
    });
    if (isTaken || this.#isGone) return;
    this.#rest = { piece, from };
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    this.#wake = null;
  }

  /** True when the transport has all of it, or has no more use for it. */
  #offer(piece: Uint8Array): boolean {
    const [isTaken, isDone] = this.#response.tryEnd(piece, this.#stream.lengthBytes);
    if (isDone) this.#isWhole = true;
    return isTaken || isDone;
  }

  /** `offset`: how much of the whole body the transport has. */
  #writable(offset: number): boolean {
    if (this.#rest === null || this.#isGone) return true;
    const { piece, from } = this.#rest;
    if (!this.#offer(piece.subarray(offset - from))) return false;
    this.#rest = null;
    this.#wake?.();
    return true;
  }
}
