/** How the pieces of a streamed reply go to the transport: as a body of a length that was promised, or in chunks. */
import type { HttpResponse } from 'uWebSockets.js';

/** One write at a time. After abort() the response is not touched any more. */
export interface PieceWriter {
  /** Call it corked, after the head. */
  begin(): void;
  /** Resolves when the transport has all of it, or has no more use for it. False: more than was promised. */
  write(piece: Uint8Array): Promise<boolean>;
  /** All that was promised is with the transport, and the response over. */
  readonly isWhole: boolean;
  /** There are no more pieces. */
  end(): void;
  /** The client went away. */
  abort(): void;
}

/** A body whose length is known: the transport says how much of it is on its way. */
export class MeasuredBody implements PieceWriter {
  readonly #response: HttpResponse;
  readonly #lengthBytes: number;
  #leftBytes: number;
  #isWhole = false;
  #isGone = false;
  /** What the transport has not taken whole, and where in the body it begins. */
  #rest: { readonly piece: Uint8Array; readonly from: number } | null = null;
  #wake: (() => void) | null = null;

  constructor(response: HttpResponse, lengthBytes: number) {
    this.#response = response;
    this.#lengthBytes = lengthBytes;
    this.#leftBytes = lengthBytes;
  }

  begin(): void {
    // Once for all: uWebSockets.js forgets a callback that is set while it calls the one before.
    this.#response.onWritable((offset) => this.#writable(offset));
  }

  async write(piece: Uint8Array): Promise<boolean> {
    if (piece.length > this.#leftBytes) return false;
    this.#leftBytes -= piece.length;
    const from = this.#response.getWriteOffset();
    let isTaken = false;
    this.#response.cork(() => {
      isTaken = this.#offer(piece);
    });
    if (isTaken || this.#isGone) return true;
    this.#rest = { piece, from };
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    this.#wake = null;
    return true;
  }

  get isWhole(): boolean {
    return this.#isWhole;
  }

  /** Fewer bytes than promised are no end. */
  end(): void {}

  abort(): void {
    this.#isGone = true;
    this.#wake?.();
  }

  /** True when the transport has all of it, or has no more use for it. */
  #offer(piece: Uint8Array): boolean {
    const [isTaken, isDone] = this.#response.tryEnd(piece, this.#lengthBytes);
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

/**
 * So much is handed over at once. What the transport cannot send waits in its buffer, and it never says when that is
 * empty; but a socket that became writable takes more than this, also with the smallest buffers of Linux. One chunk to
 * a cork, far below the 16 KB that a cork holds: with more of them uWebSockets.js garbled the body for slow readers.
 */
const chunkBytesMax = 4_096;

/** A body of any length, sent as chunks: each piece is on its way before the next one is asked for. */
export class ChunkedBody implements PieceWriter {
  readonly #response: HttpResponse;
  isWhole = false;
  #isGone = false;
  #wake: (() => void) | null = null;

  constructor(response: HttpResponse) {
    this.#response = response;
  }

  begin(): void {
    this.#response.onWritable(() => this.#writable());
  }

  async write(piece: Uint8Array): Promise<boolean> {
    for (let at = 0; at < piece.length && !this.#isGone; at += chunkBytesMax) {
      const chunk = piece.subarray(at, at + chunkBytesMax);
      let isTaken = true;
      this.#response.cork(() => {
        isTaken = this.#response.write(chunk);
      });
      if (!isTaken) await this.#untilWritable();
    }
    return true;
  }

  end(): void {
    this.isWhole = true;
    this.#response.cork(() => void this.#response.end());
  }

  abort(): void {
    this.#isGone = true;
    this.#wake?.();
  }

  async #untilWritable(): Promise<void> {
    if (this.#isGone) return;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    this.#wake = null;
  }

  #writable(): boolean {
    if (this.#isGone) return true;
    // Who has this callback must drain the buffer himself, and an empty cork does: nothing else would send its rest.
    this.#response.cork(() => undefined);
    this.#wake?.();
    return true;
  }
}
