/**
 * Leaves a system alone that does not answer.
 *
 *   closed --failures in a row--> open --wait over--> probing (one request) --success--> closed
 *                                  ^                      |
 *                                  +-- failure, wait doubles
 */
import { limits } from '../../domain/limits.ts';
import type { Clock } from '../../ports/clock.ts';

export class CircuitBreaker {
  readonly #clock: Pick<Clock, 'monotonicMs'>;
  #failures = 0;
  #openMs = 0;
  /** When the next request may be tried; 0 while closed. */
  #openUntilMs = 0;
  #isProbing = false;

  constructor(clock: Pick<Clock, 'monotonicMs'>) {
    this.#clock = clock;
  }

  get isOpen(): boolean {
    return this.#openMs > 0;
  }

  /** Null: go on, and tell what came of it. Else how long to wait, in milliseconds. */
  refusalMs(): number | null {
    if (!this.isOpen) return null;
    const waitMs = this.#openUntilMs - this.#clock.monotonicMs();
    if (waitMs > 0) return waitMs;
    if (this.#isProbing) return limits.breakerOpenMsMin;
    this.#isProbing = true;
    return null;
  }

  /** The request was never sent: somebody else may try. */
  gaveUp(): void {
    this.#isProbing = false;
  }

  succeeded(): void {
    this.#failures = 0;
    this.#openMs = 0;
    this.#isProbing = false;
  }

  failed(): void {
    this.#isProbing = false;
    this.#failures += 1;
    if (this.#failures < limits.breakerFailures) return;
    // Those that were under way when it opened do not make it wait longer.
    if (this.#openUntilMs > this.#clock.monotonicMs()) return;
    this.#openMs = Math.min(Math.max(limits.breakerOpenMsMin, this.#openMs * 2), limits.breakerOpenMsMax);
    this.#openUntilMs = this.#clock.monotonicMs() + this.#openMs;
  }
}
