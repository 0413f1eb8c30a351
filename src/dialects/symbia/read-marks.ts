/** Reading messages moves the caller's read cursor, as upstream does; what did not move is not sent again. */
import type { Bus } from '../../core/bus.ts';
import type { ConversationId } from '../../domain/ids.ts';
import { limits } from '../../domain/limits.ts';
import type { Principal } from '../../domain/principal.ts';
import { Problem } from '../../domain/problem.ts';

export class ReadMarks {
  readonly #bus: Bus;
  /** Last seq that was sent per reader and conversation, oldest first. */
  readonly #sent = new Map<string, number>();

  constructor(bus: Bus) {
    this.#bus = bus;
  }

  /** Moves the cursor without making the reader wait for it. */
  mark(reader: Principal, conversation: ConversationId, seq: number): void {
    const key = `${reader.tenant}/${conversation}/${reader.id}`;
    if (seq <= (this.#sent.get(key) ?? 0)) return;
    this.#sent.delete(key);
    this.#sent.set(key, seq);
    for (const oldest of this.#sent.keys()) {
      if (this.#sent.size <= limits.readMarksMax) break;
      this.#sent.delete(oldest);
    }
    void this.#send(key, reader, conversation, seq);
  }

  /** A mark that could not be stored is sent with the next read. */
  async #send(key: string, reader: Principal, conversation: ConversationId, seq: number): Promise<void> {
    const answer = await this.#bus.read(reader, conversation, seq);
    if (answer instanceof Problem && this.#sent.get(key) === seq) this.#sent.delete(key);
  }
}
