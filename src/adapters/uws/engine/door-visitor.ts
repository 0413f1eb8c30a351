import type { Visitor } from '../../../contract/sockets/event-door.ts';
import type { Handshake, SocketContext } from '../../../contract/sockets/socket.ts';
import type { Principal } from '../../../domain/principal.ts';
import type { Problem } from '../../../domain/problem.ts';
import { refuseForeignTenant, type SaidInHandshake } from '../gate/handshake-context.ts';
import type { Place } from '../gate/socket-census.ts';

/** Lives as long as its connection, and so keeps no header and nothing of the request. */
export class DoorVisitor implements Visitor {
  readonly address: string;
  readonly context: SocketContext;
  readonly #orgId: string | null;
  readonly #place: Place;
  #handshake: Handshake | null;

  constructor(handshake: Handshake, { orgId, context }: SaidInHandshake, place: Place) {
    this.address = handshake.address;
    this.context = context;
    this.#orgId = orgId;
    this.#place = place;
    this.#handshake = handshake;
    // Engine.IO answers in this turn, or refuses what it does not understand.
    setImmediate(() => {
      if (this.#handshake !== null) place.leave();
    });
  }

  enter(): Handshake {
    const handshake = this.#handshake;
    if (handshake === null) throw new Error('a visitor enters once');
    this.#handshake = null;
    return handshake;
  }

  identify(principal: Principal): Problem | null {
    return refuseForeignTenant(this.#orgId, principal) ?? this.#place.identify(principal);
  }

  leave(): void {
    this.#place.leave();
  }
}
