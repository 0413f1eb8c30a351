/** Reading messages moves the caller's read cursor, as upstream does; what did not move is not sent again. */
import type { Bus } from '../../core/bus.ts';
import type { ConversationId, PrincipalId, TenantId } from '../../domain/ids.ts';
import { limits } from '../../domain/limits.ts';
import type { Principal } from '../../domain/principal.ts';
import { Problem } from '../../domain/problem.ts';
import type { Micros } from '../../domain/time.ts';
import type { Clock } from '../../ports/clock.ts';

interface Mark {
  readonly reader: Principal;
  readonly conversation: ConversationId;
  readonly seq: number;
}

/** What was taken last of one reader: how far, and when. */
interface Taken {
  readonly seq: number;
  readonly at: Micros;
}

/** A key is one reader in one conversation: `waiting` (the newest mark counts) -> under way -> `sent`. */
export class ReadMarks {
  readonly #bus: Bus;
  readonly #clock: Pick<Clock, 'nowMicros'>;
  /** What was taken last per key, oldest first. */
  readonly #sent = new Map<string, Taken>();
  readonly #waiting = new Map<string, Mark>();
  /** Logins and lists need the same connections: few marks are under way, however many read at once. */
  #underWay = 0;

  constructor(bus: Bus, clock: Pick<Clock, 'nowMicros'>) {
    this.#bus = bus;
    this.#clock = clock;
  }

  /** Moves the cursor without making the reader wait for it. */
  mark(reader: Principal, conversation: ConversationId, seq: number): void {
    const key = keyOf(reader.tenant, conversation, reader.id);
    if (seq <= (this.#sent.get(key)?.seq ?? 0)) return;
    remember(this.#sent, key, { seq, at: this.#clock.nowMicros() });
    remember(this.#waiting, key, { reader, conversation, seq });
    if (this.#underWay < limits.readMarksInFlightMax) void this.#sendWaiting();
  }

  /** When a reader's cursor moved, as far as this node moved it: it may not be stored yet. 0: not here. */
  movedAt(tenant: TenantId, conversation: ConversationId, reader: PrincipalId): Micros {
    return this.#sent.get(keyOf(tenant, conversation, reader))?.at ?? 0;
  }

  /** Until none waits. A mark that could not be stored is sent with the next read. */
  async #sendWaiting(): Promise<void> {
    this.#underWay += 1;
    for (const [key, { reader, conversation, seq }] of this.#waiting) {
      this.#waiting.delete(key);
      const answer = await this.#bus.read(reader, conversation, seq, null);
      if (answer instanceof Problem && this.#sent.get(key)?.seq === seq) this.#sent.delete(key);
    }
    this.#underWay -= 1;
  }
}

/** When each participant last read something new (0: never): what is stored, and what this node is about to store. */
export async function lastReadsOf(
  { bus, marks }: { readonly bus: Bus; readonly marks: ReadMarks },
  reader: Principal,
  conversation: ConversationId,
): Promise<(participant: PrincipalId) => Micros> {
  const stored = await bus.readTimes(reader, conversation, null);
  const times = stored instanceof Problem ? new Map<PrincipalId, Micros>() : stored;
  return (participant) =>
    Math.max(times.get(participant) ?? 0, marks.movedAt(reader.tenant, conversation, participant));
}

function keyOf(tenant: TenantId, conversation: ConversationId, reader: PrincipalId): string {
  return `${tenant}/${conversation}/${reader}`;
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
