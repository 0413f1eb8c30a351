/** Answers of the provider by credential, bounded; what it refused is kept apart from what it vouched for. */
import type { VouchedPrincipal } from '../../ports/identity/external-identity.ts';

export type KeptAnswer = VouchedPrincipal | 'invalid';

interface Kept {
  readonly answer: KeptAnswer;
  /** Microseconds. */
  readonly until: number;
}

export class AnswerCache {
  readonly #vouchedMax: number;
  readonly #refusedMax: number;
  /** Oldest first. */
  readonly #vouched = new Map<string, Kept>();
  readonly #refused = new Map<string, Kept>();

  constructor(vouchedMax: number, refusedMax: number) {
    this.#vouchedMax = vouchedMax;
    this.#refusedMax = refusedMax;
  }

  get(key: string, now: number): KeptAnswer | null {
    const kept = this.#vouched.get(key) ?? this.#refused.get(key);
    if (kept !== undefined && kept.until > now) return kept.answer;
    this.#vouched.delete(key);
    this.#refused.delete(key);
    return null;
  }

  delete(key: string): void {
    this.#vouched.delete(key);
    this.#refused.delete(key);
  }

  keep(key: string, answer: KeptAnswer, until: number): void {
    const [map, max] =
      answer === 'invalid' ? [this.#refused, this.#refusedMax] : [this.#vouched, this.#vouchedMax];
    const oldest = map.size >= max ? map.keys().next() : null;
    if (oldest !== null && oldest.done !== true) map.delete(oldest.value);
    map.set(key, { answer, until });
  }
}
