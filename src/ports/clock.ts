import type { Micros } from '../domain/time.ts';

/** Time as core sees it; tests may hold it. */
export interface Clock {
  /** Wall clock in microseconds. May step backwards; conversations stay monotonic by nextMicros(). */
  nowMicros(): Micros;
  /** Milliseconds on a clock that never steps: for timeouts and durations. */
  monotonicMs(): number;
  /** Calls `run` once after `ms`; the returned function cancels it. Never keeps the process alive. */
  after(ms: number, run: () => void): () => void;
}
