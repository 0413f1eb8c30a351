/**
 * The one Socket.IO server of a node. socket.io keeps the protocol: handshakes, polling, upgrades, heartbeats,
 * CONNECT and DISCONNECT. Events and everything that clients are sent go by ClientConnection.
 */
import { Server, type ServerOptions } from 'socket.io';
import type { EngineApp, TopicReaders, Topics } from '../../contract/sockets/event-door.ts';
import { limits } from '../../domain/limits.ts';
import type { ConnectionWorld } from './client-connection.ts';
import type { EngineConnection } from './engine-connection.ts';
import { PacketDecoder, PacketEncoder } from './packets.ts';
import { PolledTopics } from './polled-topics.ts';
import { quietAdapter } from './quiet-adapter.ts';
import { type Peer, Reception } from './reception.ts';
import { compileVocabularies } from './vocabularies.ts';

export interface EventServerOptions extends Omit<ConnectionWorld, 'find' | 'polled'> {
  readonly topics: Topics & { alsoTo(readers: TopicReaders): void };
  /** Open connections are added here, for those who drain them or look for slow ones. */
  readonly peers: Set<Peer>;
}

export interface EventServer {
  attach(app: EngineApp): void;
  /** Ends whatever is still open, at once. */
  close(): Promise<void>;
}

/** Throws when two dialects declare one event. */
export function openEventServer(options: EventServerOptions): EventServer {
  const polled = new PolledTopics();
  const find = compileVocabularies(options.dialects);
  const reception = new Reception({ ...options, polled, find }, options.peers);
  options.topics.alsoTo(polled);
  const io = new Server({ ...serverOptions });
  io.use((socket, next) => reception.admit(socket, next));
  io.on('connection', (socket) => reception.connected(socket));
  return {
    attach(app) {
      io.attachApp(app);
      io.engine.prependListener('connection', (connection) =>
        reception.begin(connection as unknown as EngineConnection),
      );
    },
    close: () => io.close(),
  };
}

const serverOptions: Partial<ServerOptions> = {
  path: '/socket.io',
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
};
