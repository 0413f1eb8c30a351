/**
 * Keeps what a pinned consumer delivers without a hole. The pin may move between processes (a pull that
 * came late is enough), and then messages that the other process was given, but did not project, are
 * never delivered again: the next acknowledgement of ours would cover them. Such a move shows as a
 * jump of the delivery sequence. Everything after what is surely projected is then read from
 * the stream itself before anything newer is passed on; what the other process projects meanwhile is
 * projected twice, which changes nothing.
 */
import { limits } from '../../../domain/limits.ts';

/** A delivered message, as far as its order is concerned. */
export interface Delivered {
  /** Sequence in the stream. */
  readonly sequence: number;
  /** Counts every delivery of the consumer, to whomever. */
  readonly delivery: number;
}

interface DeliveryOrderOptions<M extends Delivered, F> {
  /** Passes one message on; in stream order. */
  readonly pass: (message: M | F) => void;
  /** The stream sequence up to which everything is surely projected. Rejects when it cannot be told. */
  readonly projectedUpTo: () => Promise<number>;
  /** Messages of the stream with a sequence in (after, before), in order. Rejects when they cannot be read. */
  readonly read: (after: number, before: number) => AsyncIterable<F>;
  readonly onGap: (from: number, to: number) => void;
  readonly onFailure: (error: unknown) => void;
}

export class DeliveryOrder<M extends Delivered, F> {
  readonly #options: DeliveryOrderOptions<M, F>;
  /** Of the newest message that was passed on or waits. */
  #lastDelivery = 0;
  /** Messages that wait until what lies before them is read; bounded by the consumer's max_ack_pending. */
  #waiting: M[] = [];
  #filling: Promise<void> | null = null;
  #isClosed = false;

  constructor(options: DeliveryOrderOptions<M, F>) {
    this.#options = options;
  }

  take(message: M): void {
    const isNext = message.delivery === this.#lastDelivery + 1 && this.#lastDelivery > 0;
    this.#lastDelivery = message.delivery;
    if (isNext && this.#filling === null) {
      this.#options.pass(message);
      return;
    }
    this.#waiting.push(message);
    this.#filling ??= this.#fill(message.sequence).finally(() => {
      this.#filling = null;
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#filling;
  }

  async #fill(before: number): Promise<void> {
    for (let pauseMs = 50; !this.#isClosed; pauseMs = Math.min(pauseMs * 2, limits.projectionRetryMsMax)) {
      try {
        await this.#readUpTo(before);
        break;
      } catch (error) {
        this.#options.onFailure(error);
        await new Promise((resolve) => setTimeout(resolve, pauseMs).unref());
      }
    }
    if (this.#isClosed) return;
    // Another jump among those that wait is a gap of its own: it was read up to the first of them only.
    const waiting = this.#waiting;
    this.#waiting = [];
    let last: M | null = null;
    for (const [index, message] of waiting.entries()) {
      if (last !== null && message.delivery !== last.delivery + 1) {
        this.#waiting = waiting.slice(index);
        await this.#fill(message.sequence);
        return;
      }
      this.#options.pass(message);
      last = message;
    }
  }

  async #readUpTo(before: number): Promise<void> {
    const floor = await this.#options.projectedUpTo();
    if (floor >= before - 1) return;
    this.#options.onGap(floor + 1, before - 1);
    for await (const message of this.#options.read(floor, before)) this.#options.pass(message);
  }
}
