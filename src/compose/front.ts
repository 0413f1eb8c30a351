/** The front end of a node: every dialect on one port, for requests and for sockets. */
import { join } from 'node:path';
import type { Prometheus } from '../adapters/prometheus/prometheus.ts';
import { openEventServer } from '../adapters/socketio/event-server.ts';
import { EngineDoor } from '../adapters/uws/engine/engine-door.ts';
import { compileTrustedProxies } from '../adapters/uws/gate/client-address.ts';
import { ConnectionGate } from '../adapters/uws/gate/connection-gate.ts';
import { compileCors } from '../adapters/uws/gate/cors.ts';
import type { HandshakeWorld } from '../adapters/uws/gate/handshake.ts';
import type { TlsFiles } from '../adapters/uws/gate/tls-files.ts';
import { openHttp } from '../adapters/uws/http/http-front.ts';
import { openServer, type Server } from '../adapters/uws/server.ts';
import { bufferedBytesOf } from '../adapters/uws/slow-readers.ts';
import { openSockets, type SocketServer } from '../adapters/uws/socket-server.ts';
import { openSpillFolder, type SpillFolder } from '../adapters/uws/streams/spill.ts';
import { countOverload } from '../contract/count-overload.ts';
import type { HttpDialect } from '../contract/operation.ts';
import { sessionCookieNames } from '../contract/session-cookie.ts';
import type { EventDialect } from '../contract/sockets/event-socket.ts';
import type { SocketDialect } from '../contract/sockets/socket.ts';
import type { Clock } from '../ports/clock.ts';
import type { IdSource } from '../ports/id-source.ts';
import type { Authenticator } from '../ports/identity/identity-authenticator.ts';
import type { Identity } from '../ports/identity/identity-service.ts';
import type { RateLimiter } from '../ports/limits/rate-limiter.ts';
import type { Logger } from '../ports/logger.ts';
import type { Metrics } from '../ports/metrics.ts';
import type { Fanout, Frame } from '../ports/outbox.ts';
import type { Tracing } from '../ports/tracing.ts';
import { drainSockets } from './drain-sockets.ts';
import type { Releases } from './releases.ts';
import { addFrontGauges } from './servers/queue-gauges.ts';

export interface FrontOptions {
  readonly host: string;
  readonly port: number;
  readonly isPortShared: boolean;
  readonly corsOrigins: readonly string[];
  /** PARLEY_TRUSTED_PROXIES. */
  readonly trustedProxies: readonly string[];
  readonly rates: RateLimiter;
  readonly tls: TlsFiles | null;
  readonly dialects: readonly HttpDialect[];
  readonly socketDialects: readonly SocketDialect[];
  /** Of the one Socket.IO server; none: there is no such server. */
  readonly eventDialects: readonly EventDialect[];
  readonly identity: Identity;
  readonly clock: Clock;
  readonly ids: IdSource;
  /** DATA_DIR: below it lie uploads that come faster than they are read. */
  readonly dataDir: string;
  readonly logger: Logger;
  /** LOG_LEVEL is `debug` or below. */
  readonly logsRequests: boolean;
  readonly metrics: Metrics;
  readonly observeRequest: (operation: string | null, status: number, seconds: number) => void;
  readonly gauge: Prometheus['gauge'];
  readonly tracing: Tracing;
}

export interface Front extends Pick<Server, 'port'> {
  /** HTTP answers end their connections from now on; everything else goes on. */
  sendAway(): void;
}

/** Listens; rejects when the port is taken. `fanout` reaches the sockets of this front end from now on. */
export async function openFront(
  options: FrontOptions,
  fanout: LateFanout,
  releases: Releases,
): Promise<Front> {
  const { identity, clock, logger, metrics, observeRequest, corsOrigins, tracing } = options;
  // Synchronous for a token or key that was seen before: the hot path waits for no turn of the loop.
  const authenticate: Authenticator['authenticate'] = (shown) => identity.authenticator.authenticate(shown);
  const proxies = compileTrustedProxies(options.trustedProxies);
  const gate = new ConnectionGate({ rates: options.rates, proxies, metrics });
  const shared = {
    authenticate,
    rates: options.rates,
    proxies,
    isTls: options.tls !== null,
    cookieNames: sessionCookieNames,
    logger,
  };
  const cors = compileCors(corsOrigins);
  const sockets = openSockets({
    ...{ ...shared, dialects: options.socketDialects, cors, metrics, tracing },
    onGone: () => gate.socketIsGone(),
  });
  const events = options.eventDialects.length === 0 ? null : openEvents(options, shared, sockets, gate);
  const http = openHttp({
    ...shared,
    dialects: options.dialects,
    corsOrigins,
    newRequestId: () => options.ids.next(),
    spills: await openSpills(options),
    logsRequests: options.logsRequests,
    clock,
    onRefused: (problem) => countOverload(metrics, problem),
    tracing,
    observe: (operation, status, seconds) => observeRequest(operation?.id ?? null, status, seconds),
  });
  addFrontGauges(options, {
    requests: http.inFlight,
    bodyBytes: http.heldBodyBytes,
    outboxBytes: () => bufferedBytesOf(sockets.peers),
  });
  const server = await openServer({
    host: options.host,
    port: options.port,
    isShared: options.isPortShared,
    tls: options.tls,
    mounts: [(app) => gate.attach(app), (app) => sockets.attach(app), (app) => events?.attach(app)],
    http,
  });
  fanout.connect(sockets.fanout);
  releases.add('front end', async () => {
    http.sendAway();
    sockets.refuseNew();
    server.stopListening();
    await drainSockets(sockets.peers);
    await events?.close();
    await server.close();
  });
  return { port: server.port, sendAway: http.sendAway };
}

/** Not temporary files of the system: those may lie in memory. */
function openSpills({ dataDir, ids, logger }: FrontOptions): Promise<SpillFolder> {
  return openSpillFolder({ directory: join(dataDir, 'spill'), newId: () => ids.next(), logger });
}

type Shared = Pick<HandshakeWorld, 'proxies' | 'isTls' | 'cookieNames'> & {
  readonly authenticate: Authenticator['authenticate'];
};

/** The Socket.IO server, behind the same gate as the other sockets and among them. */
function openEvents(
  { eventDialects, corsOrigins, rates, clock, logger, metrics, tracing }: FrontOptions,
  { authenticate, proxies, isTls, cookieNames }: Shared,
  { census, isRefusing, anySocket, fanout, peers }: SocketServer,
  gate: ConnectionGate,
) {
  const server = openEventServer({
    ...{ dialects: eventDialects, authenticate, rates, clock, logger, metrics, tracing },
    ...{ topics: fanout, peers },
  });
  const door = {
    ...{ proxies, isTls, cookieNames, cors: compileCors(corsOrigins), isShared: corsOrigins.length > 0 },
    ...{ census, rates, logger, metrics, isRefusing, other: anySocket },
    onGone: () => gate.socketIsGone(),
  };
  return {
    attach: (app: Server['app']) => server.attach(new EngineDoor(door, app)),
    close: server.close,
  };
}

/** The core needs a way to the sockets, the sockets need the core: this is the way before there are sockets. */
export class LateFanout implements Fanout {
  #sockets: Fanout | null = null;

  connect(sockets: Fanout): void {
    this.#sockets = sockets;
  }

  publish(topic: string, frame: Frame, readers: number, isMoreComing: boolean): void {
    this.#sockets?.publish(topic, frame, readers, isMoreComing);
  }
}
