/**
 * Passes things on in the order in which they came, each opened. What cannot be opened yet, because its
 * key must be read, keeps what follows waiting, so that nothing is lost or reordered.
 *
 *   passing --no key in memory--> holding --key is read--> passing
 */
import { limits } from '../../domain/limits.ts';
import { Problem } from '../../domain/problem.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Logger } from '../../ports/logger.ts';

export interface OrderWorld {
  readonly clock: Pick<Clock, 'after'>;
  readonly logger: Logger;
  /** True once the node closes: what is held then is not tried again. */
  readonly isClosed: () => boolean;
}

/** One for each followed conversation: there may be limits.conversationsCachedMax of them. */
export class InOrder<T> {
  isStopped = false;
  #held: T[] | null = null;
  readonly #open: (one: T) => T | Problem | Promise<T | Problem>;
  readonly #pass: (one: T) => void;
  readonly #world: OrderWorld;

  constructor(
    world: OrderWorld,
    open: (one: T) => T | Problem | Promise<T | Problem>,
    pass: (one: T) => void,
  ) {
    this.#world = world;
    this.#open = open;
    this.#pass = pass;
  }

  take(one: T): void {
    if (this.#held !== null) return this.#hold(one, this.#held);
    const opened = this.#open(one);
    if (!(opened instanceof Promise) && !(opened instanceof Problem)) return this.#pass(opened);
    this.#held = [one];
    void this.#passHeld(this.#held);
  }

  /** Beyond the bound only the newest is kept: after a hole it lets its reader read the store. */
  #hold(one: T, held: T[]): void {
    if (held.length >= limits.sealedHeldMax) held.pop();
    held.push(one);
  }

  async #passHeld(held: T[]): Promise<void> {
    let pauseMs: number = limits.sealedRetryMsMin;
    while (held.length > 0 && !this.isStopped && !this.#world.isClosed()) {
      const next = held[0] as T;
      const opened = await this.#tryOpen(next);
      if (opened instanceof Problem) {
        await new Promise<void>((resolve) => void this.#world.clock.after(pauseMs, resolve));
        pauseMs = Math.min(pauseMs * 2, limits.sealedRetryMsMax);
        continue;
      }
      // What came meanwhile may have taken the place of the newest one.
      if (held[0] !== next || this.isStopped) continue;
      held.shift();
      if (opened !== null) this.#passHeldOne(opened);
    }
    this.#held = null;
  }

  /** Null: it is not what it looked like, and nobody can take it. */
  async #tryOpen(one: T): Promise<T | Problem | null> {
    try {
      return await this.#open(one);
    } catch (error) {
      this.#world.logger.error({ error }, 'A live message could not be opened');
      return null;
    }
  }

  #passHeldOne(opened: T): void {
    try {
      this.#pass(opened);
    } catch (error) {
      this.#world.logger.error({ error }, 'A live message that had waited could not be taken');
    }
  }
}
