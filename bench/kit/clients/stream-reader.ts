/** Proves for one reader that a streamed message arrives complete, in order, once, and ends in its post. */
import type { WireDelta, WireEvent } from './native-client.ts';

/** What its author sent: text and time of each delta. */
export type StreamedMessage = { readonly id: string; readonly sentAt: number[]; readonly texts: string[] };

export class StreamReader {
  readonly #latencies: number[];
  #message: StreamedMessage = { id: '', sentAt: [], texts: [] };
  #received = 0;
  isDone = true;

  /** `latencies` collects milliseconds from send to receipt, one a delta. */
  constructor(latencies: number[]) {
    this.#latencies = latencies;
  }

  expect(message: StreamedMessage): void {
    this.#message = message;
    this.#received = 0;
    this.isDone = false;
  }

  delta(delta: WireDelta): void {
    const now = performance.now();
    const { id, sentAt, texts } = this.#message;
    if (delta.message_id !== id || delta.from !== this.#received) {
      throw new Error(
        `delta ${delta.from}-${delta.index} of ${delta.message_id} where ${this.#received} of ${id} belongs`,
      );
    }
    const expected = texts.slice(delta.from, delta.index + 1).join('');
    if (delta.text !== expected) throw new Error(`delta ${delta.from}-${delta.index} has another text`);
    for (let index = delta.from; index <= delta.index; index += 1) this.#latencies.push(now - sentAt[index]!);
    this.#received = delta.index + 1;
  }

  event(event: WireEvent): void {
    if (event.type !== 'message.posted' || event.data.message_id !== this.#message.id) return;
    const { texts } = this.#message;
    if (this.#received !== texts.length) {
      throw new Error(`the message came after ${this.#received} of its ${texts.length} deltas`);
    }
    if (event.data.content !== texts.join(''))
      throw new Error('the message has another text than its deltas');
    if (this.isDone) throw new Error('the message came twice');
    this.isDone = true;
  }
}
