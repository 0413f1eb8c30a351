/** Times, counted in buckets that are 2 % apart: as much memory for a million of them as for ten. */

export interface Figures {
  readonly count: number;
  /** Milliseconds; null: there were none. */
  readonly p50: number | null;
  readonly p90: number | null;
  readonly p99: number | null;
  readonly max: number | null;
}

const growth = Math.log(1.02);
/** A hundredth of a millisecond: what is shorter is that long. */
const msMin = 0.01;

export class Times {
  readonly #buckets: number[] = [];
  #count = 0;
  #max = 0;

  get count(): number {
    return this.#count;
  }

  add(ms: number): void {
    const bucket = Math.max(0, Math.ceil(Math.log(Math.max(ms, msMin) / msMin) / growth));
    this.#buckets[bucket] = (this.#buckets[bucket] ?? 0) + 1;
    this.#count += 1;
    this.#max = Math.max(this.#max, ms);
  }

  figures(): Figures {
    const [p50, p90, p99] = [0.5, 0.9, 0.99].map((share) => this.#at(share));
    const max = this.#count === 0 ? null : rounded(this.#max);
    return { count: this.#count, p50: p50 ?? null, p90: p90 ?? null, p99: p99 ?? null, max };
  }

  #at(share: number): number | null {
    let below = 0;
    for (const [bucket, count = 0] of this.#buckets.entries()) {
      below += count;
      if (count > 0 && below >= this.#count * share)
        return rounded(Math.min(this.#max, msMin * Math.exp(bucket * growth)));
    }
    return null;
  }
}

const rounded = (ms: number): number => Math.round(ms * 100) / 100;
