/**
 * Shares dear answers among those who ask for the same thing. An answer that set out before the question
 * was asked proves nothing: who asks while one is under way waits, together with all others, for the next.
 */
export class FreshAnswers<T> {
  readonly #running = new Map<string, { readonly current: Promise<T>; next: Promise<T> | null }>();

  /** Keys with an answer under way: at most as many as there are callers that wait. */
  get size(): number {
    return this.#running.size;
  }

  ask(key: string, work: () => Promise<T>): Promise<T> {
    const running = this.#running.get(key);
    if (running === undefined) return this.#start(key, work);
    const start = (): Promise<T> => this.#start(key, work);
    running.next ??= running.current.then(start, start);
    return running.next;
  }

  #start(key: string, work: () => Promise<T>): Promise<T> {
    const current = work();
    const running = { current, next: null };
    this.#running.set(key, running);
    const done = (): void => {
      if (this.#running.get(key) === running && running.next === null) this.#running.delete(key);
    };
    void current.then(done, done);
    return current;
  }
}
