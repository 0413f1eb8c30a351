/** One Engine.IO connection: nameless, then one client of one dialect, then gone. */

import type { Socket } from 'socket.io';
import type { JsonObject } from '../../contract/checking/json-text.ts';
import { countOverload } from '../../contract/count-overload.ts';
import { noTracing } from '../../contract/no-tracing.ts';
import type { Visitor } from '../../contract/sockets/event-door.ts';
import type { EventDialect } from '../../contract/sockets/event-socket.ts';
import type { Handshake } from '../../contract/sockets/socket.ts';
import { limits } from '../../domain/limits.ts';
import type { Principal } from '../../domain/principal.ts';
import { type CloseReason, closes, Problem } from '../../domain/problem.ts';
import type { Authenticator, Credentials } from '../../ports/identity/identity-authenticator.ts';
import type { Metrics } from '../../ports/metrics.ts';
import type { Frame } from '../../ports/outbox.ts';
import type { Tracing } from '../../ports/tracing.ts';
import type { EngineConnection } from './engine-connection.ts';
import { HeldPeer } from './event-peer.ts';
import { ClientSession, type SessionWorld } from './event-session.ts';
import type { SentEvent } from './packets.ts';
import { isReadyInTime } from './ready-in-time.ts';
import { Wire, type WireWorld } from './wire.ts';

export interface ConnectionWorld extends SessionWorld, WireWorld {
  readonly dialects: readonly EventDialect[];
  readonly authenticate: Authenticator['authenticate'];
  readonly metrics: Pick<Metrics, 'slowConsumers' | 'rejectedHandshakes' | 'overloads' | 'socketCloses'>;
  /** Default: off. */
  readonly tracing?: Tracing;
}

export class ClientConnection {
  readonly #world: ConnectionWorld;
  readonly #connection: EngineConnection;
  readonly #visitor: Visitor;
  /** Null once it is known whose it is. */
  #handshake: Handshake | null;
  readonly #wire: Wire;
  readonly #cancelHello: () => void;
  #socket: Socket | null = null;
  #session: ClientSession | null = null;
  #saidGoodbye = false;
  /** For metrics: the close code of our reason; Socket.IO itself has none, and a client gives none. */
  #closedWith = 'none';

  constructor(world: ConnectionWorld, connection: EngineConnection, visitor: Visitor) {
    this.#world = world;
    this.#connection = connection;
    this.#visitor = visitor;
    this.#handshake = visitor.enter();
    this.#wire = new Wire(world, connection, () => this.#end('slow_consumer'));
    this.#cancelHello = world.clock.after(limits.helloWaitMs, () => this.close('unauthenticated'));
  }

  get isOpen(): boolean {
    return this.#wire.isOpen;
  }

  send(frame: Frame): boolean {
    return this.#wire.send(frame);
  }

  get bufferedBytes(): number {
    return this.#wire.bufferedBytes;
  }

  closeIfSlow(): boolean {
    return this.#wire.closeIfSlow();
  }

  upgraded(): void {
    this.#wire.upgraded();
  }

  /**
   * Its CONNECT packet: null when it may be told that it is connected, else the words of the refusal. A second one
   * while the first holds ends the connection.
   */
  async connect(socket: Socket, auth: JsonObject): Promise<string | null> {
    if (this.#socket !== null) {
      this.close('too_many_bad_frames');
      return 'connected already';
    }
    this.#socket = socket;
    const claiming = this.#world.dialects.find((dialect) => dialect.claims(auth));
    const dialect = claiming ?? this.#world.dialects[0];
    if (dialect === undefined) throw new Error('a Socket.IO server without dialects');
    const principal = await this.#authenticate(dialect, auth, claiming !== undefined);
    if (principal instanceof Problem) {
      this.#socket = null;
      countOverload(this.#world.metrics, principal);
      return dialect.refuseConnection(principal);
    }
    this.#cancelHello();
    this.#handshake = null;
    if (!this.isOpen) return 'gone';
    const newPeer = (): HeldPeer =>
      new HeldPeer(socket.id, principal, this.#wire, this.#visitor, {
        close: (reason) => this.close(reason),
        refused: (problem) => countOverload(this.#world.metrics, problem),
        tracing: this.#world.tracing ?? noTracing,
      });
    const session = new ClientSession(this.#world, dialect, claiming === undefined ? null : auth, newPeer);
    this.#session = session;
    if ((await isReadyInTime(session, this.#world.clock)) && this.isOpen) return null;
    this.close('restarting');
    return 'not ready';
  }

  /** It was told so: what waited for that follows. */
  connected(): void {
    this.#wire.goLive();
  }

  take(sent: SentEvent): void {
    this.#session?.take(sent);
  }

  /** The client left the namespace, or was made to. */
  left(saidGoodbye: boolean): void {
    this.#saidGoodbye = saidGoodbye;
    this.#session?.end(saidGoodbye);
    this.#wire.end();
    if (saidGoodbye) this.#connection.close();
  }

  /** Its connection is closed. */
  gone(): void {
    this.#cancelHello();
    this.#world.metrics.socketCloses.add(this.#closedWith, 1);
    this.#wire.gone();
    this.#visitor.leave();
    this.#session?.end(this.#saidGoodbye);
  }

  close(reason: CloseReason): void {
    if (!this.isOpen) return;
    this.#wire.end();
    this.#end(reason);
  }

  /** The wire takes nothing any more. */
  #end(reason: CloseReason): void {
    this.#closedWith = String(closes[reason].code);
    if (reason === 'slow_consumer') this.#world.metrics.slowConsumers.add(1);
    // A client that is disconnected by a packet does not come back by itself, others do.
    if (!closes[reason].reconnect && this.#socket?.connected === true) this.#socket.disconnect(true);
    else this.#connection.close(reason === 'slow_consumer');
  }

  /** What a client says of itself counts where the dialect claims it. */
  async #authenticate(
    dialect: EventDialect,
    auth: JsonObject,
    isClaimed: boolean,
  ): Promise<Principal | Problem> {
    const shown = this.#handshake === null ? [] : dialect.credentials({ ...this.#handshake, auth });
    const anonymous = isClaimed && shown.length === 0 ? (dialect.anonymous ?? null) : null;
    const found = anonymous ?? (await this.#find(shown));
    if (found instanceof Problem) return found;
    const refused = isClaimed ? (dialect.admit?.(found, auth) ?? null) : null;
    return refused ?? this.#visitor.identify(found) ?? found;
  }

  /** The first valid one counts; what cannot be told now is not made up for by the next. */
  async #find(shown: readonly Credentials[]): Promise<Principal | Problem> {
    const { authenticate, rates, metrics } = this.#world;
    let found: Principal | Problem = new Problem('unauthenticated', undefined, { reason: 'missing' });
    for (const credentials of shown) {
      found = await authenticate(credentials);
      if (!(found instanceof Problem) || found.code !== 'unauthenticated') break;
    }
    if (!(found instanceof Problem)) return found;
    metrics.rejectedHandshakes.add(found.code, 1);
    const isGuess = found.code === 'unauthenticated' && shown.length > 0;
    return (isGuess ? rates.take(null, this.#visitor, 'refused') : null) ?? found;
  }
}
