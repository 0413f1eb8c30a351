/** The body of a request as pieces that are read at the reader's own pace: the connection waits for the reader. */
import type { BodyStream } from '../../../contract/operation.ts';
import { limits } from '../../../domain/limits.ts';
import { Problem } from '../../../domain/problem.ts';
import type { Deadlines, Timed } from '../http/http-body.ts';
import type { SpillFolder } from './spill.ts';
import { WaitingBytes } from './waiting-bytes.ts';

/** What is done to the connection; nothing once the request is over. */
export interface BodyTap {
  pause(): void;
  resume(): void;
}

export interface BodyPiecesOptions {
  readonly contentType: string;
  readonly lengthBytes: number | null;
  readonly bytesMax: number;
  readonly tap: BodyTap;
  /** For what comes although the connection is paused. */
  readonly spills: SpillFolder;
  /** A client that sends nothing for that long has given up. */
  readonly deadlines: Deadlines;
  readonly now: () => number;
}

/**
 *   open --last piece--> whole      open --client gone, too slow, too much--> broken
 *
 * At most limits.bodyHeldBytesMax and what was in one read of the socket (512 KB) wait in memory: see WaitingBytes.
 */
export class BodyPieces implements BodyStream, Timed {
  readonly contentType: string;
  readonly lengthBytes: number | null;
  /** When it last heard of the client. */
  startedMs: number;
  readonly #options: BodyPiecesOptions;
  readonly #waiting: WaitingBytes;
  #receivedBytes = 0;
  #isWhole = false;
  #isPaused = false;
  #isDropping = false;
  #isRead = false;
  #broken: Problem | null = null;
  #wake: (() => void) | null = null;

  constructor(options: BodyPiecesOptions) {
    this.#options = options;
    this.#waiting = new WaitingBytes(options.spills);
    this.contentType = options.contentType;
    this.lengthBytes = options.lengthBytes;
    this.startedMs = options.now();
    options.deadlines.add(this);
  }

  /** The last piece has come, or none will. */
  get isOver(): boolean {
    return this.#isWhole || this.#broken !== null;
  }

  /** A body so small, or so nearly read, that the rest may be read and dropped before the answer. */
  get isNearEnd(): boolean {
    const left = (this.lengthBytes ?? 0) - this.#receivedBytes;
    return left <= limits.bodyDroppedBytesMax && this.#receivedBytes <= limits.bodyDroppedBytesMax;
  }

  /** Takes a piece, which the transport takes back when its callback returns. */
  take(piece: ArrayBuffer, isLast: boolean): void {
    if (this.#broken !== null) return;
    this.#receivedBytes += piece.byteLength;
    if (this.#receivedBytes > this.#options.bytesMax) {
      this.break(new Problem('too_large', `The body may have ${this.#options.bytesMax} bytes.`));
      return;
    }
    if (piece.byteLength > 0 && !this.#isDropping) {
      const refused = this.#waiting.add(new Uint8Array(piece));
      if (refused !== null) return this.break(refused);
    }
    if (isLast) this.#isWhole = true;
    this.#watch();
    this.#wake?.();
  }

  /** No more will come, and what waits is not worth reading: unless it is whole, and being read. */
  break(problem: Problem): void {
    if (this.#broken !== null || (this.#isWhole && this.#isRead)) return;
    this.#broken = problem;
    this.#waiting.clear();
    this.#watch();
    this.#wake?.();
  }

  /** Resolves when the rest has come, which nobody wants, or never will. */
  async dropRest(): Promise<void> {
    this.#isDropping = true;
    this.#waiting.clear();
    this.#watch();
    while (!this.isOver && this.isNearEnd) await this.#news();
  }

  expire(): void {
    this.break(new Problem('invalid_request', 'The body came too slowly.', { reason: 'body_too_slow' }));
  }

  get pieces(): AsyncIterable<Uint8Array | Problem> {
    return this.#read();
  }

  async *#read(): AsyncGenerator<Uint8Array | Problem> {
    this.#isRead = true;
    try {
      for (;;) {
        if (this.#broken !== null) {
          yield this.#broken;
          return;
        }
        const taken = this.#waiting.take();
        const piece = taken instanceof Promise ? await taken : taken;
        // It may have been broken off while a file was read.
        if (this.#broken !== null) continue;
        if (piece !== null) {
          this.#watch();
          yield piece;
          if (piece instanceof Problem) return;
        } else if (this.#isWhole) return;
        else await this.#news();
      }
    } finally {
      this.#isRead = false;
      this.#waiting.clear();
    }
  }

  #news(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = () => {
        this.#wake = null;
        resolve();
      };
    });
  }

  /** The client is waited for only while it is its turn. */
  #watch(): void {
    const { tap, deadlines, now } = this.#options;
    deadlines.delete(this);
    // Once all is there, the connection may go on: what comes next on it is another request.
    const isFull = !this.isOver && this.#waiting.bytes > limits.bodyHeldBytesMax;
    if (isFull !== this.#isPaused) {
      this.#isPaused = isFull;
      if (isFull) tap.pause();
      else tap.resume();
    }
    if (isFull || this.isOver) return;
    this.startedMs = now();
    deadlines.add(this);
  }
}
