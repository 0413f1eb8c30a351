import { overloaded } from '../domain/limiting/overload.ts';
import { limits } from '../domain/limits.ts';
import { Problem } from '../domain/problem.ts';

type Piece = Uint8Array | Problem;

/**
 * Pieces of an open reply that somebody pushes as they happen: `stream: { lengthBytes: null, pieces: feed }`. Read
 * once. What a slow reader has not taken waits, up to limits.openReplyWaitingBytesMax; beyond, the reply is cut.
 */
export class ReplyFeed implements AsyncIterable<Piece>, AsyncIterator<Piece, undefined> {
  readonly #onOver: () => void;
  readonly #waiting: Piece[] = [];
  #waitingBytes = 0;
  #isEnded = false;
  #isOver = false;
  #wake: (() => void) | null = null;

  /** `onOver` is called once: the last piece was read, or nobody reads any more. */
  constructor(onOver: () => void) {
    this.#onOver = onOver;
  }

  /** Nothing that is pushed now is read. */
  get isOver(): boolean {
    return this.#isOver;
  }

  push(piece: string | Uint8Array): void {
    if (this.#isEnded || this.#isOver || piece.length === 0) return;
    const bytes = typeof piece === 'string' ? Buffer.from(piece) : piece;
    this.#waitingBytes += bytes.length;
    if (this.#waitingBytes > limits.openReplyWaitingBytesMax) this.end(overloaded('open_replies'));
    else this.#add(bytes);
  }

  /** No more pieces. A Problem is the last one: instead of any other it is the answer, else it cuts the reply. */
  end(problem?: Problem): void {
    if (this.#isEnded || this.#isOver) return;
    this.#isEnded = true;
    if (problem === undefined) this.#wake?.();
    else this.#add(problem);
  }

  [Symbol.asyncIterator](): AsyncIterator<Piece, undefined> {
    return this;
  }

  async next(): Promise<IteratorResult<Piece, undefined>> {
    for (;;) {
      const piece = this.#waiting.shift();
      if (piece !== undefined && !this.#isOver) {
        if (!(piece instanceof Problem)) this.#waitingBytes -= piece.length;
        return { done: false, value: piece };
      }
      if (this.#isOver || this.#isEnded) return await this.return();
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#wake = null;
    }
  }

  async return(): Promise<IteratorResult<Piece, undefined>> {
    if (!this.#isOver) {
      this.#isOver = true;
      this.#waiting.length = 0;
      this.#wake?.();
      this.#onOver();
    }
    return { done: true, value: undefined };
  }

  #add(piece: Piece): void {
    this.#waiting.push(piece);
    this.#wake?.();
  }
}
