import { openClock } from '../../../src/adapters/system/clock.ts';
import type { Clock } from '../../../src/ports/clock.ts';

/** The machine's clock, which a test may push ahead: what was to run until then runs at once. */
export class MovedClock implements Clock {
  readonly #real: Clock;
  #aheadMs = 0;
  readonly #timers = new Set<{ readonly atMs: number; readonly run: () => void; cancel: () => void }>();

  constructor(real: Clock = openClock()) {
    this.#real = real;
  }

  /** Goes on only where it is pushed: what a test finds does not depend on how long it takes to get there. */
  static still(): MovedClock {
    const now = openClock().nowMicros();
    return new MovedClock({
      nowMicros: () => now,
      monotonicMs: () => 0,
      after: () => () => undefined,
    });
  }

  nowMicros(): number {
    return this.#real.nowMicros() + this.#aheadMs * 1000;
  }

  monotonicMs(): number {
    return this.#real.monotonicMs() + this.#aheadMs;
  }

  after(ms: number, run: () => void): () => void {
    const timer = {
      atMs: this.monotonicMs() + ms,
      run: (): void => {
        this.#timers.delete(timer);
        run();
      },
      cancel: (): void => undefined,
    };
    this.#timers.add(timer);
    const cancel = this.#real.after(ms, timer.run);
    timer.cancel = () => {
      this.#timers.delete(timer);
      cancel();
    };
    return timer.cancel;
  }

  advance(ms: number): void {
    this.#aheadMs += ms;
    const now = this.monotonicMs();
    const due = [...this.#timers].filter((timer) => timer.atMs <= now).toSorted((a, b) => a.atMs - b.atMs);
    for (const timer of due) {
      timer.cancel();
      timer.run();
    }
  }
}
