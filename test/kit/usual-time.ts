/**
 * Times of something that is promised within a second. A machine that pauses, or is busy with other tests, makes one of
 * them long: so the usual one is held to the promise, and each to a bound that only a mechanism which is missing breaks.
 */
import type { Test } from 'tap';

const promisedMs = 1_000;
/** Longer than machines pause; shorter than what would end by itself lives. */
const latestMs = 20_000;

export class UsualTime {
  readonly #times: number[] = [];

  /** Milliseconds from `since` until `holds` answers true, looked at without a pause; gives up when it is too late. */
  async until(holds: () => Promise<boolean>, since = performance.now()): Promise<number> {
    while (!(await holds()) && performance.now() - since < latestMs);
    return performance.now() - since;
  }

  /** One of the times, milliseconds. */
  took(t: Test, what: string, ms: number): void {
    this.#times.push(ms);
    t.ok(ms < latestMs, `${what}: ${Math.round(ms)} ms`);
  }

  /** At the end: half of them are within the second. */
  prove(t: Test): void {
    const usual = this.#times.toSorted((a, b) => a - b)[Math.floor(this.#times.length / 2)] ?? Infinity;
    t.ok(usual < promisedMs, `the usual one of ${this.#times.length}: ${Math.round(usual)} ms`);
  }
}
