/** WebSockets of all dialects on the uWebSockets.js app: the limits, the topics, their end. */
import type { TemplatedApp, WebSocket } from 'uWebSockets.js';
import { countOverload } from '../../contract/count-overload.ts';
import { noTracing } from '../../contract/no-tracing.ts';
import type { SocketDialect } from '../../contract/sockets/socket.ts';
import { limits } from '../../domain/limits.ts';
import { closes, type Problem } from '../../domain/problem.ts';
import type { Authenticator } from '../../ports/identity/identity-authenticator.ts';
import type { RateLimiter } from '../../ports/limits/rate-limiter.ts';
import type { Logger } from '../../ports/logger.ts';
import type { Metrics } from '../../ports/metrics.ts';
import type { Outbox } from '../../ports/outbox.ts';
import type { Tracing } from '../../ports/tracing.ts';
import type { Corkable } from './engine/beside-cork.ts';
import type { HandshakeWorld } from './gate/handshake.ts';
import { SocketCensus } from './gate/socket-census.ts';
import { type SocketData, Upgrade, type UpgradeWorld } from './gate/upgrade.ts';
import { openIdleWatch } from './idle-watch.ts';
import { closeSlowReaders, Lingering } from './slow-readers.ts';
import { TopicFanout } from './topic-fanout.ts';
import { UwsPeer } from './uws-peer.ts';

export interface SocketOptions extends HandshakeWorld {
  readonly dialects: readonly SocketDialect[];
  readonly authenticate: Authenticator['authenticate'];
  readonly rates: RateLimiter;
  readonly logger: Logger;
  readonly metrics: Pick<
    Metrics,
    'slowConsumers' | 'rejectedHandshakes' | 'anonymousSockets' | 'overloads' | 'socketCloses'
  >;
  /** Default: off. */
  readonly tracing?: Tracing;
  /** Told when a socket has ended. */
  readonly onGone?: () => void;
}

/** A socket among those that are drained, and looked at when much was published. */
export interface Peer extends Pick<Outbox, 'bufferedBytes' | 'close' | 'isOpen' | 'send'> {
  closeIfSlow(): boolean;
}

export interface SocketServer {
  /** Mounts every dialect's path. */
  attach(app: TemplatedApp): void;
  /** The way to all sockets of a topic; usable once attached. */
  readonly fanout: TopicFanout;
  /** Sockets that are open now, of this server and of others that add theirs. */
  readonly peers: Set<Peer>;
  readonly census: SocketCensus;
  /** New handshakes are refused with 503 from now on. */
  refuseNew(): void;
  readonly isRefusing: () => boolean;
  /** Any socket of this server. */
  readonly anySocket: () => Corkable | undefined;
}

type Socket = WebSocket<SocketData>;

export function openSockets(options: SocketOptions): SocketServer {
  const peers = new Set<Peer>();
  /** Those of this server. */
  const own = new Set<UwsPeer>();
  const { metrics } = options;
  const { tracing = noTracing } = options;
  const onRefused = (problem: Problem): void => countOverload(metrics, problem);
  const census = new SocketCensus(metrics);
  const idle = openIdleWatch();
  const lingering = new Lingering();
  const fanout = new TopicFanout(() => {
    closeSlowReaders(peers);
  });
  let isRefusing = false;
  const world: UpgradeWorld = { ...options, census, anySocket, isRefusing: () => isRefusing };

  function mount(target: TemplatedApp, dialect: SocketDialect): void {
    target.ws<SocketData>(dialect.path, {
      // Twice, so that a frame over our own limit is answered 1009 by us and not dropped by the transport.
      maxPayloadLength: limits.transportFrameBytesMax,
      maxBackpressure: limits.transportOutboxBytesMax,
      // Who says how long it may be silent is watched by us, long before the transport would drop it. From 32 s on the
      // transport gives a client 16 s to read what came before its close frame, below that and for 0 (none) 4 s.
      idleTimeout: dialect.idleSec === undefined ? limits.heartbeatSec * 2 : dialect.idleSec * 4,
      sendPingsAutomatically: dialect.idleSec === undefined,
      pong: (socket) => heard(socket),
      upgrade: (response, request, context) =>
        new Upgrade(world, dialect, response, request, context).start(),
      open(socket) {
        const data = socket.getUserData();
        const peer = new UwsPeer(socket, dialect, fanout, { ...data, lingering, onRefused, tracing });
        data.peer = peer;
        peers.add(peer);
        own.add(peer);
        if (dialect.idleSec !== undefined) idle.begin(peer, dialect.idleSec);
        peer.begin();
      },
      message: (socket, bytes, isBinary) => take(socket, dialect, bytes, isBinary),
      dropped: (socket) => socket.getUserData().peer?.dropped(),
      close(socket, code) {
        const { peer, place } = socket.getUserData();
        place.leave();
        options.onGone?.();
        if (peer === null) return;
        if (peer.isSlow) metrics.slowConsumers.add(1);
        metrics.socketCloses.add(peer.isSlow ? String(closes.slow_consumer.code) : closeLabel(code), 1);
        peers.delete(peer);
        own.delete(peer);
        idle.end(peer);
        guard(() => peer.gone());
      },
    });
  }

  function take(socket: Socket, dialect: SocketDialect, bytes: ArrayBuffer, isBinary: boolean): void {
    const { peer } = socket.getUserData();
    if (peer === null || !peer.isOpen) return;
    idle.heard(peer);
    if (isBinary) return peer.close('binary');
    if (bytes.byteLength > dialect.frameBytesMax) return peer.close('frame_too_large');
    if (!peer.mayStillSend(bytes.byteLength)) return peer.close('unauthenticated');
    guard(() => peer.take(bytes));
  }

  function heard(socket: Socket): void {
    const { peer } = socket.getUserData();
    if (peer !== null) idle.heard(peer);
  }

  function guard(run: () => void): void {
    try {
      run();
    } catch (error) {
      options.logger.error({ error }, 'A socket callback failed');
    }
  }

  function anySocket(): Corkable | undefined {
    const [any] = own;
    return any;
  }

  return {
    peers,
    census,
    anySocket,
    isRefusing: world.isRefusing,
    attach(target) {
      fanout.attach(target);
      for (const dialect of options.dialects) mount(target, dialect);
    },
    fanout,
    refuseNew() {
      isRefusing = true;
    },
  };
}

/** A client may close with any of 5,000 codes: those that mean something to an operator, and `other`. */
function closeLabel(code: number): string {
  const isUsual = code >= 1000 && code <= 1015;
  return isUsual || ourCodes.has(code) ? String(code) : 'other';
}

const ourCodes: ReadonlySet<number> = new Set(Object.values(closes).map(({ code }) => code));
