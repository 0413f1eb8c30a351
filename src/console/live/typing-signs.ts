/** Who is typing: what others say of it, and what one says oneself. It is volatile on both sides. */
import { signal } from '@preact/signals';

/** It ends by itself after so long, as the server sees it. */
const shownMs = 6_000;
const saidEveryMs = 3_000;

export class TypingSigns {
  /** Ids, in the order in which they began. */
  readonly who = signal<readonly string[]>([]);
  readonly #timers = new Map<string, number>();
  readonly #say: () => void;
  #saidAt = Number.NEGATIVE_INFINITY;

  /** `say`: tells the others that one is typing. */
  constructor(say: () => void) {
    this.#say = say;
  }

  /** Called for each key: it is said now and then. */
  typed(): void {
    const now = performance.now();
    if (now - this.#saidAt < saidEveryMs) return;
    this.#saidAt = now;
    this.#say();
  }

  /** What was typed is sent. */
  sent(): void {
    this.#saidAt = Number.NEGATIVE_INFINITY;
  }

  begin(id: string): void {
    if (!this.who.value.includes(id)) this.who.value = [...this.who.value, id];
    clearTimeout(this.#timers.get(id));
    this.#timers.set(
      id,
      setTimeout(() => this.end(id), shownMs),
    );
  }

  end(id: string): void {
    clearTimeout(this.#timers.get(id));
    this.#timers.delete(id);
    if (this.who.value.includes(id)) this.who.value = this.who.value.filter((one) => one !== id);
  }

  close(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
  }
}
