/**
 * Values that are read often and changed rarely, remembered on each node. A change is told to all nodes, and a note
 * may be lost: so nothing is believed for longer than limits.personalKnownMs, and after a reconnect nothing at all.
 */
import { Problem } from '../../domain/problem.ts';
import type { Clock } from '../../ports/clock.ts';

interface Known<V> {
  readonly value: V;
  readonly untilMs: number;
}

interface Reading<V> {
  readonly answer: Promise<V | Problem>;
  /** What it reads may be older than a change that was told meanwhile: it is answered, but not remembered. */
  isOvertaken: boolean;
}

export class FollowedValues<V> {
  readonly #clock: Pick<Clock, 'monotonicMs'>;
  readonly #keptMax: number;
  readonly #keptMs: number;
  /** Least recently read first. */
  readonly #known = new Map<string, Known<V>>();
  /** Bounded by what waits for Postgres. */
  readonly #readings = new Map<string, Reading<V>>();

  constructor(clock: Pick<Clock, 'monotonicMs'>, keptMax: number, keptMs: number) {
    this.#clock = clock;
    this.#keptMax = keptMax;
    this.#keptMs = keptMs;
  }

  /** What is known, at once; else what `read` answers, which all who ask meanwhile share. */
  get(key: string, read: () => Promise<V | Problem>): V | Promise<V | Problem> {
    const known = this.#known.get(key);
    if (known !== undefined && known.untilMs > this.#clock.monotonicMs()) {
      this.#known.delete(key);
      this.#known.set(key, known);
      return known.value;
    }
    return this.#readings.get(key)?.answer ?? this.#read(key, read);
  }

  forget(key: string): void {
    this.#known.delete(key);
    this.#overtake(key);
  }

  forgetAll(): void {
    this.#known.clear();
    for (const key of [...this.#readings.keys()]) this.#overtake(key);
  }

  #overtake(key: string): void {
    const reading = this.#readings.get(key);
    if (reading === undefined) return;
    reading.isOvertaken = true;
    this.#readings.delete(key);
  }

  #read(key: string, read: () => Promise<V | Problem>): Promise<V | Problem> {
    // In one step with what follows: a change in between would find no reading to overtake.
    const end = (): boolean => !reading.isOvertaken && this.#readings.delete(key);
    const reading: Reading<V> = {
      answer: read().then(
        (value) => {
          if (end() && !(value instanceof Problem)) this.#keep(key, value);
          return value;
        },
        (error: unknown) => {
          end();
          throw error;
        },
      ),
      isOvertaken: false,
    };
    this.#readings.set(key, reading);
    return reading.answer;
  }

  #keep(key: string, value: V): void {
    this.#known.delete(key);
    this.#known.set(key, { value, untilMs: this.#clock.monotonicMs() + this.#keptMs });
    const oldest = this.#known.size > this.#keptMax ? this.#known.keys().next() : null;
    if (oldest !== null && oldest.done !== true) this.#known.delete(oldest.value);
  }
}
