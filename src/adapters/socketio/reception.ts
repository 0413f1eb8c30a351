/** Takes each new connection from Engine.IO, and each CONNECT packet from socket.io, to its ClientConnection. */
import type { Socket } from 'socket.io';
import type { JsonObject } from '../../contract/checking/json-text.ts';
import type { EngineRequest } from '../../contract/sockets/event-door.ts';
import { limits } from '../../domain/limits.ts';
import { ClientConnection, type ConnectionWorld } from './client-connection.ts';
import type { EngineConnection } from './engine-connection.ts';
import type { SentEvent } from './packets.ts';

export type Peer = Pick<ClientConnection, 'bufferedBytes' | 'close' | 'closeIfSlow' | 'isOpen' | 'send'>;

/** What socket.io reads of a request, for all of them: the real ones would be kept as long as their connections. */
const lean = { headers: {}, url: '', _query: { EIO: '4' }, connection: {} };

export class Reception {
  readonly #world: ConnectionWorld;
  readonly #peers: Set<Peer>;
  readonly #connections = new WeakMap<object, ClientConnection>();

  constructor(world: ConnectionWorld, peers: Set<Peer>) {
    this.#world = world;
    this.#peers = peers;
  }

  /** Called before socket.io takes the connection, so that its end is known here first. */
  begin(connection: EngineConnection): void {
    this.#guard(() => this.#begin(connection));
  }

  #begin(connection: EngineConnection): void {
    const { visitor } = connection.request as EngineRequest;
    // Nobody let it in. A turn later, because socket.io clears only what it has begun.
    if (visitor === null) return void setImmediate(() => connection.close(true));
    const client = new ClientConnection(this.#world, connection, visitor);
    this.#connections.set(connection, client);
    this.#peers.add(client);
    const { transport } = connection;
    connection.request = lean;
    // This one keeps the request, too.
    transport.removeAllListeners('headers');
    if (transport.name === 'polling') {
      transport.closeTimeout = limits.eventFarewellMsMax;
      connection.on('upgrade', () => this.#guard(() => client.upgraded()));
    }
    connection.once('close', () => {
      this.#peers.delete(client);
      this.#guard(() => client.gone());
    });
  }

  /** A CONNECT packet: `next` without an error tells the client that it is connected. */
  admit(socket: Socket, next: (error?: Error) => void): void {
    const client = this.#connections.get(socket.conn);
    if (client === undefined) return next(new Error('gone'));
    // The one entrance of events. Without next() nothing is emitted: a client cannot forge what socket.io says.
    socket.use(([sent]) => this.#guard(() => client.take(sent as unknown as SentEvent)));
    socket.once('disconnect', (reason) =>
      this.#guard(() => client.left(reason === 'client namespace disconnect')),
    );
    const { auth } = socket.handshake;
    // 1 KB of each socket that nobody reads.
    Reflect.set(socket, 'handshake', lean);
    client.connect(socket, auth as JsonObject).then(
      (refusal) => (refusal === null ? next() : next(new Error(refusal))),
      (error) => {
        this.#world.logger.error({ error }, 'A Socket.IO client could not be connected');
        client.close('restarting');
        next(new Error('failed'));
      },
    );
  }

  connected(socket: Socket): void {
    this.#guard(() => this.#connections.get(socket.conn)?.connected());
  }

  /** socket.io calls from timers and microtasks: an exception there would end the process. */
  #guard(run: () => void): void {
    try {
      run();
    } catch (error) {
      this.#world.logger.error({ error }, 'A callback of Socket.IO failed');
    }
  }
}
