/**
 * Gathers delivered messages into batches and projects one batch at a time, in order. A failed batch
 * is tried again with a growing pause and never skipped; its size is bounded by the consumer's
 * max_ack_pending. Redelivered messages are dropped by their sequence, but acknowledged: the server takes no
 * acknowledgement of an older delivery once it has one of a newer, and then redelivers for ever, up to max_ack_pending
 * messages, behind which nothing new comes.
 */
interface BatchQueueOptions<M> {
  readonly batchMax: number;
  readonly sequenceOf: (message: M) => number;
  readonly project: (batch: readonly M[]) => Promise<void>;
  /** Acknowledges everything up to this message. */
  readonly done: (last: M) => void;
  /** Tells the server that this message is still in hand. */
  readonly working: (last: M) => void;
  readonly workingMs: number;
  readonly onFailure: (error: unknown) => void;
  /**
   * Time between the beginnings of two batches: a transaction costs nearly as much for one entry as for
   * forty. The first entry after a pause does not wait, so a single post is projected at once; the more
   * wait, the longer they wait for others: from `paceMinMs` up to `paceMs`, which `busyFrom` entries reach.
   */
  readonly paceMinMs: number;
  readonly busyFrom: number;
  readonly paceMs: number;
}

const pauseMinMs = 100;
const pauseMaxMs = 5_000;

export class BatchQueue<M> {
  readonly #options: BatchQueueOptions<M>;
  #waiting: M[] = [];
  #lastSequence = 0;
  #doneSequence = 0;
  /** The last one that was redelivered while its first delivery waits or is in hand. */
  #again: M | null = null;
  #begunMs = Number.NEGATIVE_INFINITY;
  #running: Promise<void> | null = null;
  #isClosed = false;
  #wake: (() => void) | null = null;

  constructor(options: BatchQueueOptions<M>) {
    this.#options = options;
  }

  push(message: M): void {
    const sequence = this.#options.sequenceOf(message);
    if (sequence <= this.#doneSequence) return this.#options.done(message);
    if (sequence <= this.#lastSequence) {
      this.#again = message;
      return;
    }
    this.#lastSequence = sequence;
    this.#waiting.push(message);
    this.#running ??= this.#run();
  }

  /** Waits until everything that was pushed is projected, but no longer than `withinMs`. */
  async drained(withinMs: number): Promise<void> {
    if (this.#running === null) return;
    let late: NodeJS.Timeout | undefined;
    const enough = new Promise<void>((resolve) => {
      late = setTimeout(resolve, withinMs);
    });
    await Promise.race([this.#running, enough]);
    clearTimeout(late);
  }

  /** Waits for the batch in hand; what is not projected is delivered again to the next projector. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#wake?.();
    await this.#running;
  }

  async #run(): Promise<void> {
    // One turn of the event loop gathers what one read of the socket brought.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#waiting.length > 0 && !this.#isClosed) {
      await this.#rest();
      if (this.#isClosed) break;
      this.#begunMs = performance.now();
      const batch = this.#waiting.splice(0, this.#options.batchMax);
      await this.#projectUntilDone(batch);
    }
    this.#running = null;
  }

  /** Few entries wait a moment for others, many wait longer, since many more are about to follow. */
  async #rest(): Promise<void> {
    while (this.#waiting.length < this.#options.batchMax && !this.#isClosed) {
      const restMs = this.#begunMs + this.#paceMs() - performance.now();
      if (restMs <= 0) return;
      await this.#pause(restMs);
    }
  }

  #paceMs(): number {
    const { paceMinMs, paceMs, busyFrom } = this.#options;
    return paceMinMs + (paceMs - paceMinMs) * Math.min(1, (this.#waiting.length - 1) / (busyFrom - 1));
  }

  async #projectUntilDone(batch: readonly M[]): Promise<void> {
    const last = batch.at(-1);
    if (last === undefined) return;
    const heartbeat = setInterval(() => this.#options.working(last), this.#options.workingMs);
    // A projection that hangs must not keep the process alive.
    heartbeat.unref();
    try {
      for (let pauseMs = pauseMinMs; !this.#isClosed; pauseMs = Math.min(pauseMs * 2, pauseMaxMs)) {
        try {
          await this.#options.project(batch);
          this.#acknowledge(last);
          return;
        } catch (error) {
          this.#options.onFailure(error);
          await this.#pause(pauseMs);
        }
      }
    } finally {
      clearInterval(heartbeat);
    }
  }

  #acknowledge(last: M): void {
    const { done, sequenceOf } = this.#options;
    this.#doneSequence = sequenceOf(last);
    done(last);
    if (this.#again === null || sequenceOf(this.#again) > this.#doneSequence) return;
    done(this.#again);
    this.#again = null;
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
