/** Who has sockets on this node: whoever lost the last one stays a moment, unless its client said goodbye. */
import { limits } from '../../domain/limits.ts';
import type { Principal } from '../../domain/principal.ts';
import type { Clock } from '../../ports/clock.ts';
import type { PresenceReports } from '../../ports/presence-board.ts';
import { type PresenceNote, presenceKeyOf } from './remembered-presence.ts';

/** A principal with sockets on this node, or with some until a moment ago. */
interface Here {
  sockets: number;
  note: PresenceNote;
  cancelLeaving: () => void;
}

export class OwnPresence implements PresenceReports {
  readonly #clock: Clock;
  readonly #write: (note: PresenceNote) => void;
  readonly #here = new Map<string, Here>();

  /** `write` is given each note when it is true. */
  constructor(clock: Clock, write: (note: PresenceNote) => void) {
    this.#clock = clock;
    this.#write = write;
  }

  /** Of everybody who is here. */
  get notes(): readonly PresenceNote[] {
    return [...this.#here.values()].map(({ note }) => note);
  }

  connected(principal: Principal): void {
    const key = presenceKeyOf(principal);
    const present = this.#here.get(key);
    if (present !== undefined) {
      present.cancelLeaving();
      present.sockets += 1;
      return;
    }
    const note = { key, status: 'online' as const, at: this.#clock.nowMicros() };
    this.#here.set(key, { sockets: 1, note, cancelLeaving: () => undefined });
    this.#write(note);
  }

  disconnected(principal: Principal, saidGoodbye: boolean): void {
    const key = presenceKeyOf(principal);
    const present = this.#here.get(key);
    if (present === undefined || present.sockets === 0) return;
    present.sockets -= 1;
    if (present.sockets > 0) return;
    const isKept = !saidGoodbye && this.#here.size <= limits.presenceKeptMax;
    if (!isKept) return this.#leave(key);
    present.cancelLeaving = this.#clock.after(limits.presenceOfflineMs, () => this.#leave(key));
  }

  announced(principal: Principal, said: string): void {
    const key = presenceKeyOf(principal);
    const status = said === 'away' || said === 'busy' ? said : 'online';
    const note = { key, status, at: this.#clock.nowMicros() } as const;
    const present = this.#here.get(key);
    // Who has no socket here is told of by the node that has one.
    if (present === undefined) return;
    present.note = note;
    this.#write(note);
  }

  /** Nobody is here any more. */
  leaveAll(): void {
    for (const [key, present] of [...this.#here]) {
      present.cancelLeaving();
      this.#leave(key);
    }
  }

  #leave(key: string): void {
    if (!this.#here.delete(key)) return;
    this.#write({ key, status: null, at: this.#clock.nowMicros() });
  }
}
