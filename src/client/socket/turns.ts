/**
 * Whose turn it is to be asked again. What the server refuses for the moment waits, and what is asked meanwhile waits
 * behind it: so posts that are sent without waiting for each other stay in their order, and a server that has too
 * much to do is asked for one at a time.
 */
export class Turns {
  /** By place: settled when the last one in line is done. Bounded by the requests that wait. */
  readonly #last = new Map<string, Promise<void>>();

  isBusy(place: string): boolean {
    return this.#last.has(place);
  }

  /** Joins the line: `mine` resolves when all before are done; `leave` is called when this one is. */
  join(place: string): { readonly mine: Promise<void>; readonly leave: () => void } {
    const mine = this.#last.get(place) ?? Promise.resolve();
    let leave: () => void = () => undefined;
    const left = new Promise<void>((resolve) => (leave = resolve));
    // Who gives up in the middle of the line lets nobody pass those before it.
    const all = mine.then(() => left);
    this.#last.set(place, all);
    void all.then(() => {
      if (this.#last.get(place) === all) this.#last.delete(place);
    });
    return { mine, leave };
  }
}
