/** How far one has read: shown at once, told to the server twice a second at most, and always what was last. */
const everyMs = 500;

export interface ReadSide {
  /** Moves the mark of the server. */
  tell(seq: number): Promise<{ readonly last_read_seq: number; readonly unread: number }>;
  /** Shows that everything up to this seq is read, and how much is not. */
  show(seq: number, unread: number): void;
}

export class ReadMark {
  readonly #side: ReadSide;
  #seen = 0;
  #told = 0;
  #timer: number | null = null;

  constructor(side: ReadSide) {
    this.#side = side;
  }

  /** Everything up to this seq has been seen. */
  move(seq: number): void {
    if (seq <= this.#seen) return;
    this.#seen = seq;
    this.#side.show(seq, 0);
    if (this.#timer === null) void this.#tell();
  }

  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  async #tell(): Promise<void> {
    const seq = this.#seen;
    this.#told = seq;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      if (this.#seen > this.#told) void this.#tell();
    }, everyMs);
    try {
      const { last_read_seq: read, unread } = await this.#side.tell(seq);
      if (this.#seen === seq) this.#side.show(read, unread);
    } catch {
      // Nothing is lost: the next thing that is seen moves the mark.
    }
  }
}
