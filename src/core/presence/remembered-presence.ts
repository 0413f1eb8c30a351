/** What all nodes have told of presence, one principal's nodes together. Who is gone is not remembered for ever. */
import { limits } from '../../domain/limits.ts';
import type { Principal } from '../../domain/principal.ts';
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

export class RememberedPresence {
  /** Who is here, by node; what was said last counts. Bounded by the sockets of all nodes. */
  readonly #here = new Map<string, Map<string, Said>>();
  /** When the others were seen last; whoever left longest ago first. */
  readonly #gone = new Map<string, Micros>();

  note(node: string, { key, status, at }: PresenceNote): void {
    if (status === null) this.#leave(node, key, at);
    else {
      const nodes = this.#here.get(key) ?? new Map<string, Said>();
      this.#here.set(key, nodes.set(node, { key, status, at }));
      this.#gone.delete(key);
    }
  }

  /** A node that is gone has no sockets. */
  lose(node: string, at: Micros): void {
    for (const [key, nodes] of this.#here) if (nodes.has(node)) this.#leave(node, key, at);
  }

  of(key: string): BoardEntry {
    const nodes = this.#here.get(key);
    if (nodes === undefined) return { status: 'offline', lastSeen: this.#gone.get(key) ?? null };
    let newest: Said | null = null;
    for (const said of nodes.values()) if (newest === null || said.at > newest.at) newest = said;
    return { status: newest?.status ?? 'offline', lastSeen: null };
  }

  #leave(node: string, key: string, at: Micros): void {
    const nodes = this.#here.get(key);
    nodes?.delete(node);
    if (nodes !== undefined && nodes.size > 0) return;
    this.#here.delete(key);
    const before = this.#gone.get(key) ?? 0;
    this.#gone.delete(key);
    this.#gone.set(key, Math.max(before, at));
    const oldest = this.#gone.size > limits.presenceKeptMax ? this.#gone.keys().next().value : undefined;
    if (oldest !== undefined) this.#gone.delete(oldest);
  }
}

/** A principal among those of all tenants. */
export function presenceKeyOf({ tenant, id }: Pick<Principal, 'tenant' | 'id'>): string {
  return `${tenant}/${id}`;
}
