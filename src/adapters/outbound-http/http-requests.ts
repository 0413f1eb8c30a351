/**
 * HTTP to other systems over connections that are kept. Node's own client and not fetch(): it follows no
 * redirect, decompresses nothing, and its Agent bounds the connections.
 */
import { Agent as PlainAgent, request as plainRequest } from 'node:http';
import { Agent as TlsAgent, request as tlsRequest } from 'node:https';
import { limits } from '../../domain/limits.ts';
import type { HttpFault, HttpRequest, HttpRequests, HttpResponse } from '../../ports/http/http-requests.ts';
import { hasPrivateHost, lookupPublic, PrivateAddress } from './public-addresses.ts';

export interface OutboundHttp extends HttpRequests {
  close(): void;
}

const agentOptions = {
  keepAlive: true,
  maxSockets: limits.externalConnectionsMax,
  maxFreeSockets: 4,
  scheduling: 'lifo',
} as const;

export interface OutboundRules {
  /** From the request to the end of its answer. */
  readonly timeoutMs?: number;
  /** Requests at once, those that wait for a connection included. */
  readonly requestsMax?: number;
  /** Whoever names the addresses is not the operator: only public ones are reached. */
  readonly isPublicOnly?: boolean;
}

/** Opens no connection before the first request. */
export function openHttpRequests(rules: OutboundRules = {}): OutboundHttp {
  const {
    timeoutMs = limits.externalRequestMsMax,
    requestsMax = limits.externalRequestsWaitingMax,
    isPublicOnly = false,
  } = rules;
  const options = isPublicOnly ? { ...agentOptions, lookup: lookupPublic } : agentOptions;
  const agents = { plain: new PlainAgent(options), tls: new TlsAgent(options) };
  let waiting = 0;

  async function send(wanted: HttpRequest): Promise<HttpResponse | HttpFault> {
    if (waiting >= requestsMax) return 'overloaded';
    waiting += 1;
    // One deadline for everything: the wait for a connection, the connection, the whole answer.
    const deadline = AbortSignal.timeout(timeoutMs);
    try {
      // Node looks up names alone: an address is connected to as it is.
      if (isPublicOnly && hasPrivateHost(wanted.url)) return 'private_address';
      const outcome = await exchange(agents, wanted, deadline);
      // The server closed a kept connection while the request was on its way: a fresh one tells.
      return outcome === 'stale' ? fresh(await exchange(agents, wanted, deadline)) : outcome;
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
      agents.plain.destroy();
      agents.tls.destroy();
    },
  };
}

type Outcome = HttpResponse | HttpFault | 'stale';

const fresh = (outcome: Outcome): HttpResponse | HttpFault => (outcome === 'stale' ? 'away' : outcome);

function exchange(
  agents: { readonly plain: PlainAgent; readonly tls: TlsAgent },
  { method, url, headers, body }: HttpRequest,
  signal: AbortSignal,
): Promise<Outcome> {
  return new Promise((resolve) => {
    const options = { method, headers: { ...headers, ...lengthOf(body) }, signal };
    const request = url.startsWith('https:')
      ? tlsRequest(url, { ...options, agent: agents.tls })
      : plainRequest(url, { ...options, agent: agents.plain });
    request.on('error', (error) => {
      if (signal.aborted) resolve('late');
      else if (error instanceof PrivateAddress) resolve('private_address');
      else resolve(request.reusedSocket ? 'stale' : 'away');
    });
    request.on('response', (response) => {
      const pieces: Buffer[] = [];
      let bytes = 0;
      response.on('data', (piece: Buffer) => {
        bytes += piece.length;
        pieces.push(piece);
        if (bytes <= limits.externalAnswerBytesMax) return;
        resolve('too_large');
        response.destroy();
      });
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headersDistinct,
          body: Buffer.concat(pieces).toString('utf8'),
        }),
      );
      response.on('error', () => resolve(signal.aborted ? 'late' : 'away'));
      response.on('close', () => resolve(signal.aborted ? 'late' : 'away'));
    });
    request.end(body ?? undefined);
  });
}

function lengthOf(body: string | null): Readonly<Record<string, string>> {
  return body === null ? {} : { 'content-length': String(Buffer.byteLength(body)) };
}
