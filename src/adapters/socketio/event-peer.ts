import type { Visitor } from '../../contract/sockets/event-door.ts';
import type { EventPeer } from '../../contract/sockets/event-socket.ts';
import type { SocketContext } from '../../contract/sockets/socket.ts';
import type { Principal } from '../../domain/principal.ts';
import type { CloseReason, Problem } from '../../domain/problem.ts';
import type { Frame } from '../../ports/outbox.ts';
import type { Tracing } from '../../ports/tracing.ts';
import type { Wire } from './wire.ts';

interface PeerDoes {
  readonly close: (reason: CloseReason) => void;
  readonly refused: (problem: Problem) => void;
  readonly tracing: Tracing;
}

/**
 * A client as one dialect sees it. A socket that is handed to another dialect stays open, but the peer of the
 * first is over: nothing that it still says arrives.
 */
export class HeldPeer implements EventPeer {
  readonly id: string;
  readonly principal: Principal;
  readonly address: string;
  readonly context: SocketContext;
  readonly tracing: Tracing;
  readonly #wire: Wire;
  readonly #visitor: Visitor;
  readonly #does: PeerDoes;
  #isOver = false;

  constructor(id: string, principal: Principal, wire: Wire, visitor: Visitor, does: PeerDoes) {
    this.id = id;
    this.principal = principal;
    this.address = visitor.address;
    this.context = visitor.context;
    this.#wire = wire;
    this.#visitor = visitor;
    this.#does = does;
    this.tracing = does.tracing;
  }

  get isOpen(): boolean {
    return !this.#isOver && this.#wire.isOpen;
  }

  get bufferedBytes(): number {
    return this.#isOver ? 0 : this.#wire.bufferedBytes;
  }

  identify(principal: Principal): Problem | null {
    return this.#visitor.identify(principal);
  }

  refused(problem: Problem): void {
    this.#does.refused(problem);
  }

  send(frame: Frame): boolean {
    return !this.#isOver && this.#wire.send(frame);
  }

  subscribe(topic: string): void {
    if (!this.#isOver) this.#wire.subscribe(topic);
  }

  unsubscribe(topic: string): void {
    if (!this.#isOver) this.#wire.unsubscribe(topic);
  }

  close(reason: CloseReason): void {
    if (!this.#isOver) this.#does.close(reason);
  }

  /** The dialect has no part in the socket any more. */
  over(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#wire.unsubscribeAll();
  }
}
