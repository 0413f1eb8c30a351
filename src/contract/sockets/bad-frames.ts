/** Counts the frames of a socket of which nothing can be made; its dialect says how many are too many. */
export class BadFrames {
  #count = 0;
  #sinceMs = 0;

  /** How many came since the minute began, with this one. The next one after a minute begins another. */
  add(nowMs: number): number {
    if (nowMs - this.#sinceMs > 60_000) {
      this.#sinceMs = nowMs;
      this.#count = 0;
    }
    this.#count += 1;
    return this.#count;
  }
}
