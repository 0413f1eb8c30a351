/**
 * HTTP to other systems over connections that are kept. Node's own client and not fetch(): it follows no
 * redirect, decompresses nothing, and its Agent bounds the connections.
 */
import {
  type ClientRequest,
  type IncomingMessage,
  Agent as PlainAgent,
  request as plainRequest,
} from 'node:http';
import { Agent as TlsAgent, request as tlsRequest } from 'node:https';
import { limits } from '../../domain/limits.ts';
import type { HttpFault, HttpRequest, HttpRequests, HttpResponse } from '../../ports/http/http-requests.ts';
import { hasPrivateHost, openPublicLookup, PrivateAddress } from './public-addresses.ts';

export interface OutboundHttp extends HttpRequests {
  close(): void;
}

const agentOptions = {
  keepAlive: true,
  maxFreeSockets: 4,
  scheduling: 'lifo',
} as const;

export interface OutboundRules {
  /** From the request to the end of its answer. */
  readonly timeoutMs?: number;
  /** Requests at once, those that wait for a connection included. */
  readonly requestsMax?: number;
  /** Connections to one host at once; who finds none free waits for one. */
  readonly connectionsMax?: number;
  /** Whoever names the addresses is not the operator: only public ones are reached. */
  readonly isPublicOnly?: boolean;
  /** Asked for public addresses, `host:port`; default: those of the system. */
  readonly nameServers?: readonly string[];
  /** The answer is its status and headers: no body is kept, and none can make a fault of it. */
  readonly isBodyIgnored?: boolean;
}

/** Opens no connection before the first request. */
export function openHttpRequests(rules: OutboundRules = {}): OutboundHttp {
  const {
    timeoutMs = limits.externalRequestMsMax,
    requestsMax = limits.externalRequestsWaitingMax,
    connectionsMax = limits.externalConnectionsMax,
    isPublicOnly = false,
    isBodyIgnored = false,
  } = rules;
  const lookup = isPublicOnly ? openPublicLookup(rules.nameServers) : null;
  const options = { ...agentOptions, maxSockets: connectionsMax, ...(lookup && { lookup: lookup.lookup }) };
  const ways = { plain: new PlainAgent(options), tls: new TlsAgent(options), isBodyIgnored };
  let waiting = 0;

  async function send(wanted: HttpRequest): Promise<HttpResponse | HttpFault> {
    if (waiting >= requestsMax) return 'overloaded';
    waiting += 1;
    // One deadline for everything: the wait for a connection, the connection, the whole answer.
    const deadline = AbortSignal.timeout(timeoutMs);
    try {
      // Node looks up names alone: an address is connected to as it is.
      if (isPublicOnly && hasPrivateHost(wanted.url)) return 'private_address';
      const outcome = await exchange(ways, wanted, deadline);
      // The server closed a kept connection while the request was on its way: a fresh one tells.
      return outcome === 'stale' ? fresh(await exchange(ways, wanted, deadline)) : outcome;
    } catch {
      // A URL or header that Node refuses to send.
      return 'away';
    } finally {
      waiting -= 1;
    }
  }

  return {
    send,
    close() {
      ways.plain.destroy();
      ways.tls.destroy();
      lookup?.close();
    },
  };
}

type Outcome = HttpResponse | HttpFault | 'stale';

const fresh = (outcome: Outcome): HttpResponse | HttpFault => (outcome === 'stale' ? 'away' : outcome);

interface Ways {
  readonly plain: PlainAgent;
  readonly tls: TlsAgent;
  readonly isBodyIgnored: boolean;
}

function exchange(ways: Ways, wanted: HttpRequest, signal: AbortSignal): Promise<Outcome> {
  return new Promise((resolve) => {
    const request = begin(ways, wanted, signal);
    let answer: HttpResponse | null = null;
    // Also where Node ends a request without a word.
    signal.addEventListener('abort', () => resolve(answer ?? 'late'), { once: true });
    request.on('error', (error) => {
      // In a body that nobody wants.
      if (answer !== null) resolve(answer);
      else if (signal.aborted) resolve('late');
      else if (error instanceof PrivateAddress) resolve('private_address');
      else resolve(request.reusedSocket ? 'stale' : 'away');
    });
    request.on('response', (response) => {
      const told = (body: string): void => resolve(answerOf(response, body));
      if (!ways.isBodyIgnored)
        return readBody(response, told, (fault) => resolve(signal.aborted ? 'late' : fault));
      answer = answerOf(response, '');
      leaveBody(response, () => told(''));
    });
    // 101, which nobody asked for: without a listener Node closes the connection, and says so to nobody.
    request.on('upgrade', (response, socket) => {
      socket.destroy();
      resolve(answerOf(response, ''));
    });
    request.end(wanted.body ?? undefined);
  });
}

function begin(
  { plain, tls }: Ways,
  { method, url, headers, body }: HttpRequest,
  signal: AbortSignal,
): ClientRequest {
  const options = { method, headers: { ...headers, ...lengthOf(body) }, signal };
  return url.startsWith('https:')
    ? tlsRequest(url, { ...options, agent: tls })
    : plainRequest(url, { ...options, agent: plain });
}

function readBody(
  response: IncomingMessage,
  told: (body: string) => void,
  failed: (fault: HttpFault) => void,
): void {
  const pieces: Buffer[] = [];
  let bytes = 0;
  response.on('data', (piece: Buffer) => {
    bytes += piece.length;
    pieces.push(piece);
    if (bytes <= limits.externalAnswerBytesMax) return;
    failed('too_large');
    response.destroy();
  });
  response.on('end', () => told(Buffer.concat(pieces).toString('utf8')));
  response.on('error', () => failed('away'));
  response.on('close', () => failed('away'));
}

/** A short body is read to its end, so that its connection can be kept; any other is left, with its connection. */
function leaveBody(response: IncomingMessage, done: () => void): void {
  let bytes = 0;
  const leave = (): void => void response.destroy();
  const timer = setTimeout(leave, limits.externalBodyLeftMs);
  response.on('data', (piece: Buffer) => {
    bytes += piece.length;
    if (bytes > limits.externalAnswerBytesMax) leave();
  });
  // What breaks now was answered before.
  response.on('error', () => undefined);
  response.on('close', () => {
    clearTimeout(timer);
    done();
  });
}

function answerOf({ statusCode, headersDistinct }: IncomingMessage, body: string): HttpResponse {
  return { status: statusCode ?? 0, headers: headersDistinct, body };
}

function lengthOf(body: string | null): Readonly<Record<string, string>> {
  return body === null ? {} : { 'content-length': String(Buffer.byteLength(body)) };
}
