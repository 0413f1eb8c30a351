/** The request that wants to become a socket, as dialects see it, and how it is turned away. */
import type { HttpRequest, HttpResponse } from 'uWebSockets.js';
import { decodeText } from '../../../contract/checking/parameters.ts';
import { readCookie } from '../../../contract/credentials.ts';
import type { Handshake, SocketDialect } from '../../../contract/sockets/socket.ts';
import type { Problem } from '../../../domain/problem.ts';
import { type ClientSide, clientSide, type TrustedProxies, wholeAddress } from './client-address.ts';
import type { CorsPolicy } from './cors.ts';
import { isOwnOrigin, mayUseCookie } from './own-pages.ts';

export interface HandshakeWorld {
  readonly cors: CorsPolicy;
  readonly proxies: TrustedProxies;
  readonly isTls: boolean;
  readonly cookieNames: readonly string[];
}

const queryNames = ['token', 'api_key'];
const names = ['authorization', 'x-api-key', 'origin', 'sec-websocket-protocol', 'host'];

export function readHandshake(
  response: HttpResponse,
  request: HttpRequest,
  world: HandshakeWorld,
  dialect: Pick<SocketDialect, 'path' | 'queryNames'> | null = null,
): Handshake & { readonly isAllowed: boolean } {
  const headers = new Map(names.map((name) => [name, request.getHeader(name)]));
  // uWebSockets.js decodes percent signs itself; what it cannot decode stays undefined.
  const asked = [...queryNames, ...(dialect?.queryNames ?? [])];
  const query = new Map(asked.map((name) => [name, request.getQuery(name)]));
  const parameter = dialect?.path.includes('/:')
    ? (decodeText(request.getParameter(0) ?? '') ?? '')
    : undefined;
  const client = readClient(response, request, world);
  const origin = headers.get('origin') ?? '';
  const isOwnPage = origin !== '' && isOwnOrigin(origin, client, world.cors);
  // A page that polls its own origin sends no Origin: then Sec-Fetch-Site tells. Who says neither is no browser.
  const mayShowCookie = mayUseCookie(
    { origin, fetchSite: request.getHeader('sec-fetch-site') },
    client,
    world.cors,
  );
  return {
    header: (name) => headers.get(name) ?? '',
    query: (name) => query.get(name) ?? undefined,
    parameter,
    cookie: mayShowCookie ? readCookie(request.getHeader('cookie'), world.cookieNames) : null,
    address: client.address,
    // No Origin: not a browser. `*` allows any page to open a socket, but never with a cookie.
    isAllowed: origin === '' || isOwnPage || world.cors.answerHeaders(origin) !== null,
  };
}

function readClient(response: HttpResponse, request: HttpRequest, world: HandshakeWorld): ClientSide {
  const peer = wholeAddress(Buffer.from(response.getRemoteAddressAsText()).toString('latin1'));
  return clientSide(world.proxies, peer, world.isTls, {
    forwardedFor: request.getHeader('x-forwarded-for'),
    forwardedProto: request.getHeader('x-forwarded-proto'),
    forwardedHost: request.getHeader('x-forwarded-host'),
    host: request.getHeader('host'),
  });
}

const statusLines: Readonly<Record<number, string>> = {
  400: '400 Bad Request',
  401: '401 Unauthorized',
  403: '403 Forbidden',
  404: '404 Not Found',
  429: '429 Too Many Requests',
};

/** Answers a handshake that is refused. Whatever cannot be told now is a 503. */
export function refuseHandshake(
  response: HttpResponse,
  problem: Problem,
  headers: Readonly<Record<string, string>> = {},
  body: object = { error: { code: problem.code, message: problem.message } },
): void {
  const status = statusLines[problem.status] ?? '503 Service Unavailable';
  response.cork(() => {
    response.writeStatus(status).writeHeader('Content-Type', 'application/json');
    for (const name in headers) response.writeHeader(name, headers[name] ?? '');
    if (problem.status === 401) response.writeHeader('WWW-Authenticate', 'Bearer');
    const { retryAfterMs } = problem;
    if (retryAfterMs !== undefined)
      response.writeHeader('Retry-After', String(Math.ceil(retryAfterMs / 1000)));
    response.end(JSON.stringify(body));
  });
}
