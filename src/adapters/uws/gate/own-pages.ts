/** Which pages may use a session cookie: those of our own origin, and of origins that are named (CORS). */
import type { CorsPolicy } from './cors.ts';

export interface PageSide {
  /** `Origin`; '' when absent. */
  readonly origin: string;
  /** `Sec-Fetch-Site`; '' when absent. */
  readonly fetchSite: string;
}

export interface OwnSide {
  /** Host as the client sent it, in lower case. */
  readonly host: string;
  readonly isSecure: boolean;
}

/** The same scheme, host and port, or an origin that PARLEY_CORS_ORIGINS names. `null` is no origin of anybody. */
export function isOwnOrigin(origin: string, own: OwnSide, cors: CorsPolicy): boolean {
  if (cors.trusts(origin)) return true;
  const scheme = own.isSecure ? 'https' : 'http';
  const defaultPort = own.isSecure ? ':443' : ':80';
  const host = own.host.endsWith(defaultPort) ? own.host.slice(0, -defaultPort.length) : own.host;
  return host !== '' && origin.toLowerCase() === `${scheme}://${host}`;
}

/**
 * May the cookie of a request that changes something count? Only from a page of our own: a browser says so with
 * `Origin` in each such request; an old one that does not says it with `Sec-Fetch-Site`. Who says neither shows
 * its token as a bearer.
 */
export function mayUseCookie(page: PageSide, own: OwnSide, cors: CorsPolicy): boolean {
  if (page.origin !== '') return isOwnOrigin(page.origin, own, cors);
  return page.fetchSite === 'same-origin';
}
