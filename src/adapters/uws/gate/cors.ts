/** Cross-origin requests: which pages of other origins may read our answers (PARLEY_CORS_ORIGINS). */

type Headers = Readonly<Record<string, string>>;

export interface CorsPolicy {
  /** Headers of an answer to a request with this `Origin`; null: none, and the browser refuses. */
  readonly answerHeaders: (origin: string) => Headers | null;
  /** Headers of every other answer; null: none. Where origins are named, caches are told that answers differ. */
  readonly otherHeaders: Headers | null;
  readonly preflightHeaders: (origin: string) => Headers | null;
  /** True for an origin that is named: `*` allows to read, but never brings a cookie. */
  readonly trusts: (origin: string) => boolean;
}

const exposed = {
  'Access-Control-Expose-Headers': [
    'X-Request-Id, X-Trace-Id, Retry-After, Location, Idempotency-Replayed',
    'ETag, Content-Range, Content-Disposition',
  ].join(', '),
};
const preflight = {
  'Access-Control-Allow-Methods': 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS',
  'Access-Control-Allow-Headers': [
    'Authorization, Content-Type, Idempotency-Key, traceparent, X-API-Key, X-As-User-Id, X-Data-Class, X-Env',
    'X-Environment, X-Org-Id, X-Policy-Ref, X-Request-Id, X-Service-Id, X-Symbia-Origin, X-Trace-Id',
  ].join(', '),
  'Access-Control-Max-Age': '86400',
};
const differs: Headers = { Vary: 'Origin' };
const anyOrigin: Headers = { 'Access-Control-Allow-Origin': '*', ...exposed };

/** `['*']`: every origin, without credentials. Else exactly these origins, with credentials. */
export function compileCors(origins: readonly string[]): CorsPolicy {
  const named = new Map<string, Headers>();
  for (const origin of origins.filter((text) => text !== '*').map(normal)) {
    const own = { 'Access-Control-Allow-Origin': origin, 'Access-Control-Allow-Credentials': 'true' };
    named.set(origin, { ...own, ...exposed, ...differs });
  }
  const otherHeaders = named.size > 0 ? differs : null;
  const fallback = origins.includes('*') ? { ...anyOrigin, ...otherHeaders } : null;
  const answerHeaders = (origin: string): Headers | null => named.get(normal(origin)) ?? fallback;
  return {
    answerHeaders,
    otherHeaders,
    preflightHeaders: (origin) => {
      const allowed = answerHeaders(origin);
      return allowed === null ? null : { ...allowed, ...preflight };
    },
    trusts: (origin) => named.has(normal(origin)),
  };
}

function normal(origin: string): string {
  return origin.toLowerCase().replace(/\/$/, '');
}
