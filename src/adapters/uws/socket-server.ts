/** WebSockets of all dialects on the uWebSockets.js app: the handshake, the limits, the topics. */
import type { HttpRequest, HttpResponse, TemplatedApp, us_socket_context_t, WebSocket } from 'uWebSockets.js';
import type { Handshake, SocketDialect } from '../../contract/socket.ts';
import { limits } from '../../domain/limits.ts';
import type { Principal } from '../../domain/principal.ts';
import { closes, Problem } from '../../domain/problem.ts';
import type { Authenticator } from '../../ports/identity-authenticator.ts';
import type { Logger } from '../../ports/logger.ts';
import type { Counter } from '../../ports/metrics.ts';
import type { Fanout } from '../../ports/outbox.ts';
import type { CorsPolicy } from './cors.ts';
import { TopicFanout } from './topic-fanout.ts';
import { UwsPeer } from './uws-peer.ts';

export interface SocketOptions {
  readonly dialects: readonly SocketDialect[];
  readonly authenticate: Authenticator['authenticate'];
  /** Pages of other origins that may open a socket. */
  readonly cors: CorsPolicy;
  readonly logger: Logger;
  readonly slowConsumers: Counter;
}

export interface SocketServer {
  /** Mounts every dialect's path. */
  attach(app: TemplatedApp): void;
  /** The way to all sockets of a topic; usable once attached. */
  readonly fanout: Fanout;
  /** Sockets that are open now. */
  readonly peers: ReadonlySet<UwsPeer>;
  /** New handshakes are refused with 503 from now on. */
  refuseNew(): void;
}

/** What uWebSockets.js keeps for each socket. */
interface SocketData {
  readonly principal: Principal | null;
  readonly address: string;
  peer: UwsPeer | null;
}

type Socket = WebSocket<SocketData>;

export function openSockets(options: SocketOptions): SocketServer {
  const peers = new Set<UwsPeer>();
  const fanout = new TopicFanout(() => {
    for (const peer of peers) peer.closeIfSlow();
  });
  let isRefusing = false;

  function mount(target: TemplatedApp, dialect: SocketDialect): void {
    target.ws<SocketData>(dialect.path, {
      // Twice, so that a frame over our own limit is answered 1009 by us and not dropped by the transport.
      maxPayloadLength: limits.transportFrameBytesMax,
      maxBackpressure: limits.transportOutboxBytesMax,
      idleTimeout: limits.heartbeatSec * 2,
      sendPingsAutomatically: true,
      upgrade: (response, request, context) => upgrade(dialect, response, request, context),
      open(socket) {
        const data = socket.getUserData();
        const peer = new UwsPeer(socket, dialect, fanout, data);
        data.peer = peer;
        peers.add(peer);
        peer.begin();
      },
      message: (socket, bytes, isBinary) => take(socket, dialect, bytes, isBinary),
      dropped: (socket) => socket.getUserData().peer?.dropped(),
      close(socket, code) {
        const { peer } = socket.getUserData();
        if (peer === null) return;
        if (code === closes.slow_consumer.code) options.slowConsumers.add(1);
        peers.delete(peer);
        guard(() => peer.gone());
      },
    });
  }

  function take(socket: Socket, dialect: SocketDialect, bytes: ArrayBuffer, isBinary: boolean): void {
    const { peer } = socket.getUserData();
    if (peer === null || !peer.isOpen) return;
    if (isBinary) return peer.close('binary');
    if (bytes.byteLength > dialect.frameBytesMax) return peer.close('frame_too_large');
    guard(() => peer.take(bytes));
  }

  function guard(run: () => void): void {
    try {
      run();
    } catch (error) {
      options.logger.error({ error }, 'A socket callback failed');
    }
  }

  function upgrade(
    dialect: SocketDialect,
    response: HttpResponse,
    request: HttpRequest,
    context: us_socket_context_t,
  ): void {
    const handshake = readHandshake(response, request);
    const key = request.getHeader('sec-websocket-key');
    const extensions = request.getHeader('sec-websocket-extensions');
    const offered = splitList(request.getHeader('sec-websocket-protocol'));
    const protocol = dialect.subprotocol(offered) ?? '';
    if (isRefusing) return refuse(response, '503 Service Unavailable', 'draining');
    if (!isAllowedOrigin(options.cors, handshake))
      return refuse(response, '403 Forbidden', 'origin not allowed');
    const accept = (principal: Principal | null): void => {
      const data: SocketData = { principal, address: handshake.address, peer: null };
      response.upgrade(data, key, protocol, extensions, context);
    };
    const credentials = dialect.credentials(handshake);
    if (credentials === null) return accept(null);
    const found = options.authenticate(credentials);
    if (!(found instanceof Promise)) {
      return found instanceof Problem ? refuseFor(response, found) : accept(found);
    }
    let isAborted = false;
    response.onAborted(() => {
      isAborted = true;
    });
    void found.then((principal) => {
      if (isAborted) return;
      if (principal instanceof Problem) refuseFor(response, principal);
      else besideCork(response, () => accept(principal));
    });
  }

  /**
   * A late upgrade never runs in a cork that its own response holds: when it leaves the socket where it lies in
   * memory, the end of that cork goes on with it as with an HTTP response, and closes it now and then (one in
   * four of a process' first). While another socket is corked, cork() of the response only runs what it is
   * given. Without any other socket it runs outside of a cork: that is right, too, but warned about on stderr.
   */
  function besideCork(response: HttpResponse, run: () => void): void {
    const [other] = peers;
    if (other === undefined) run();
    else other.cork(() => void response.cork(run));
  }

  return {
    peers,
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

function readHandshake(response: HttpResponse, request: HttpRequest): Handshake & { readonly host: string } {
  const names = ['authorization', 'x-api-key', 'cookie', 'origin', 'sec-websocket-protocol', 'host'];
  const headers = new Map(names.map((name) => [name, request.getHeader(name)]));
  // uWebSockets.js decodes percent signs itself; what it cannot decode stays undefined.
  const query = new Map(['token', 'api_key'].map((name) => [name, request.getQuery(name)]));
  return {
    header: (name) => headers.get(name) ?? '',
    query: (name) => query.get(name) ?? undefined,
    address: Buffer.from(response.getRemoteAddressAsText()).toString(),
    host: headers.get('host') ?? '',
  };
}

const splitList = (text: string): string[] => (text === '' ? [] : text.split(',').map((one) => one.trim()));

/** No Origin: not a browser. The own origin and the named ones may; `*` allows any, since no cookie counts here. */
function isAllowedOrigin(cors: CorsPolicy, handshake: Handshake & { readonly host: string }): boolean {
  const origin = handshake.header('origin');
  if (origin === '') return true;
  if (cors.answerHeaders(origin) !== null) return true;
  return origin.slice(origin.indexOf('//') + 2).toLowerCase() === handshake.host.toLowerCase();
}

function refuseFor(response: HttpResponse, problem: Problem): void {
  if (problem.code === 'unauthenticated') return refuse(response, '401 Unauthorized', 'unauthenticated');
  if (problem.code === 'suspended') return refuse(response, '403 Forbidden', 'suspended');
  refuse(response, '503 Service Unavailable', 'unavailable');
}

function refuse(response: HttpResponse, status: string, code: string): void {
  response.cork(() => {
    response.writeStatus(status).writeHeader('Content-Type', 'application/json');
    if (status.startsWith('401')) response.writeHeader('WWW-Authenticate', 'Bearer');
    if (status.startsWith('503')) response.writeHeader('Retry-After', '1');
    response.end(JSON.stringify({ error: { code, message: status.slice(4) } }));
  });
}
