/**
 * The one Socket.IO server of a node. socket.io keeps the protocol: handshakes, polling, upgrades, heartbeats,
 * CONNECT and DISCONNECT. Events and everything that clients are sent go by ClientConnection.
 */
import { Server, type Socket } from 'socket.io';
import type { EngineApp, EngineRequest, TopicReaders, Topics } from '../../contract/event-door.ts';
import type { EventDialect } from '../../contract/event-socket.ts';
import type { JsonObject } from '../../contract/json-text.ts';
import { limits } from '../../domain/limits.ts';
import { ClientConnection, type ConnectionWorld } from './client-connection.ts';
import type { EngineConnection } from './engine-connection.ts';
import { PacketDecoder, PacketEncoder, type SentEvent } from './packets.ts';
import { PolledTopics } from './polled-topics.ts';
import { quietAdapter } from './quiet-adapter.ts';
import { compileVocabularies } from './vocabularies.ts';

export interface EventServerOptions extends Omit<ConnectionWorld, 'find' | 'polled'> {
  readonly dialects: readonly EventDialect[];
  readonly topics: Topics & { alsoTo(readers: TopicReaders): void };
  /** Open connections are added here, for those who drain them or look for slow ones. */
  readonly peers: Set<Pick<ClientConnection, 'close' | 'closeIfSlow' | 'isOpen' | 'send'>>;
}

export interface EventServer {
  attach(app: EngineApp): void;
  /** Ends whatever is still open, at once. */
  close(): Promise<void>;
}

const path = '/socket.io';

export function openEventServer(options: EventServerOptions): EventServer {
  const polled = new PolledTopics();
  const world: ConnectionWorld = { ...options, polled, find: compileVocabularies(options.dialects) };
  const { logger, topics, peers } = options;
  const connections = new WeakMap<object, ClientConnection>();
  topics.alsoTo(polled);
  const io = new Server({
    path,
    serveClient: false,
    adapter: quietAdapter,
    parser: { Encoder: PacketEncoder, Decoder: PacketDecoder },
    transports: ['polling', 'websocket'],
    allowEIO3: false,
    pingInterval: limits.eventPingMs,
    pingTimeout: limits.eventPongMsMax,
    upgradeTimeout: limits.eventUpgradeMsMax,
    // Ours is shorter, but ends with the authentication.
    connectTimeout: limits.helloWaitMs + limits.eventReadyMsMax,
    maxHttpBufferSize: limits.eventBodyBytesMax,
    httpCompression: false,
    perMessageDeflate: false,
  });

  /** Before socket.io takes the connection, so that its end is known here first. */
  function begin(connection: EngineConnection): void {
    const { visitor } = connection.request as EngineRequest;
    // Nobody let it in. A turn later, because socket.io clears only what it has begun.
    if (visitor === null) return void setImmediate(() => connection.close(true));
    const client = new ClientConnection(world, connection, visitor);
    connections.set(connection, client);
    peers.add(client);
    const { transport } = connection;
    // The request would be kept as long as the connection: by itself, and by this listener.
    connection.request = lean;
    transport.removeAllListeners('headers');
    if (transport.name === 'polling') {
      transport.closeTimeout = limits.eventFarewellMsMax;
      connection.on('upgrade', () => guard(() => client.upgraded()));
    }
    connection.once('close', () => {
      peers.delete(client);
      guard(() => client.gone());
    });
  }

  function guard(run: () => void): void {
    try {
      run();
    } catch (error) {
      logger.error({ error }, 'A callback of Socket.IO failed');
    }
  }

  const of = (socket: Socket): ClientConnection | undefined => connections.get(socket.conn);

  io.use((socket, next) => {
    const client = of(socket);
    if (client === undefined) return next(new Error('gone'));
    // The one entrance of events. Without next() nothing is emitted: a client cannot forge what socket.io says.
    socket.use(([sent]) => guard(() => client.take(sent as unknown as SentEvent)));
    socket.once('disconnect', (reason) => guard(() => client.left(reason === 'client namespace disconnect')));
    const { auth } = socket.handshake;
    // 1 KB of each socket that nobody reads.
    Reflect.set(socket, 'handshake', lean);
    client.connect(socket, auth as JsonObject).then(
      (refusal) => (refusal === null ? next() : next(new Error(refusal))),
      (error) => {
        logger.error({ error }, 'A Socket.IO client could not be connected');
        client.close('restarting');
        next(new Error('failed'));
      },
    );
  });
  io.on('connection', (socket) => guard(() => of(socket)?.connected()));

  return {
    attach(app) {
      io.attachApp(app);
      io.engine.prependListener('connection', (connection) =>
        guard(() => begin(connection as unknown as EngineConnection)),
      );
    },
    close: () => io.close(),
  };
}

/** What socket.io reads of a request. */
const lean = { headers: {}, url: path, _query: { EIO: '4' }, connection: {} };
