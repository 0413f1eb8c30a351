/** What a socket of a test was sent: nothing is hidden, every frame is kept, and nobody waits for one for ever. */

/** Longer than any wait of the product that a test sits through; shorter than the time limit of a test. */
const waitMsMax = 20_000;
const framesShownMax = 40;
const frameCharsMax = 300;

// biome-ignore lint/suspicious/noExplicitAny: tests look into frames of every shape
export class KeptFrames<Frame = Record<string, any>> {
  /** In the order in which they came. */
  readonly all: Frame[] = [];
  #waiting: (() => void)[] = [];
  #isEnded = false;

  take(frame: Frame): void {
    this.all.push(frame);
    this.#wake();
  }

  /** No more will come. */
  end(): void {
    this.#isEnded = true;
    this.#wake();
  }

  /**
   * The first frame from `from` on that matches, also one that came before. Rejects when the socket ends without
   * it, or when it does not come in time; the error says what was sought, and what came.
   */
  async find(matches: (frame: Frame) => boolean, from = 0): Promise<Frame> {
    const deadline = performance.now() + waitMsMax;
    for (let at = from; ; ) {
      const found = this.all.slice(at).find(matches);
      if (found !== undefined) return found;
      at = Math.max(at, this.all.length);
      if (this.#isEnded) throw this.#missing('The socket ended', matches, from);
      const leftMs = deadline - performance.now();
      if (leftMs <= 0) throw this.#missing(`${waitMsMax} ms went by`, matches, from);
      await this.#next(leftMs);
    }
  }

  /** Resolves with the next frame, at the end, or after a while. */
  async #next(withinMs: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      timer = setTimeout(resolve, withinMs);
      this.#waiting.push(resolve);
    });
    clearTimeout(timer);
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  #missing(what: string, matches: (frame: Frame) => boolean, from: number): Error {
    const looked = this.all.slice(from);
    const shown = looked.slice(-framesShownMax).map((frame) => shortened(JSON.stringify(frame)));
    const count = `${looked.length} frames, the last ${shown.length} of them`;
    return new Error(`${what} without a frame that fits ${matches}\n${count}:\n${shown.join('\n')}`);
  }
}

function shortened(text: string): string {
  return text.length <= frameCharsMax ? text : `${text.slice(0, frameCharsMax)}… (${text.length})`;
}
