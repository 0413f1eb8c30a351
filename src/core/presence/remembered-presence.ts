/** What all nodes have told of presence, one principal's nodes together. Bounded: nobody is remembered for ever. */
import { limits } from '../../domain/limits.ts';
import type { Micros } from '../../domain/time.ts';
import type { BoardEntry, PresenceStatus } from '../../ports/presence-board.ts';

/** A node's word about one principal. `status` null: none of its sockets is there any more. */
export interface PresenceNote {
  readonly key: string;
  readonly status: Exclude<PresenceStatus, 'offline'> | null;
  /** When it was said, or when the last socket was gone. */
  readonly at: Micros;
}

type Said = PresenceNote & { readonly status: Exclude<PresenceStatus, 'offline'> };

interface Remembered {
  /** By node; what was said last counts. */
  readonly nodes: Map<string, Said>;
  lastSeen: Micros | null;
}

export class RememberedPresence {
  /** Whoever changed longest ago first. */
  readonly #known = new Map<string, Remembered>();

  note(node: string, note: PresenceNote): void {
    const known = this.#known.get(note.key) ?? { nodes: new Map<string, Said>(), lastSeen: null };
    const { status } = note;
    if (status === null) {
      known.nodes.delete(node);
      known.lastSeen = Math.max(known.lastSeen ?? 0, note.at);
    } else known.nodes.set(node, { ...note, status });
    this.#known.delete(note.key);
    this.#known.set(note.key, known);
    if (this.#known.size > limits.presenceKeptMax) this.#forgetOne();
  }

  /** A node that is gone has no sockets. */
  lose(node: string, at: Micros): void {
    for (const known of this.#known.values())
      if (known.nodes.delete(node)) known.lastSeen = Math.max(known.lastSeen ?? 0, at);
  }

  of(key: string): BoardEntry {
    const known = this.#known.get(key);
    if (known === undefined) return { status: 'offline', lastSeen: null };
    let newest: Said | null = null;
    for (const said of known.nodes.values()) if (newest === null || said.at > newest.at) newest = said;
    return newest === null
      ? { status: 'offline', lastSeen: known.lastSeen }
      : { status: newest.status, lastSeen: null };
  }

  #forgetOne(): void {
    for (const key of this.#known.keys()) {
      this.#known.delete(key);
      return;
    }
  }
}
