/**
 * The way of Socket.IO clients, by polling and by WebSocket, through the gate of all others: origins, drain, rates,
 * a place among the sockets, the headers of common.md, the address behind trusted proxies.
 */
import type {
  HttpRequest,
  HttpResponse,
  TemplatedApp,
  us_socket_context_t,
  WebSocket,
  WebSocketBehavior,
} from 'uWebSockets.js';
import { countOverload } from '../../../contract/count-overload.ts';
import type {
  EngineApp,
  EngineSocket,
  EngineSocketBehavior,
  EngineSocketData,
  Visitor,
} from '../../../contract/sockets/event-door.ts';
import { limits } from '../../../domain/limits.ts';
import { Problem } from '../../../domain/problem.ts';
import type { RateLimiter } from '../../../ports/limits/rate-limiter.ts';
import type { Logger } from '../../../ports/logger.ts';
import type { Metrics } from '../../../ports/metrics.ts';
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
  readonly metrics: Pick<Metrics, 'rejectedHandshakes' | 'overloads'>;
  /** True while the node drains. */
  readonly isRefusing: () => boolean;
  /** Another open socket, see besideCork(). */
  readonly other: () => Corkable | undefined;
  /** Told when a WebSocket has ended. */
  readonly onGone?: () => void;
}

type Socket = WebSocket<EngineSocketData>;

/** A request that may go on to Engine.IO. */
interface Entered {
  /** Null: of a connection that was let in earlier. */
  readonly visitor: Visitor | null;
  /** Of its answer. */
  readonly headers: Headers;
}

/** The app, as Engine.IO may use it. */
export class EngineDoor implements EngineApp {
  readonly #options: EngineDoorOptions;
  readonly #app: TemplatedApp;
  readonly #headers: Headers;
  readonly #sockets = new Set<Socket>();

  constructor(options: EngineDoorOptions, app: TemplatedApp) {
    this.#options = options;
    this.#app = app;
    this.#headers = securityHeaders(options);
  }

  any(path: string, answer: Parameters<EngineApp['any']>[1]): this {
    const take = (response: HttpResponse, request: HttpRequest): void =>
      this.#pass(response, request, answer);
    for (const one of bothSpellings(path)) this.#app.any(one, take);
    return this;
  }

  ws(path: string, behavior: EngineSocketBehavior): this {
    for (const one of bothSpellings(path)) this.#app.ws<EngineSocketData>(one, this.#guarded(behavior));
    return this;
  }

  #guarded(behavior: EngineSocketBehavior): WebSocketBehavior<EngineSocketData> {
    const guard = (run: () => void): void => this.#guard(run);
    return {
      maxPayloadLength: behavior.maxPayloadLength ?? limits.eventBodyBytesMax,
      maxBackpressure: limits.transportOutboxBytesMax,
      idleTimeout: limits.eventIdleSec,
      upgrade: (response, request, context) =>
        this.#pass(response, request, (guarded, copy) => behavior.upgrade(guarded, copy, context)),
      open: (socket) => {
        this.#sockets.add(socket);
        guard(() => behavior.open(socket as EngineSocket));
      },
      message: (socket, bytes, isBinary) =>
        guard(() => behavior.message(socket as EngineSocket, bytes, isBinary)),
      dropped: (socket) => guard(() => void socket.getUserData().transport.emit('dropped')),
      close: (socket, code, reason) => {
        this.#sockets.delete(socket);
        this.#options.onGone?.();
        guard(() => behavior.close(socket as EngineSocket, code, reason));
      },
    };
  }

  /** Nothing may be thrown from here: uWebSockets.js would end the process. */
  #guard(run: () => void, orElse: () => void = () => undefined): void {
    try {
      run();
    } catch (error) {
      this.#options.logger.error({ error }, 'Engine.IO failed');
      orElse();
    }
  }

  #pass(response: HttpResponse, request: HttpRequest, answer: Parameters<EngineApp['any']>[1]): void {
    const run = (): void => {
      const entered = this.#enter(response, request);
      if (entered === null) return;
      const guarded = new GuardedResponse(response, entered.headers, this.#upgrade);
      answer(guarded, copyRequest(request, entered.visitor));
    };
    this.#guard(run, () => void response.close());
  }

  /** Null: the request was answered. */
  #enter(response: HttpResponse, request: HttpRequest): Entered | null {
    const { cors } = this.#options;
    const handshake = readHandshake(response, request, this.#options);
    const origin = handshake.header('origin');
    const shared = origin === '' ? cors.otherHeaders : cors.answerHeaders(origin);
    const headers = { ...this.#headers, ...shared };
    if (request.getMethod() === 'options') {
      const preflight = origin === '' ? null : cors.preflightHeaders(origin);
      new GuardedResponse(response, { ...headers, ...preflight }, neverUpgrades)
        .writeStatus('204 No Content')
        .end();
      return null;
    }
    const visitor = this.#admit(request, handshake);
    if (!(visitor instanceof Problem)) return { visitor, headers };
    countOverload(this.#options.metrics, visitor);
    refuseHandshake(response, visitor, headers);
    return null;
  }

  #admit(request: HttpRequest, handshake: ReturnType<typeof readHandshake>): Visitor | null | Problem {
    const { isRefusing, rates, metrics, census } = this.#options;
    if (!handshake.isAllowed) return new Problem('forbidden', 'This origin is not allowed.');
    if (namesConnection(request)) return null;
    if (isRefusing()) return new Problem('unavailable', 'This node is draining.');
    const said = readHandshakeContext(request);
    if (said instanceof Problem) return said;
    const tooMany = rates.take(null, handshake, 'handshake');
    if (tooMany !== null) metrics.rejectedHandshakes.add('rate', 1);
    const place = tooMany ?? census.admit(null, handshake.address);
    return place instanceof Problem ? place : new DoorVisitor(handshake, said, place);
  }

  readonly #upgrade: Upgrade = (raw, data, key, protocol, extensions, context) => {
    const [own] = this.#sockets;
    besideCork(own ?? this.#options.other(), raw, () =>
      raw.upgrade(data, key, protocol, extensions, context as us_socket_context_t),
    );
  };
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
