/** Items that wait for the one who iterates: bounded by their number and size. */
import { bounds } from '../bounds.ts';

interface Held<T> {
  readonly item: T;
  chars: number;
}

export class FeedQueue<T> {
  readonly #held: Held<T>[] = [];
  #head = 0;
  #chars = 0;

  get length(): number {
    return this.#held.length - this.#head;
  }

  /** How many more items there is room for; 0 also when what is held is too large in all. */
  get room(): number {
    return this.#chars >= bounds.feedCharsMax ? 0 : Math.max(0, bounds.feedItemsMax - this.length);
  }

  push(item: T, chars: number): void {
    this.#held.push({ item, chars });
    this.#chars += chars;
  }

  /** The next item, or undefined when there is none. */
  shift(): T | undefined {
    const held = this.#held[this.#head];
    if (held === undefined) return undefined;
    this.#head += 1;
    this.#chars -= held.chars;
    // Now and then, so that a long queue is not moved for each item.
    if (this.#head >= 256 || this.#head === this.#held.length) {
      this.#held.splice(0, this.#head);
      this.#head = 0;
    }
    return held.item;
  }

  /** Puts `change(item)` in the place of the newest waiting item that matches; false: none does. */
  replace(matches: (item: T) => boolean, change: (item: T) => T, chars: number): boolean {
    for (let index = this.#held.length - 1; index >= this.#head; index -= 1) {
      const held = this.#held[index];
      if (held === undefined || !matches(held.item)) continue;
      this.#held[index] = { item: change(held.item), chars: held.chars + chars };
      this.#chars += chars;
      return true;
    }
    return false;
  }

  clear(): void {
    this.#held.length = 0;
    this.#head = 0;
    this.#chars = 0;
  }
}
