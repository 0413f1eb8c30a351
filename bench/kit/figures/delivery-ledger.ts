/**
 * Proves for one conversation and one receiver: every acknowledged post arrives exactly once, with its own
 * text, under the number that its sender was told, and positions have no gap.
 */
import type { WireEvent } from '../clients/native-client.ts';

export class DeliveryLedger {
  /** By seq; whichever of ack and event comes first waits here for the other. */
  readonly #acked = new Map<number, string>();
  readonly #received = new Map<number, string>();
  #position: number | undefined;
  ackedCount = 0;
  receivedCount = 0;

  acked(seq: number, text: string): void {
    this.ackedCount += 1;
    this.#match(seq, text, this.#acked, this.#received);
  }

  received(event: WireEvent): void {
    if (this.#position !== undefined && event.position !== this.#position + 1) {
      throw new Error(`position ${event.position} arrived after ${this.#position}`);
    }
    this.#position = event.position;
    if (event.type !== 'message.posted') return;
    this.receivedCount += 1;
    this.#match(event.seq ?? 0, event.data.content ?? '', this.#received, this.#acked);
  }

  get isComplete(): boolean {
    return this.#acked.size === 0 && this.#received.size === 0;
  }

  #match(seq: number, text: string, mine: Map<number, string>, other: Map<number, string>): void {
    const counterpart = other.get(seq);
    if (counterpart === undefined) {
      if (mine.has(seq)) throw new Error(`seq ${seq} twice`);
      mine.set(seq, text);
      return;
    }
    if (counterpart !== text)
      throw new Error(`seq ${seq} was acknowledged for one text and arrived with another`);
    other.delete(seq);
  }
}
