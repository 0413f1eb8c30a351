/**
 * Runs what has the same key one after another, in the order in which it was asked. Deltas need that: the first of a
 * message may wait for its conversation or for a head check, and the next ones, which need not, would overtake it.
 * Bounded by what one socket may have in flight; what nothing is in hand for costs no turn of the loop.
 */
export function openInOrder<T>(): (key: string, run: () => Promise<T>) => Promise<T> {
  const last = new Map<string, Promise<T>>();
  return (key, run) => {
    const before = last.get(key);
    const mine = before === undefined ? run() : before.then(run, run);
    last.set(key, mine);
    const forget = (): void => {
      if (last.get(key) === mine) last.delete(key);
    };
    mine.then(forget, forget);
    return mine;
  };
}
