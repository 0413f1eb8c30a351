/** One handshake: who asks is found out, admitted and counted; then the request becomes a socket, or is refused. */
import type { HttpRequest, HttpResponse, us_socket_context_t } from 'uWebSockets.js';
import { randomUUID } from 'node:crypto';
import { countOverload } from '../../../contract/count-overload.ts';
import type { Admission, Handshake, SocketDialect } from '../../../contract/sockets/socket.ts';
import type { Principal } from '../../../domain/principal.ts';
import { Problem } from '../../../domain/problem.ts';
import type { Authenticator } from '../../../ports/identity/identity-authenticator.ts';
import type { RateLimiter } from '../../../ports/limits/rate-limiter.ts';
import type { Logger } from '../../../ports/logger.ts';
import type { Metrics } from '../../../ports/metrics.ts';
import type { Corkable } from '../engine/beside-cork.ts';
import { type GoOnLater, lateAnswers } from '../engine/late-answers.ts';
import { usableId } from '../http/http-context.ts';
import type { UwsPeer } from '../uws-peer.ts';
import { type HandshakeWorld, readHandshake, refuseHandshake } from './handshake.ts';
import { readHandshakeContext, refuseForeignTenant, type SaidInHandshake } from './handshake-context.ts';
import type { Place, SocketCensus } from './socket-census.ts';

export interface UpgradeWorld extends HandshakeWorld {
  readonly authenticate: Authenticator['authenticate'];
  readonly rates: RateLimiter;
  readonly logger: Pick<Logger, 'error'>;
  readonly metrics: Pick<Metrics, 'rejectedHandshakes' | 'overloads'>;
  readonly census: SocketCensus;
  readonly isRefusing: () => boolean;
  /** Any socket of this server. */
  readonly anySocket: () => Corkable | undefined;
}

/** What uWebSockets.js keeps for each socket. */
export interface SocketData {
  readonly principal: Principal | null;
  readonly address: string;
  readonly said: SaidInHandshake;
  readonly place: Place;
  readonly admission: Admission | null;
  peer: UwsPeer | null;
}

/** Reads all that is to be known of the request when it is made: the request is gone when its callback ends. */
export class Upgrade {
  readonly #world: UpgradeWorld;
  readonly #dialect: SocketDialect;
  readonly #response: HttpResponse;
  readonly #context: us_socket_context_t;
  readonly #handshake: Handshake & { readonly isAllowed: boolean };
  readonly #said: SaidInHandshake | Problem;
  readonly #key: string;
  readonly #extensions: string;
  readonly #protocol: string;
  readonly #requestId: string;
  readonly #later: GoOnLater;

  constructor(
    world: UpgradeWorld,
    dialect: SocketDialect,
    response: HttpResponse,
    request: HttpRequest,
    context: us_socket_context_t,
  ) {
    this.#world = world;
    this.#dialect = dialect;
    this.#response = response;
    this.#context = context;
    this.#handshake = readHandshake(response, request, world, dialect);
    this.#said = readHandshakeContext(request);
    this.#key = request.getHeader('sec-websocket-key');
    this.#extensions = request.getHeader('sec-websocket-extensions');
    this.#protocol = dialect.subprotocol(splitList(request.getHeader('sec-websocket-protocol'))) ?? '';
    // As for other requests: what the client says, or one of ours.
    this.#requestId = usableId(request.getHeader('x-request-id')) ?? randomUUID();
    this.#later = lateAnswers(response, world.anySocket, (error) => {
      world.logger.error({ error }, 'A handshake failed');
      this.#refuse(new Problem('internal'));
    });
  }

  /** Must run in the callback of the transport. */
  start(): void {
    const { isRefusing, authenticate } = this.#world;
    if (isRefusing()) return this.#refuse(new Problem('unavailable', 'This node is draining.'));
    if (!this.#handshake.isAllowed)
      return this.#refuse(new Problem('forbidden', 'This origin is not allowed.'));
    const credentials = this.#dialect.credentials(this.#handshake);
    if (credentials === null) return this.#accept(null);
    const found = authenticate(credentials);
    if (found instanceof Promise) this.#later(found, (principal) => this.#know(principal));
    else this.#know(found);
  }

  #know(found: Principal | Problem): void {
    if (found instanceof Problem) this.#refuseCredentials(found);
    else this.#accept(found);
  }

  #accept(principal: Principal | null): void {
    const said = this.#said;
    if (said instanceof Problem) return this.#refuse(said);
    const foreign = refuseForeignTenant(said.orgId, principal);
    if (foreign !== null) return this.#refuse(foreign);
    const { rates, metrics } = this.#world;
    const tooMany = rates.take(principal, this.#handshake, 'handshake');
    if (tooMany !== null) {
      metrics.rejectedHandshakes.add('rate', 1);
      return this.#refuse(tooMany);
    }
    if (this.#dialect.admit === undefined) return this.#become(principal, said, null);
    this.#later(this.#dialect.admit(this.#handshake, principal, said.context), (found) => {
      if (found instanceof Problem) this.#refuse(found);
      else this.#become(found.principal, said, found);
    });
  }

  #become(principal: Principal | null, said: SaidInHandshake, admission: Admission | null): void {
    const { address } = this.#handshake;
    const place = this.#world.census.admit(principal, address);
    if (place instanceof Problem) return this.#refuse(place);
    const data: SocketData = { principal, address, said, place, admission, peer: null };
    this.#response.upgrade(data, this.#key, this.#protocol, this.#extensions, this.#context);
  }

  #refuseCredentials(problem: Problem): void {
    const { rates, metrics } = this.#world;
    const isGuess = problem.code === 'unauthenticated';
    const tooMany = isGuess ? rates.take(null, this.#handshake, 'refused') : null;
    metrics.rejectedHandshakes.add(problem.code, 1);
    this.#refuse(tooMany ?? problem);
  }

  #refuse(problem: Problem): void {
    countOverload(this.#world.metrics, problem);
    const body = this.#dialect.refuse?.(problem, this.#requestId);
    refuseHandshake(this.#response, problem, { 'x-request-id': this.#requestId }, body);
  }
}

const splitList = (text: string): string[] => (text === '' ? [] : text.split(',').map((one) => one.trim()));
