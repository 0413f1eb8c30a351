/** Which other nodes are heard of, and of which something got lost on the way: each numbers what it tells. */

interface Heard {
  /** When it was heard of last. */
  readonly atMs: number;
  readonly number: number;
  /** What it has is not all known here. */
  readonly isMissing: boolean;
}

export class HeardNodes {
  /** Bounded by the nodes that there are: silent ones are taken out. */
  readonly #nodes = new Map<string, Heard>();

  /** `number`: of what it told just now. Something is missing of a node that is new here, and behind a gap. */
  hear(node: string, number: number, atMs: number): void {
    const before = this.#nodes.get(node);
    const isMissing = before === undefined || before.isMissing || number !== before.number + 1;
    this.#nodes.set(node, { atMs, number, isMissing });
  }

  /** It tells all that it has now. True when something was missing: what was known of it before is not to be kept. */
  tellsAll(node: string): boolean {
    const heard = this.#nodes.get(node);
    if (heard?.isMissing !== true) return false;
    this.#nodes.set(node, { ...heard, isMissing: false });
    return true;
  }

  /** Of any of them. */
  get isSomethingMissing(): boolean {
    for (const { isMissing } of this.#nodes.values()) if (isMissing) return true;
    return false;
  }

  /** Takes out those that were not heard of since then. */
  giveUp(sinceMs: number): readonly string[] {
    const silent = [...this.#nodes].filter(([, { atMs }]) => atMs < sinceMs).map(([node]) => node);
    for (const node of silent) this.#nodes.delete(node);
    return silent;
  }
}
