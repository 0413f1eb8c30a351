/** The bytes of a request's body as they come in, counted, and for how long they may take. */
import type { Clock } from '../../../ports/clock.ts';

/** A body that is being read. A body in one piece, the usual case, is not copied. */
export class Body {
  readonly #bytesMax: number;
  #length = 0;
  #pieces: Uint8Array[] | null = null;
  #whole: Uint8Array | null = null;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /**
   * Takes a piece, which uWebSockets.js takes back when its callback returns. False: there are more bytes
   * than allowed, and nothing more is kept.
   */
  add(piece: ArrayBuffer, isLast: boolean): boolean {
    this.#length += piece.byteLength;
    if (this.#length > this.#bytesMax) {
      this.#pieces = null;
      return false;
    }
    if (isLast && this.#pieces === null) {
      this.#whole = new Uint8Array(piece);
      return true;
    }
    this.#pieces ??= [];
    if (piece.byteLength > 0) this.#pieces.push(new Uint8Array(piece.slice(0)));
    if (isLast) {
      this.#whole = Buffer.concat(this.#pieces);
      this.#pieces = null;
    }
    return true;
  }

  /** Bytes that came, kept or not. */
  get length(): number {
    return this.#length;
  }

  /** All bytes, when the last piece has come. Valid in its callback only, unless kept. */
  get bytes(): Uint8Array {
    return this.#whole ?? new Uint8Array(0);
  }

  /** Copies a body that is needed later than in this turn. */
  keep(): void {
    if (this.#whole !== null) this.#whole = this.#whole.slice();
  }
}

/** What is given a time to be done. */
export interface Timed {
  /** Of the monotonic clock. */
  readonly startedMs: number;
  /** Called once when the time is over; does not throw. */
  expire(): void;
}

/**
 * Ends what takes too long: one timer for all, because a timer a request would cost more than the request.
 * All have the same time, so the order of arrival is the order of lateness.
 */
export class Deadlines {
  readonly #clock: Clock;
  readonly #afterMs: number;
  readonly #waiting = new Set<Timed>();
  #isArmed = false;

  constructor(clock: Clock, afterMs: number) {
    this.#clock = clock;
    this.#afterMs = afterMs;
  }

  /** Bounded by the requests in flight: each is in here once at most. */
  add(item: Timed): void {
    this.#waiting.add(item);
    if (!this.#isArmed) this.#arm(this.#afterMs);
  }

  delete(item: Timed): void {
    this.#waiting.delete(item);
  }

  #arm(ms: number): void {
    this.#isArmed = true;
    this.#clock.after(ms, () => this.#sweep());
  }

  #sweep(): void {
    this.#isArmed = false;
    const now = this.#clock.monotonicMs();
    for (const item of this.#waiting) {
      const leftMs = item.startedMs + this.#afterMs - now;
      // Not sooner than in 50 ms, so that many do not make many timers.
      if (leftMs > 0) {
        this.#arm(Math.max(leftMs, 50));
        return;
      }
      this.#waiting.delete(item);
      item.expire();
    }
  }
}
