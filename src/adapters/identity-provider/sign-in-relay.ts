/**
 * `POST /api/auth/login` and `/api/auth/logout` of Symbia's identity service (symbia.md §4). Of an answer only what a
 * client needs goes on: status, body and its type, cookies, Retry-After. No redirect is followed or passed on.
 */
import { STATUS_CODES } from 'node:http';
import { overloaded } from '../../domain/limiting/overload.ts';
import { limits } from '../../domain/limits.ts';
import type { Problem } from '../../domain/problem.ts';
import type { HttpRequests, HttpResponse } from '../../ports/http/http-requests.ts';
import type { RelayedAnswer, SignInRelay } from '../../ports/identity/sign-in-relay.ts';

export interface SignInRelayOptions {
  /** Of the identity service, without a slash at its end. */
  readonly url: string;
  /** Its own: logins that are slow do not keep tokens from being introspected. */
  readonly http: HttpRequests;
}

export function openSignInRelay({ url, http }: SignInRelayOptions): SignInRelay {
  async function pass(
    path: string,
    headers: Readonly<Record<string, string>>,
    body: string | null,
    address: string | null,
  ): Promise<RelayedAnswer | 'away' | Problem> {
    const from = address === null ? {} : { 'x-forwarded-for': address };
    const sent = { accept: 'application/json', ...from, ...headers };
    const answer = await http.send({ method: 'POST', url: url + path, headers: sent, body });
    if (answer === 'overloaded') return overloaded('external_requests');
    return typeof answer === 'string' || !canGoOn(answer) ? 'away' : relayed(answer);
  }

  return {
    login: (body, address) => pass('/api/auth/login', { 'content-type': 'application/json' }, body, address),
    logout: (cookie, address) =>
      pass('/api/auth/logout', isSendable(cookie) ? { cookie } : {}, null, address),
  };
}

function isSendable(cookie: string): boolean {
  return cookie !== '' && readable.test(cookie);
}

const readable = /^[\x20-\x7e]+$/;

/** A redirect would lead somewhere else from here, and half a JSON text leads nowhere. */
function canGoOn(answer: HttpResponse): boolean {
  const { status, body } = answer;
  if (STATUS_CODES[status] === undefined || status < 200 || (status >= 300 && status < 400)) return false;
  return body === '' || !/\bjson\b/i.test(first(answer, 'content-type') ?? '') || isJson(body);
}

function relayed(answer: HttpResponse): RelayedAnswer {
  const retryAfter = first(answer, 'retry-after');
  const setCookies = (answer.headers['set-cookie'] ?? []).filter(
    (line) => readable.test(line) && line.length <= limits.relayedCookieCharsMax,
  );
  return {
    status: answer.status,
    body: answer.body,
    contentType: first(answer, 'content-type'),
    setCookies: setCookies.slice(0, limits.relayedCookiesMax),
    retryAfter: retryAfter !== null && /^\d{1,9}$/.test(retryAfter) ? retryAfter : null,
  };
}

function first({ headers }: HttpResponse, name: string): string | null {
  const value = headers[name]?.[0];
  return value !== undefined && readable.test(value) ? value : null;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
