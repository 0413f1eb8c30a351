/**
 * The way of Socket.IO clients, by polling and by WebSocket, through the gate of all others: origins, drain, rates,
 * a place among the sockets, the headers of common.md, the address behind trusted proxies.
 */
import type { HttpRequest, HttpResponse, TemplatedApp, us_socket_context_t, WebSocket } from 'uWebSockets.js';
import type {
  EngineApp,
  EngineSocket,
  EngineSocketBehavior,
  EngineSocketData,
  Visitor,
} from '../../../contract/event-door.ts';
import { limits } from '../../../domain/limits.ts';
import { Problem } from '../../../domain/problem.ts';
import type { Logger } from '../../../ports/logger.ts';
import type { Metrics } from '../../../ports/metrics.ts';
import type { RateLimiter } from '../../../ports/rate-limiter.ts';
import { type HandshakeWorld, readHandshake, refuseHandshake } from '../gate/handshake.ts';
import { readHandshakeContext } from '../gate/handshake-context.ts';
import { securityHeaders } from '../gate/security-headers.ts';
import type { SocketCensus } from '../gate/socket-census.ts';
import { besideCork, type Corkable } from './beside-cork.ts';
import { DoorVisitor } from './door-visitor.ts';
import { copyRequest } from './engine-request.ts';
import { GuardedResponse, type Headers, type Upgrade } from './engine-response.ts';

export interface EngineDoorOptions extends HandshakeWorld {
  /** PARLEY_CORS_ORIGINS names somebody. */
  readonly isShared: boolean;
  readonly rates: RateLimiter;
  readonly census: SocketCensus;
  readonly logger: Logger;
  readonly metrics: Pick<Metrics, 'rejectedHandshakes'>;
  /** True while the node drains. */
  readonly isRefusing: () => boolean;
  /** Another open socket, see besideCork(). */
  readonly other: () => Corkable | undefined;
  /** Told when a WebSocket has ended. */
  readonly onGone?: () => void;
}

type Socket = WebSocket<EngineSocketData>;

/** The app, as Engine.IO may use it. */
export function openEngineDoor(options: EngineDoorOptions, app: TemplatedApp): EngineApp {
  const sockets = new Set<Socket>();
  const ownHeaders = securityHeaders(options);

  function guard(run: () => void, orElse: () => void = () => undefined): void {
    try {
      run();
    } catch (error) {
      options.logger.error({ error }, 'Engine.IO failed');
      orElse();
    }
  }

  /** Null: the request was answered. */
  function enter(
    response: HttpResponse,
    request: HttpRequest,
  ): { visitor: Visitor | null; headers: Headers } | null {
    const handshake = readHandshake(response, request, options);
    const { cors } = options;
    const origin = handshake.header('origin');
    const shared = origin === '' ? cors.otherHeaders : cors.answerHeaders(origin);
    const headers = { ...ownHeaders, ...shared };
    const refuse = (problem: Problem): null => {
      refuseHandshake(response, problem, headers);
      return null;
    };
    if (request.getMethod() === 'options') {
      const preflight = origin === '' ? null : cors.preflightHeaders(origin);
      new GuardedResponse(response, { ...headers, ...preflight }, neverUpgrades)
        .writeStatus('204 No Content')
        .end();
      return null;
    }
    if (!handshake.isAllowed) return refuse(new Problem('forbidden', 'This origin is not allowed.'));
    if (namesConnection(request)) return { visitor: null, headers };
    if (options.isRefusing()) return refuse(new Problem('unavailable', 'This node is draining.'));
    const said = readHandshakeContext(request);
    if (said instanceof Problem) return refuse(said);
    const tooMany = options.rates.take(null, handshake, 'handshake');
    if (tooMany !== null) options.metrics.rejectedHandshakes.add('rate', 1);
    const place = tooMany ?? options.census.admit(null, handshake.address);
    if (place instanceof Problem) return refuse(place);
    return { visitor: new DoorVisitor(handshake, said, place), headers };
  }

  const upgrade: Upgrade = (raw, data, key, protocol, extensions, context) =>
    besideCork(firstOf(sockets) ?? options.other(), raw, () =>
      raw.upgrade(data, key, protocol, extensions, context as us_socket_context_t),
    );

  const door: EngineApp = {
    any(path, answer) {
      const take = (response: HttpResponse, request: HttpRequest): void =>
        guard(
          () => {
            const entered = enter(response, request);
            if (entered === null) return;
            answer(
              new GuardedResponse(response, entered.headers, upgrade),
              copyRequest(request, entered.visitor),
            );
          },
          () => void response.close(),
        );
      for (const one of bothSpellings(path)) app.any(one, take);
      return door;
    },
    ws(path, behavior) {
      for (const one of bothSpellings(path)) app.ws<EngineSocketData>(one, socketsOf(behavior));
      return door;
    },
  };

  function socketsOf(behavior: EngineSocketBehavior) {
    return {
      maxPayloadLength: behavior.maxPayloadLength ?? limits.eventBodyBytesMax,
      maxBackpressure: limits.transportOutboxBytesMax,
      idleTimeout: limits.eventIdleSec,
      upgrade(response: HttpResponse, request: HttpRequest, context: us_socket_context_t): void {
        guard(
          () => {
            const entered = enter(response, request);
            if (entered === null) return;
            const copy = copyRequest(request, entered.visitor);
            behavior.upgrade(new GuardedResponse(response, entered.headers, upgrade), copy, context);
          },
          () => void response.close(),
        );
      },
      open(socket: Socket): void {
        sockets.add(socket);
        guard(() => behavior.open(socket as EngineSocket));
      },
      message(socket: Socket, bytes: ArrayBuffer, isBinary: boolean): void {
        guard(() => behavior.message(socket as EngineSocket, bytes, isBinary));
      },
      dropped(socket: Socket): void {
        guard(() => void socket.getUserData().transport.emit('dropped'));
      },
      close(socket: Socket, code: number, reason: ArrayBuffer): void {
        sockets.delete(socket);
        options.onGone?.();
        guard(() => behavior.close(socket as EngineSocket, code, reason));
      },
    };
  }

  return door;
}

/** Read as Engine.IO reads it: the last one counts, and an empty one is none. */
function namesConnection(request: HttpRequest): boolean {
  const given = new URLSearchParams(request.getQuery()).getAll('sid').at(-1);
  return given !== undefined && given !== '';
}

const neverUpgrades = (): void => undefined;

/** Clients ask for `/socket.io/`; some leave out the slash. */
function bothSpellings(path: string): readonly string[] {
  const bare = path.replace(/\/$/, '');
  return [`${bare}/`, bare];
}

function firstOf<T>(set: ReadonlySet<T>): T | undefined {
  const [first] = set;
  return first;
}
