/** How many runs may be under way: of each agent, and on this node. Whoever waits is served in the order it came. */

export interface PlaceLimits {
  readonly perAgentMax: number;
  readonly inAllMax: number;
}

interface Waiting {
  readonly agent: string;
  readonly admit: () => void;
}

export class Places {
  readonly #limits: PlaceLimits;
  readonly #taken = new Map<string, number>();
  /** Bounded by the turns that are in the hands of a node. */
  readonly #waiting = new Set<Waiting>();
  #inAll = 0;

  constructor(limits: PlaceLimits) {
    this.#limits = limits;
  }

  /** Resolves with what frees the place again; null when `signal` ended the wait. */
  async take(agent: string, signal: AbortSignal): Promise<(() => void) | null> {
    if (signal.aborted) return null;
    if (this.#hasRoom(agent)) this.#add(agent, 1);
    else if (!(await this.#admitted(agent, signal))) return null;
    let isFree = false;
    return () => {
      if (isFree) return;
      isFree = true;
      this.#add(agent, -1);
      this.#admitNext();
    };
  }

  /** True once a place is taken. */
  #admitted(agent: string, signal: AbortSignal): Promise<boolean> {
    return new Promise((resolve) => {
      const end = (isAdmitted: boolean): void => {
        this.#waiting.delete(waiting);
        signal.removeEventListener('abort', leave);
        resolve(isAdmitted);
      };
      const leave = (): void => end(false);
      const admit = (): void => {
        this.#add(agent, 1);
        end(true);
      };
      const waiting: Waiting = { agent, admit };
      this.#waiting.add(waiting);
      signal.addEventListener('abort', leave);
    });
  }

  #hasRoom(agent: string): boolean {
    const { perAgentMax, inAllMax } = this.#limits;
    return this.#inAll < inAllMax && (this.#taken.get(agent) ?? 0) < perAgentMax;
  }

  #add(agent: string, change: 1 | -1): void {
    const taken = (this.#taken.get(agent) ?? 0) + change;
    if (taken === 0) this.#taken.delete(agent);
    else this.#taken.set(agent, taken);
    this.#inAll += change;
  }

  #admitNext(): void {
    for (const { agent, admit } of this.#waiting) {
      if (!this.#hasRoom(agent)) continue;
      admit();
      return;
    }
  }
}
