import { limits } from '../../../domain/limits.ts';
import { Problem } from '../../../domain/problem.ts';
import type { Clock } from '../../../ports/clock.ts';

export interface OpenReplyBounds {
  readonly repliesMax: number;
  readonly perCallerMax: number;
  readonly openMsMax: number;
}

/** An open reply that can be ended in good order. */
export interface Finishable {
  finish(): void;
}

/** Replies of unknown length: how many there may be, for how long, and their end when the node closes. */
export class OpenReplies {
  readonly #clock: Pick<Clock, 'after'>;
  readonly #bounds: OpenReplyBounds;
  readonly #open = new Set<Finishable>();
  /** By caller; none of them is 0. */
  readonly #counts = new Map<string, number>();
  #isDrained = false;

  constructor(clock: Pick<Clock, 'after'>, bounds: Partial<OpenReplyBounds> = {}) {
    this.#clock = clock;
    this.#bounds = {
      repliesMax: limits.openRepliesMax,
      perCallerMax: limits.openRepliesPerCallerMax,
      openMsMax: limits.openReplyMsMax,
      ...bounds,
    };
  }

  /** Counts it in; the answer counts it out again, once. A Problem: there are too many. */
  enter(reply: Finishable, caller: string): (() => void) | Problem {
    const { repliesMax, perCallerMax, openMsMax } = this.#bounds;
    const count = this.#counts.get(caller) ?? 0;
    if (count >= perCallerMax) return new Problem('rate_limited', 'Too many of your answers are open.');
    if (this.#isDrained || this.#open.size >= repliesMax) return new Problem('unavailable');
    this.#counts.set(caller, count + 1);
    this.#open.add(reply);
    const cancel = this.#clock.after(openMsMax, () => reply.finish());
    return () => {
      if (!this.#open.delete(reply)) return;
      cancel();
      const left = (this.#counts.get(caller) ?? 1) - 1;
      if (left === 0) this.#counts.delete(caller);
      else this.#counts.set(caller, left);
    };
  }

  /** Ends all that are open after `graceMs`, and lets none begin from then on. */
  drain(graceMs: number): void {
    const end = (): void => {
      this.#isDrained = true;
      for (const reply of [...this.#open]) reply.finish();
    };
    if (graceMs > 0) this.#clock.after(graceMs, end);
    else end();
  }
}
