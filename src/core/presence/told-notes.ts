/**
 * What a node tells the others of its own sockets, each time with the next number: notes of some milliseconds go
 * together, and everything at once where somebody may have missed something.
 */
import { limits } from '../../domain/limits.ts';
import type { Clock } from '../../ports/clock.ts';
import type { NodeLink } from '../../ports/node-link.ts';
import type { PresenceNote } from './remembered-presence.ts';

export const noteKind = 'presence.board';

interface Told {
  readonly notes: readonly PresenceNote[];
  /** Tell me everything. */
  readonly asks?: boolean;
  /** What the node has begins here. */
  readonly isAll?: boolean;
}

/** Between nodes. Each numbers what it tells, from 1 on. */
export interface Notes extends Told {
  readonly node: string;
  readonly number: number;
}

export class ToldNotes {
  readonly #link: Pick<NodeLink, 'node' | 'tell'>;
  readonly #clock: Pick<Clock, 'after'>;
  #number = 0;
  /** By principal: of two notes the later counts. */
  #outgoing = new Map<string, PresenceNote>();
  #cancelSending: (() => void) | null = null;

  constructor(link: Pick<NodeLink, 'node' | 'tell'>, clock: Pick<Clock, 'after'>) {
    this.#link = link;
    this.#clock = clock;
  }

  /** With what else happens in these milliseconds. */
  add(note: PresenceNote): void {
    this.#outgoing.set(note.key, note);
    this.#cancelSending ??= this.#clock.after(limits.presenceGatherMs, () => this.send());
  }

  /** What was added and not told yet. */
  send(): void {
    this.#cancelSending?.();
    this.#cancelSending = null;
    const notes = [...this.#outgoing.values()];
    this.#outgoing = new Map();
    this.#tellInParts(notes);
  }

  /** All that the node has. */
  tellAll(notes: readonly PresenceNote[]): void {
    this.#tell({ notes: notes.slice(0, limits.presenceNotesMax), isAll: true });
    this.#tellInParts(notes.slice(limits.presenceNotesMax));
  }

  /** That the node is there; `asks`: the others are to tell all that they have. */
  beat(asks: boolean): void {
    this.#tell({ notes: [], asks });
  }

  #tellInParts(notes: readonly PresenceNote[]): void {
    for (let at = 0; at < notes.length; at += limits.presenceNotesMax)
      this.#tell({ notes: notes.slice(at, at + limits.presenceNotesMax) });
  }

  #tell(told: Told): void {
    this.#number += 1;
    this.#link.tell(noteKind, { node: this.#link.node, number: this.#number, ...told } satisfies Notes);
  }
}
