/** Bodies that come in pieces, of all requests together: a slow upload is cheap for its sender, and not for a node. */
export class HeldBodies {
  readonly #bytesMax: number;
  #bytes = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** What one request holds of it. */
  open(): HeldBody {
    let held = 0;
    return {
      hold: (bytes) => {
        if (this.#bytes + bytes > this.#bytesMax) return false;
        this.#bytes += bytes;
        held += bytes;
        return true;
      },
      release: () => {
        this.#bytes -= held;
        held = 0;
      },
    };
  }
}

export interface HeldBody {
  /** False: there is no room for so many bytes more, and nothing is counted. */
  hold(bytes: number): boolean;
  /** Gives back all of it; may be called again. */
  release(): void;
}
