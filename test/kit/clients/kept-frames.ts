/** What a socket of a test was sent: nothing is hidden, every frame is kept, and nobody waits for one for ever. */

/** Longer than what is usually waited for, also on a busy machine; shorter than the time limit of a test. */
const waitMsMax = 30_000;
/** The error is read by people. */
const framesShownMax = 20;
const frameCharsMax = 200;

export type Wait = {
  /** The first frame that counts; default: all do. */
  readonly from?: number;
  readonly withinMs?: number;
  /** What is waited for, in the words of an error; default: the text of the function. */
  readonly what?: string;
};

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
   * The first frame that matches, also one that came before. Rejects when the socket ends without it, or when it
   * does not come in time; the error says what was sought, and what came.
   */
  async find(matches: (frame: Frame) => boolean, wait: Wait = {}): Promise<Frame> {
    const { from = 0, withinMs = waitMsMax, what = String(matches) } = wait;
    const deadline = performance.now() + withinMs;
    for (let at = from; ; ) {
      const found = this.all.slice(at).find(matches);
      if (found !== undefined) return found;
      at = Math.max(at, this.all.length);
      if (this.#isEnded) throw this.#missing(`The socket ended without ${what}`, from);
      const leftMs = deadline - performance.now();
      if (leftMs <= 0) throw this.#missing(`${withinMs} ms went by without ${what}`, from);
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

  #missing(what: string, from: number): Error {
    const looked = this.all.slice(from);
    const shown = looked.slice(-framesShownMax).map((frame) => shortened(JSON.stringify(frame)));
    const count = `${looked.length} frames, the last ${shown.length} of them`;
    return new Error(`${what}\n${count}:\n${shown.join('\n')}`);
  }
}

function shortened(text: string): string {
  return text.length <= frameCharsMax ? text : `${text.slice(0, frameCharsMax)}… (${text.length})`;
}
