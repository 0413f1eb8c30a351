/**
 * Leaves a model alone that fails again and again, so that turns wait for it instead of failing with it.
 *
 *   closed --limits.modelBreakerFailures within limits.modelBreakerWindowMs--> open
 *   open --its time is over--> half-open: one call is let through, all others are still refused
 *   half-open --that call succeeds--> closed
 *            \-- it fails --> open, for twice as long; nobody heard how it ended --> half-open, for the next call
 */
import { limits } from '../../../domain/limits.ts';
import type { Clock } from '../../../ports/clock.ts';

export type BreakerState = 'closed' | 'open' | 'half-open';

/** One call that was let through. Exactly one of these is to be called; what comes later does nothing. */
export interface Admission {
  succeeded(): void;
  failed(): void;
  /** It was stopped, or never made: that says nothing of the model. */
  gaveUp(): void;
}

export class CircuitBreaker {
  readonly #clock: Pick<Clock, 'monotonicMs'>;
  readonly #onState: (state: BreakerState) => void;
  #state: BreakerState = 'closed';
  /** Times of failures within the window; at most limits.modelBreakerFailures. */
  #failures: number[] = [];
  #openMs = 0;
  #openUntilMs = 0;
  #isProbing = false;

  /** `onState` is called after each change. */
  constructor(clock: Pick<Clock, 'monotonicMs'>, onState: (state: BreakerState) => void) {
    this.#clock = clock;
    this.#onState = onState;
  }

  get state(): BreakerState {
    return this.#state;
  }

  /** Null: not now. */
  admit(): Admission | null {
    if (this.#state === 'open' && this.#clock.monotonicMs() >= this.#openUntilMs) this.#become('half-open');
    if (this.#state === 'open' || (this.#state === 'half-open' && this.#isProbing)) return null;
    const isProbe = this.#state === 'half-open';
    if (isProbe) this.#isProbing = true;
    let isOver = false;
    const once = (then: () => void) => (): void => {
      if (isOver) return;
      isOver = true;
      if (isProbe) this.#isProbing = false;
      then();
    };
    return {
      succeeded: once(() => this.#succeeded(isProbe)),
      failed: once(() => this.#failed(isProbe)),
      gaveUp: once(() => undefined),
    };
  }

  /** An answer that was begun before it opened says nothing of now. */
  #succeeded(isProbe: boolean): void {
    if (this.#state !== 'closed' && !isProbe) return;
    this.#failures = [];
    this.#openMs = 0;
    this.#become('closed');
  }

  #failed(isProbe: boolean): void {
    const now = this.#clock.monotonicMs();
    if (isProbe) return this.#open(now);
    // Those that were under way when it opened do not make it wait longer.
    if (this.#state !== 'closed') return;
    this.#failures = this.#failures.filter((at) => at > now - limits.modelBreakerWindowMs);
    this.#failures.push(now);
    if (this.#failures.length >= limits.modelBreakerFailures) this.#open(now);
  }

  #open(now: number): void {
    this.#failures = [];
    const longer = Math.max(limits.modelBreakerOpenMsMin, this.#openMs * 2);
    this.#openMs = Math.min(longer, limits.modelBreakerOpenMsMax);
    this.#openUntilMs = now + this.#openMs;
    this.#become('open');
  }

  #become(state: BreakerState): void {
    if (state === this.#state) return;
    this.#state = state;
    this.#onState(state);
  }
}
