/** Token buckets of many: of principals (by tenant and id) or of addresses. Bounded; a look-up makes nothing new. */
import { type RateClass, rateClasses } from '../../domain/limiting/rates.ts';
import { afterTaking, type Rate, waitMs } from '../../domain/limiting/token-bucket.ts';

const indexOf = Object.fromEntries(rateClasses.map((name, index) => [name, index])) as {
  readonly [C in RateClass]: number;
};

/** How many buckets an eviction looks at before it takes the one that lacks least. */
const evictionLooksMax = 16;

/** All buckets of one owner. */
export class Buckets {
  readonly group: string;
  readonly key: string;
  /** By class: when its bucket is full again, in milliseconds of the monotonic clock. */
  readonly #fullAtMs: number[] = rateClasses.map(() => 0);
  #allFullAtMs = 0;
  /** By class: operations that the address has paid for already, plus one; 0: it never paid. */
  readonly #paid: number[] = rateClasses.map(() => 0);

  constructor(group: string, key: string) {
    this.group = group;
    this.key = key;
  }

  waitMs(rateClass: RateClass, rate: Rate, nowMs: number, cost = 1): number {
    return waitMs(rate, this.#fullAtMs[indexOf[rateClass]] ?? 0, nowMs, cost);
  }

  take(rateClass: RateClass, rate: Rate, nowMs: number, cost = 1): void {
    const index = indexOf[rateClass];
    const fullAtMs = afterTaking(rate, this.#fullAtMs[index] ?? 0, nowMs, cost);
    this.#fullAtMs[index] = fullAtMs;
    if (fullAtMs > this.#allFullAtMs) this.#allFullAtMs = fullAtMs;
    const paid = this.#paid[index] ?? 0;
    if (paid > 1) this.#paid[index] = paid - 1;
  }

  /** How many operations the address has to pay for now: none, one (the first time), or `every`. */
  addressOwes(rateClass: RateClass, every: number): number {
    const paid = this.#paid[indexOf[rateClass]] ?? 0;
    return paid > 1 ? 0 : paid === 1 ? every : 1;
  }

  addressPaid(rateClass: RateClass, count: number): void {
    this.#paid[indexOf[rateClass]] = count + 1;
  }

  /** When everything is full again: what it knows is of no use from then on. */
  get fullAtMs(): number {
    return this.#allFullAtMs;
  }
}

/**
 * Full: a newcomer takes the place of one of the next 16 whose buckets are full again, else of the one among them
 * that lacks least. So who floods keeps its empty bucket, and a table full of strangers costs O(1) each.
 */
export class BucketTable {
  readonly #sizeMax: number;
  readonly #groups = new Map<string, Map<string, Buckets>>();
  readonly #all: Buckets[] = [];
  #hand = 0;

  constructor(sizeMax: number) {
    this.#sizeMax = sizeMax;
  }

  get size(): number {
    return this.#all.length;
  }

  of(group: string, key: string, nowMs: number): Buckets {
    return this.#groups.get(group)?.get(key) ?? this.#add(new Buckets(group, key), nowMs);
  }

  #add(buckets: Buckets, nowMs: number): Buckets {
    if (this.#all.length < this.#sizeMax) {
      this.#all.push(buckets);
    } else {
      const at = this.#evictable(nowMs);
      const old = this.#all[at];
      if (old !== undefined) this.#forget(old);
      this.#all[at] = buckets;
    }
    const group = this.#groups.get(buckets.group);
    if (group === undefined) this.#groups.set(buckets.group, new Map([[buckets.key, buckets]]));
    else group.set(buckets.key, buckets);
    return buckets;
  }

  #evictable(nowMs: number): number {
    let best = this.#hand;
    let bestAtMs = Number.POSITIVE_INFINITY;
    for (let looked = 0; looked < evictionLooksMax; looked += 1) {
      const at = this.#hand;
      this.#hand = (at + 1) % this.#all.length;
      const fullAtMs = this.#all[at]?.fullAtMs ?? 0;
      if (fullAtMs <= nowMs) return at;
      if (fullAtMs < bestAtMs) {
        best = at;
        bestAtMs = fullAtMs;
      }
    }
    return best;
  }

  #forget({ group, key }: Buckets): void {
    const others = this.#groups.get(group);
    others?.delete(key);
    if (others?.size === 0) this.#groups.delete(group);
  }
}
