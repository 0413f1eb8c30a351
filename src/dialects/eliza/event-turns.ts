/**
 * In which order the events of one socket are taken: those of one room as they came. Its messages follow each other
 * as soon as one is on its way to the log; whatever else is asked of the room waits until all before it is done, and
 * all after it waits for it. Rooms do not wait for each other.
 */
interface Room {
  /** Resolves when the next message may be taken. */
  readonly next: Promise<unknown>;
  /** Resolves when all of the room is done. */
  readonly all: Promise<unknown>;
}

export class EventTurns {
  /** Rooms that something is under way in; bounded by limits.framesInFlightPerSocketMax: events without an answer. */
  readonly #rooms = new Map<string, Room>();

  /** `enter` brings a message on its way, `finish` waits for what becomes of it. */
  async message<E, T>(room: string, enter: () => Promise<E>, finish: (entered: E) => Promise<T>): Promise<T> {
    const before = this.#rooms.get(room);
    const next = before === undefined ? enter() : before.next.then(enter, enter);
    const whole = next.then(finish);
    this.#put(room, { next, all: before === undefined ? whole : Promise.allSettled([before.all, whole]) });
    return await whole;
  }

  /** What nothing else of its room overtakes, nor it anything. */
  async alone<T>(room: string, run: () => Promise<T>): Promise<T> {
    const before = this.#rooms.get(room);
    const mine = before === undefined ? run() : before.all.then(run, run);
    this.#put(room, { next: mine, all: mine });
    return await mine;
  }

  #put(id: string, room: Room): void {
    this.#rooms.set(id, room);
    const forget = (): void => {
      if (this.#rooms.get(id) === room) this.#rooms.delete(id);
    };
    void room.all.then(forget, forget);
  }
}
