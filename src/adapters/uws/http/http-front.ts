/**
 * The HTTP front end: runs the operations of all dialects. A request goes
 *
 *   route -> method -> headers -> authentication -> body -> JSON -> schema -> answer -> reply
 *
 * and every step may end it with a Problem, worded by its dialect. On the hot path there is one JSON
 * parse, one compiled check, one synchronous authentication and one write; nothing waits for a turn of
 * the loop but what the operation itself waits for.
 */

import type { HttpRequest, HttpResponse, TemplatedApp } from 'uWebSockets.js';
import { noTracing } from '../../../contract/no-tracing.ts';
import type { HttpDialect } from '../../../contract/operation.ts';
import { limits } from '../../../domain/limits.ts';
import { Problem } from '../../../domain/problem.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { Authenticator } from '../../../ports/identity/identity-authenticator.ts';
import type { RateLimiter } from '../../../ports/limits/rate-limiter.ts';
import type { Logger } from '../../../ports/logger.ts';
import type { Tracing } from '../../../ports/tracing.ts';
import type { TrustedProxies } from '../gate/client-address.ts';
import { compileCors } from '../gate/cors.ts';
import { securityHeaders } from '../gate/security-headers.ts';
import { OpenReplies, type OpenReplyBounds } from '../streams/open-replies.ts';
import type { SpillFolder } from '../streams/spill.ts';
import { HeldBodies } from './held-bodies.ts';
import { Deadlines } from './http-body.ts';
import { HttpCall } from './http-call.ts';
import { Exchange } from './http-exchange.ts';
import { announcesBody, type RequestHeaders, readHeaders } from './http-headers.ts';
import { compileDialectHeaders, refuseByDefault } from './http-reply.ts';
import { compileRouter, splitPath, type WrongMethod } from './http-router.ts';
import type { HttpBounds, HttpWorld, ObserveRequest, Words } from './http-world.ts';
import { InFlight } from './in-flight.ts';

/** Lets a dialect tell an unknown path from an unknown thing. */
const noSuchPath = { reason: 'unknown_path' };

export interface HttpOptions {
  readonly dialects: readonly HttpDialect[];
  readonly authenticate: Authenticator['authenticate'];
  /** `['*']`: any origin, without credentials; []: none. */
  readonly corsOrigins: readonly string[];
  readonly rates: RateLimiter;
  readonly proxies: TrustedProxies;
  /** Clients come by TLS to this server. */
  readonly isTls: boolean;
  /** Cookies that may carry a session, the first that is present counts. */
  readonly cookieNames: readonly string[];
  readonly newRequestId: () => string;
  /** For streamed bodies that come faster than they are read. */
  readonly spills: SpillFolder;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly observe?: ObserveRequest;
  /** A line at level debug for each request. Default false: also a line that is not written costs. */
  readonly logsRequests?: boolean;
  /** Default limits.bodyReadMsMax. */
  readonly bodyReadMsMax?: number;
  /** Default: those of `limits`. */
  readonly bounds?: Partial<HttpBounds>;
  readonly onRefused?: HttpWorld['onRefused'];
  /** Default: off. */
  readonly tracing?: Tracing;
  /** Default: those of `limits`. */
  readonly openReplies?: Partial<OpenReplyBounds>;
}

export interface HttpFront {
  /** Takes every request that nothing attached before it takes. */
  readonly attach: (app: TemplatedApp) => void;
  /** Answers end their connections from now on, so that clients go elsewhere by themselves. */
  readonly sendAway: () => void;
  /** The same; resolves when none is in flight (true) or after waitMs (false). */
  readonly drain: (waitMs: number) => Promise<boolean>;
  readonly inFlight: () => number;
  /** Bytes of bodies that are not whole yet. */
  readonly heldBodyBytes: () => number;
}

/** Compiles all dialects; throws for declarations that cannot work. */
export function openHttp(options: HttpOptions): HttpFront {
  const world = makeWorld(options);
  return {
    attach: (app) => void app.any('/*', (response, request) => handle(world, response, request)),
    sendAway: () => {
      world.inFlight.isDraining = true;
    },
    drain: async (waitMs) => {
      const isEmpty = world.inFlight.drain(world.clock, waitMs);
      world.openReplies.drain(Math.min(limits.openReplyDrainMs, waitMs / 2));
      return await isEmpty;
    },
    inFlight: () => world.inFlight.count,
    heldBodyBytes: () => world.heldBodies.bytes,
  };
}

function makeWorld(options: HttpOptions): HttpWorld {
  const { authenticate, rates, proxies, isTls, cookieNames, newRequestId, clock, logger } = options;
  const headersOfAll = securityHeaders({ isTls, isShared: options.corsOrigins.length > 0 });
  const { requestsInFlightMax, bodiesHeldBytesMax } = limits;
  const bounds = { requestsInFlightMax, bodiesHeldBytesMax, ...options.bounds };
  const wordsOf = (dialect: HttpDialect): Words => ({
    headers: compileDialectHeaders(dialect, headersOfAll),
    refuse: dialect.refuse,
  });
  return {
    router: compileRouter(options.dialects),
    cors: compileCors(options.corsOrigins),
    authenticate,
    rates,
    arrival: { proxies, isTls },
    cookieNames,
    newRequestId,
    clock,
    logger,
    observe: options.observe ?? (() => {}),
    logsRequests: options.logsRequests ?? false,
    inFlight: new InFlight(),
    heldBodies: new HeldBodies(bounds.bodiesHeldBytesMax),
    bounds,
    onRefused: options.onRefused ?? (() => {}),
    tracing: options.tracing ?? noTracing,
    spills: options.spills,
    openReplies: new OpenReplies(clock, options.openReplies),
    bodyDeadlines: new Deadlines(clock, options.bodyReadMsMax ?? limits.bodyReadMsMax),
    wordsOf: new Map(options.dialects.map((dialect) => [dialect, wordsOf(dialect)])),
    defaultWords: { headers: compileDialectHeaders(null, headersOfAll), refuse: refuseByDefault },
  };
}

/** Nothing may be thrown from here: uWebSockets.js would end the process. */
function handle(world: HttpWorld, response: HttpResponse, request: HttpRequest): void {
  let exchange: Exchange | null = null;
  try {
    const method = request.getCaseSensitiveMethod();
    const headers = readHeaders(request);
    exchange = new Exchange(world, response, headers, method === 'HEAD');
    const path = request.getUrl();
    const segments = splitPath(path);
    const found = world.router.find(method, segments);
    if (found !== null && 'operation' in found) {
      exchange.route = found;
      exchange.words = world.wordsOf.get(found.dialect) ?? world.defaultWords;
      new HttpCall(world, exchange, found, segments, request, headers).start();
    } else {
      const dialect = found?.dialect ?? world.router.dialectOf(path);
      exchange.words = (dialect === null ? undefined : world.wordsOf.get(dialect)) ?? world.defaultWords;
      answerWithoutRoute(world, exchange, found, method, headers);
    }
    exchange.watchAbort();
  } catch (error) {
    if (exchange === null) response.close();
    else exchange.fail(error);
  }
}

function answerWithoutRoute(
  world: HttpWorld,
  exchange: Exchange,
  found: WrongMethod | null,
  method: string,
  headers: RequestHeaders,
): void {
  exchange.closes = announcesBody(headers);
  if (found === null) {
    exchange.refuse(new Problem('not_found', 'There is no such path.', noSuchPath));
    return;
  }
  const isAsked = method === 'OPTIONS';
  exchange.allow = isAsked ? `${found.allow}, OPTIONS` : found.allow;
  if (isAsked) {
    const isPreflight = headers.origin !== '' && headers.accessControlRequestMethod !== '';
    exchange.sendPreflight(isPreflight ? world.cors.preflightHeaders(headers.origin) : null);
  } else exchange.refuse(new Problem('method_not_allowed'));
}
