import type { Clock } from '../../../ports/clock.ts';

/** Counts what is going on, and waits for its end when the node closes. */
export class InFlight {
  isDraining = false;
  #count = 0;
  #onEmpty: (() => void) | null = null;

  get count(): number {
    return this.#count;
  }

  enter(): void {
    this.#count += 1;
  }

  leave(): void {
    this.#count -= 1;
    if (this.#count === 0) this.#onEmpty?.();
  }

  /** Resolves when nothing is left, to true, or after `waitMs`, to false. */
  async drain(clock: Clock, waitMs: number): Promise<boolean> {
    this.isDraining = true;
    if (this.#count === 0) return true;
    return new Promise((resolve) => {
      const cancel = clock.after(waitMs, () => resolve(false));
      this.#onEmpty = () => {
        cancel();
        resolve(true);
      };
    });
  }
}
