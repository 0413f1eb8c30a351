/** Reading messages moves the caller's read cursor, as upstream does; what did not move is not sent again. */
import type { Bus } from '../../core/bus.ts';
import type { ConversationId } from '../../domain/ids.ts';
import { limits } from '../../domain/limits.ts';
import type { Principal } from '../../domain/principal.ts';
import { Problem } from '../../domain/problem.ts';

interface Mark {
  readonly reader: Principal;
  readonly conversation: ConversationId;
  readonly seq: number;
}

/** A key is one reader in one conversation: `waiting` (the newest mark counts) -> under way -> `sent`. */
export class ReadMarks {
  readonly #bus: Bus;
  /** Last seq that was taken per key, oldest first. */
  readonly #sent = new Map<string, number>();
  readonly #waiting = new Map<string, Mark>();
  /** Logins and lists need the same connections: few marks are under way, however many read at once. */
  #underWay = 0;

  constructor(bus: Bus) {
    this.#bus = bus;
  }

  /** Moves the cursor without making the reader wait for it. */
  mark(reader: Principal, conversation: ConversationId, seq: number): void {
    const key = `${reader.tenant}/${conversation}/${reader.id}`;
    if (seq <= (this.#sent.get(key) ?? 0)) return;
    remember(this.#sent, key, seq);
    remember(this.#waiting, key, { reader, conversation, seq });
    if (this.#underWay < limits.readMarksInFlightMax) void this.#sendWaiting();
  }

  /** Until none waits. A mark that could not be stored is sent with the next read. */
  async #sendWaiting(): Promise<void> {
    this.#underWay += 1;
    for (const [key, { reader, conversation, seq }] of this.#waiting) {
      this.#waiting.delete(key);
      const answer = await this.#bus.read(reader, conversation, seq, null);
      if (answer instanceof Problem && this.#sent.get(key) === seq) this.#sent.delete(key);
    }
    this.#underWay -= 1;
  }
}

/** As the newest one; the oldest is forgotten beyond limits.readMarksMax. */
function remember<V>(map: Map<string, V>, key: string, value: V): void {
  map.delete(key);
  map.set(key, value);
  for (const oldest of map.keys()) {
    if (map.size <= limits.readMarksMax) return;
    map.delete(oldest);
  }
}
