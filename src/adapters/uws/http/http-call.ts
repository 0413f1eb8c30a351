/** One request on its way to its operation: who asks, what it carries, what it is answered. */
import type { HttpRequest } from 'uWebSockets.js';
import { readCredentials } from '../../../contract/credentials.ts';
import type { Reply } from '../../../contract/operation.ts';
import { overloaded } from '../../../domain/limiting/overload.ts';
import { limits } from '../../../domain/limits.ts';
import type { Principal } from '../../../domain/principal.ts';
import { Problem } from '../../../domain/problem.ts';
import type { Credentials } from '../../../ports/identity/identity-authenticator.ts';
import { mayUseCookie } from '../gate/own-pages.ts';
import { BodyPieces } from '../streams/body-pieces.ts';
import type { HeldBody } from './held-bodies.ts';
import { Body } from './http-body.ts';
import { checkTenant, readContext } from './http-context.ts';
import type { Exchange } from './http-exchange.ts';
import { announcesBody, type RequestHeaders } from './http-headers.ts';
import { pathPairs, type Route } from './http-router.ts';
import type { HttpWorld } from './http-world.ts';
import { readInput } from './read-input.ts';

const safeMethods: readonly string[] = ['GET', 'HEAD'];

/**
 * Authentication and the body are awaited side by side, because the transport hands out a body only to
 * those who ask for it at once. Whatever comes last goes on.
 */
export class HttpCall {
  readonly #world: HttpWorld;
  readonly #exchange: Exchange;
  readonly #route: Route;
  readonly #segments: readonly string[];
  readonly #query: string;
  readonly #headers: RequestHeaders;
  #body: Body | null = null;
  #pieces: BodyPieces | null = null;
  #hasCredentials = false;
  #isAuthenticated = false;
  #isBodyRead = false;
  #isSkipping = false;
  /** Why the body is not read: said when it is known who sends it. */
  #bodyRefusal: Problem | null = null;

  constructor(
    world: HttpWorld,
    exchange: Exchange,
    route: Route,
    segments: readonly string[],
    request: HttpRequest,
    headers: RequestHeaders,
  ) {
    this.#world = world;
    this.#exchange = exchange;
    this.#route = route;
    this.#segments = segments;
    // Its declarations promise a text; without a `?` there is none.
    this.#query = request.getQuery() ?? '';
    this.#headers = headers;
  }

  /** Must run in the callback of the transport. */
  start(): void {
    const bytesMax = this.#route.operation.bodyBytesMax ?? limits.bodyBytesMax;
    const hasBody = announcesBody(this.#headers);
    const announced = hasBody ? Number(this.#headers.contentLength) : 0;
    const isTooLarge = announced > bytesMax;
    // A refusal before the body is read: the transport skips a body of a bearable length. Anything else ends the
    // connection, and a client that still writes may hear of that (EPIPE) instead of the answer.
    const isSkipped = !isTooLarge || announced <= limits.bodySkippedBytesMax;
    this.#exchange.closes = !isSkipped || this.#headers.transferEncoding !== '';
    if (this.#route.operation.access !== 'principal') this.#exchange.state.keepAddress();
    const strange = this.#tooMany() ?? this.#guard();
    if (strange === null) this.#authenticate();
    else this.#exchange.refuse(strange);
    if (this.#exchange.isOver) return;
    if (isTooLarge) this.#refuseBody(bytesMax);
    else if (this.#route.operation.streamsBody === true) this.#streamBody(bytesMax, hasBody);
    else if (hasBody) this.#readBody(bytesMax);
    else this.#isBodyRead = true;
    this.#advance();
  }

  /** Who needs no credential asks whether the node lives, or logs in: that has bounds of its own. */
  #tooMany(): Problem | null {
    const { inFlight, bounds } = this.#world;
    if (inFlight.count <= bounds.requestsInFlightMax || this.#route.operation.access === 'public')
      return null;
    return overloaded('requests');
  }

  #guard(): Problem | null {
    const { guard } = this.#route.operation;
    if (guard === undefined) return null;
    return guard(Object.fromEntries(pathPairs(this.#route, this.#segments) ?? []));
  }

  #authenticate(): void {
    const { access } = this.#route.operation;
    this.#exchange.state.cookie = this.#cookie();
    const credentials = access === 'public' ? null : this.#credentials();
    this.#hasCredentials = credentials !== null;
    if (credentials === null) {
      // An Authorization that holds no credential that we know is one that is not valid.
      const isShown = this.#headers.authorization !== '';
      const isNeeded = access === 'principal' || (access === 'open' && isShown);
      const anonymous = isShown || access === 'public' ? null : (this.#route.dialect.anonymous ?? null);
      this.#settle(anonymous ?? (isNeeded ? new Problem('unauthenticated') : null));
      return;
    }
    const result = this.#world.authenticate(credentials);
    if (!(result instanceof Promise)) {
      this.#settle(result);
      return;
    }
    this.#exchange.watchAbort();
    result
      .then((found) => {
        this.#settle(found);
        this.#advance();
      })
      .catch((error: unknown) => this.#exchange.fail(error));
  }

  #settle(found: Principal | Problem | null): void {
    const { state } = this.#exchange;
    const isAnonymous = found instanceof Problem && found.code === 'unauthenticated';
    // Who guesses credentials is told to slow down. Nobody else at its address is kept out by that.
    const isGuess = isAnonymous && this.#hasCredentials;
    const tooManyGuesses = isGuess ? this.#world.rates.take(null, state, 'refused') : null;
    const caller = isAnonymous && this.#route.operation.access === 'optional' ? tooManyGuesses : found;
    if (caller instanceof Problem) {
      this.#exchange.refuse(tooManyGuesses ?? caller);
      return;
    }
    const tooMany = this.#world.rates.take(caller, state, this.#route.rate);
    if (tooMany !== null) {
      this.#exchange.refuse(tooMany);
      return;
    }
    const refused = caller === null ? null : (this.#route.operation.admit?.(caller) ?? null);
    if (refused !== null) {
      this.#exchange.refuse(refused);
      return;
    }
    state.caller = caller;
    this.#isAuthenticated = true;
  }

  #credentials(): Credentials | null {
    const { authorization, apiKey } = this.#headers;
    const { cookie } = this.#exchange.state;
    const shown = readCredentials(authorization, apiKey, cookie, this.#world.cookieNames);
    return shown !== null && this.#route.dialect.takesGuests === true
      ? { ...shown, takesGuests: true }
      : shown;
  }

  /** A page of a stranger's origin may make a browser send a cookie: there it proves nothing. */
  #cookie(): string {
    const { cookie } = this.#headers;
    const counts =
      cookie === '' ||
      safeMethods.includes(this.#route.operation.method) ||
      mayUseCookie(this.#headers, this.#exchange.state, this.#world.cors);
    return counts ? cookie : '';
  }

  #readBody(bytesMax: number): void {
    const body = new Body(bytesMax);
    this.#body = body;
    let held: HeldBody | null = null;
    this.#exchange.onData((piece, isLast) => {
      // A body that comes with its headers, the usual one, is never held.
      if (!isLast) held ??= this.#hold();
      if (isLast) held?.release();
      else if (held?.hold(piece.byteLength) === false) return this.#refuseHeld();
      if (!body.add(piece, isLast)) {
        this.#skipRest(body, isLast, bytesMax);
      } else if (isLast) {
        this.#bodyIsRead(body);
      } else {
        // A body that comes with its headers, the usual one, needs no deadline.
        this.#world.bodyDeadlines.add(this.#exchange);
      }
    });
  }

  /**
   * A chunked body turned out to be too large. Who is nearly done hears so at its end; whoever goes on is answered,
   * and may lose that answer with its connection.
   */
  #skipRest(body: Body, isLast: boolean, bytesMax: number): void {
    const refuse = (closes: boolean): void => {
      this.#exchange.closes = closes;
      this.#refuseBody(bytesMax);
      this.#advance();
    };
    if (isLast) return refuse(false);
    if (body.length > limits.bodyDroppedBytesMax) return refuse(true);
    if (this.#isSkipping) return;
    this.#isSkipping = true;
    this.#world.clock.after(limits.bodyDroppedMs, () => refuse(true));
  }

  #hold(): HeldBody {
    const held = this.#world.heldBodies.open();
    this.#exchange.onOver(() => held.release());
    return held;
  }

  /** There is no room for what is still to come, and nobody reads it: the connection ends with the answer. */
  #refuseHeld(): void {
    this.#exchange.closes = true;
    this.#exchange.refuse(overloaded('bodies'));
  }

  /** The operation reads it, so it is answered before the body is there. */
  #streamBody(bytesMax: number, hasBody: boolean): void {
    const { contentType, contentLength } = this.#headers;
    const { clock, spills, bodyDeadlines: deadlines } = this.#world;
    const exchange = this.#exchange;
    const pieces = new BodyPieces({
      ...{ contentType, bytesMax, spills, tap: exchange, deadlines, now: () => clock.monotonicMs() },
      lengthBytes: contentLength === '' ? null : Number(contentLength),
    });
    this.#pieces = pieces;
    this.#isBodyRead = true;
    exchange.state.stream = pieces;
    exchange.onOver(() => pieces.break(new Problem('invalid_request', 'The client went away.')));
    if (!hasBody) return pieces.take(new ArrayBuffer(0), true);
    // An answer before its end leaves bytes on the connection that nobody reads.
    exchange.closes = true;
    exchange.onData((piece, isLast) => {
      if (isLast) exchange.closes = false;
      pieces.take(piece, isLast);
    });
  }

  /** A credential that is not valid is refused first, also when that takes a moment to tell. */
  #refuseBody(bytesMax: number): void {
    this.#bodyRefusal = new Problem('too_large', `The body may have ${bytesMax} bytes.`, {
      reason: 'body_too_large',
    });
    this.#isBodyRead = true;
  }

  #bodyIsRead(body: Body): void {
    this.#world.bodyDeadlines.delete(this.#exchange);
    this.#exchange.closes = false;
    this.#isBodyRead = true;
    if (!this.#isAuthenticated) body.keep();
    this.#advance();
  }

  #advance(): void {
    if (!this.#isAuthenticated || !this.#isBodyRead || this.#exchange.isOver) return;
    if (this.#bodyRefusal !== null) return this.#exchange.refuse(this.#bodyRefusal);
    const { state } = this.#exchange;
    const problem =
      readContext(state, this.#headers) ??
      checkTenant(state.orgId, state.caller) ??
      readInput(state, this.#route, this.#segments, this.#query, this.#headers, this.#body);
    const { tracing } = this.#world;
    const answer =
      problem ??
      (tracing.isOn
        ? tracing.within(this.#exchange.trace(tracing), () => this.#route.operation.answer(state))
        : this.#route.operation.answer(state));
    if (!(answer instanceof Promise) && this.#pieces === null) {
      this.#exchange.send(answer);
      return;
    }
    this.#exchange.watchAbort();
    Promise.resolve(answer)
      .then((reply) => this.#sendAfterBody(reply))
      .catch((error: unknown) => this.#exchange.fail(error));
  }

  /** Who still sends does not read: a refusal would be lost with the connection, unless the rest is let in. */
  async #sendAfterBody(reply: Reply | Problem): Promise<void> {
    if (this.#pieces !== null && !this.#pieces.isOver) await this.#pieces.dropRest();
    this.#exchange.send(reply);
  }
}
