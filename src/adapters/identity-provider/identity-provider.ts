/**
 * Symbia's identity service as a provider: `POST /api/auth/introspect` for tokens and cookies,
 * `GET /api/users/me` for cookies that are no tokens, `POST /api/auth/verify-api-key` for keys (symbia.md §2). Upstream asks on every request and takes silence
 * for "no user"; here answers are kept for a while, and silence is `unavailable`.
 */
import { createHash } from 'node:crypto';
import { sessionCookieNames } from '../../contract/session-cookie.ts';
import { overloaded } from '../../domain/limiting/overload.ts';
import { limits } from '../../domain/limits.ts';
import { Problem } from '../../domain/problem.ts';
import type { Clock } from '../../ports/clock.ts';
import type { HttpFault, HttpRequest, HttpRequests, HttpResponse } from '../../ports/http/http-requests.ts';
import type { IdentityProvider, Vouching } from '../../ports/identity/external-identity.ts';
import type { Logger } from '../../ports/logger.ts';
import { AnswerCache } from './answer-cache.ts';
import { type Answer, readIntrospection, readOwner, readVerifiedKey } from './answers.ts';
import { CircuitBreaker } from './circuit-breaker.ts';

export interface IdentityProviderOptions {
  /** Without a slash at its end. */
  readonly url: string;
  readonly http: HttpRequests;
  readonly clock: Clock;
  readonly log: Logger;
  /** For how long an answer counts: as long a revocation outside may take to be effective. */
  readonly cacheSec: number;
}

/** The provider's own "no" to a credential, as opposed to a provider that cannot tell. */
const refusedStatuses: readonly number[] = [400, 401, 403, 422];

const jsonHeaders = { 'content-type': 'application/json', accept: 'application/json' };

export function openIdentityProvider(options: IdentityProviderOptions): IdentityProvider {
  const { url, http, clock, log, cacheSec } = options;
  const breaker = new CircuitBreaker(clock);
  const cache = new AnswerCache(limits.externalAnswersCachedMax, limits.externalRefusalsCachedMax);
  const asking = new Map<string, Promise<Vouching>>();

  function vouch(kind: Kind, secret: string, request: HttpRequest, reading: Reading) {
    const key = keyOf(kind, secret);
    const kept = cache.get(key, clock.nowMicros());
    if (kept !== null) return Promise.resolve(kept);
    const under = asking.get(key);
    if (under !== undefined) return under;
    const asked = ask(key, request, reading).finally(() => asking.delete(key));
    asking.set(key, asked);
    return asked;
  }

  async function ask(key: string, request: HttpRequest, reading: Reading): Promise<Vouching> {
    const waitMs = breaker.refusalMs();
    if (waitMs !== null) return away(waitMs);
    const now = clock.nowMicros();
    const response = await http.send(request);
    // Our own bound, not the provider's fault.
    if (response === 'overloaded') {
      breaker.gaveUp();
      return overloaded('external_requests');
    }
    const answer = readResponse(response, reading);
    note(answer === 'away' ? faultOf(response) : null);
    if (answer === 'away') return away(limits.breakerOpenMsMin);
    if (answer === 'invalid') {
      cache.keep(key, 'invalid', now + limits.externalRefusalMs * 1000);
      return 'invalid';
    }
    if (answer.expiresAt !== null && answer.expiresAt <= now) return 'expired';
    const recheckAt = Math.min(now + cacheSec * 1_000_000, answer.expiresAt ?? Number.POSITIVE_INFINITY);
    const vouched = { ...answer, recheckAt };
    cache.keep(key, vouched, recheckAt);
    return vouched;
  }

  function note(fault: string | null): void {
    const wasOpen = breaker.isOpen;
    if (fault === null) breaker.succeeded();
    else breaker.failed();
    if (breaker.isOpen && !wasOpen) log.warn({ fault }, 'The identity provider is away');
    if (!breaker.isOpen && wasOpen) log.info({}, 'The identity provider is back');
  }

  return {
    introspect: (token) => {
      // Bytes that no header can carry are no token either; Node would throw.
      if (!/^[\x21-\x7e]+$/.test(token)) return Promise.resolve('invalid');
      const headers = { ...jsonHeaders, authorization: `Bearer ${token}` };
      const body = JSON.stringify({ token });
      const request = { method: 'POST', url: `${url}/api/auth/introspect`, headers, body } as const;
      return vouch('token', token, request, introspection);
    },
    verifyApiKey: (apiKey) => {
      const body = JSON.stringify({ apiKey });
      const address = `${url}/api/auth/verify-api-key`;
      const request = { method: 'POST', url: address, headers: jsonHeaders, body } as const;
      return vouch('key', apiKey, request, verification);
    },
    ownerOfCookie: (value) => {
      if (!cookieValue.test(value)) return Promise.resolve('invalid');
      // Under both names: which one it came by is not known here.
      const cookie = sessionCookieNames.map((name) => `${name}=${value}`).join('; ');
      const headers = { accept: 'application/json', cookie };
      const request = { method: 'GET', url: `${url}/api/users/me`, headers, body: null } as const;
      return vouch('cookie', value, request, ownership);
    },
    forget: (secret) => {
      for (const kind of kinds) cache.delete(keyOf(kind, secret));
    },
  };
}

const kinds = ['token', 'cookie', 'key'] as const;
type Kind = (typeof kinds)[number];

/** The credential itself is no key of a map that lives long. */
function keyOf(kind: Kind, secret: string): string {
  return createHash('sha256').update(`${kind} ${secret}`).digest('base64url');
}

interface Reading {
  readonly read: (value: unknown) => Answer;
  /** A path that not every such service has: what is not there (404), or leads to a page (3xx), knows nobody. */
  readonly mayBeAbsent?: true;
}

const introspection: Reading = { read: readIntrospection };
const verification: Reading = { read: readVerifiedKey };
const ownership: Reading = { read: readOwner, mayBeAbsent: true };

/** RFC 6265, `cookie-octet`. */
const cookieValue = /^[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]+$/;

/** A refusal counts only in the provider's own words: a proxy before it answers 403 in HTML. */
function readResponse(
  response: HttpResponse | HttpFault,
  reading: Reading,
): Exclude<Answer, 'garbage'> | 'away' {
  if (typeof response === 'string') return 'away';
  const isAbsent = response.status === 404 || (response.status >= 300 && response.status < 400);
  if (isAbsent && reading.mayBeAbsent === true) return 'invalid';
  const value = parsed(response.body);
  if (typeof value !== 'object' || value === null) return 'away';
  if (refusedStatuses.includes(response.status)) return 'invalid';
  if (response.status < 200 || response.status > 299) return 'away';
  const answer = reading.read(value);
  return answer === 'garbage' ? 'away' : answer;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function faultOf(response: HttpResponse | HttpFault): string {
  return typeof response === 'string' ? response : `status ${response.status}`;
}

function away(waitMs: number): Problem {
  return new Problem('unavailable', 'The identity provider does not answer; try again.', {
    retryAfterMs: Math.ceil(waitMs),
  });
}
