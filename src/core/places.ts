/** How many may be at work at once: of each key, and on this node. Whoever waits is served in the order it came. */

export interface PlaceLimits {
  readonly perKeyMax: number;
  readonly inAllMax: number;
}

interface Waiting {
  readonly key: string;
  readonly admit: () => void;
}

export class Places {
  readonly #limits: PlaceLimits;
  readonly #taken = new Map<string, number>();
  /** Bounded by what is in the hands of a node. */
  readonly #waiting = new Set<Waiting>();
  #inAll = 0;

  constructor(limits: PlaceLimits) {
    this.#limits = limits;
  }

  /** Resolves with what frees the place again; null when `signal` ended the wait. */
  async take(key: string, signal: AbortSignal): Promise<(() => void) | null> {
    if (signal.aborted) return null;
    if (this.#hasRoom(key)) this.#add(key, 1);
    else if (!(await this.#admitted(key, signal))) return null;
    return this.#leaving(key);
  }

  /** As take(), for who does not wait: null when there is no room now. */
  takeNow(key: string): (() => void) | null {
    if (!this.#hasRoom(key)) return null;
    this.#add(key, 1);
    return this.#leaving(key);
  }

  /** Of a place that is taken. */
  #leaving(key: string): () => void {
    let isFree = false;
    return () => {
      if (isFree) return;
      isFree = true;
      this.#add(key, -1);
      this.#admitNext();
    };
  }

  /** True once a place is taken. */
  #admitted(key: string, signal: AbortSignal): Promise<boolean> {
    return new Promise((resolve) => {
      const end = (isAdmitted: boolean): void => {
        this.#waiting.delete(waiting);
        signal.removeEventListener('abort', leave);
        resolve(isAdmitted);
      };
      const leave = (): void => end(false);
      const admit = (): void => {
        this.#add(key, 1);
        end(true);
      };
      const waiting: Waiting = { key, admit };
      this.#waiting.add(waiting);
      signal.addEventListener('abort', leave);
    });
  }

  #hasRoom(key: string): boolean {
    const { perKeyMax, inAllMax } = this.#limits;
    return this.#inAll < inAllMax && (this.#taken.get(key) ?? 0) < perKeyMax;
  }

  #add(key: string, change: 1 | -1): void {
    const taken = (this.#taken.get(key) ?? 0) + change;
    if (taken === 0) this.#taken.delete(key);
    else this.#taken.set(key, taken);
    this.#inAll += change;
  }

  #admitNext(): void {
    for (const { key, admit } of this.#waiting) {
      if (!this.#hasRoom(key)) continue;
      admit();
      return;
    }
  }
}
