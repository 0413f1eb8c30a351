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
 * May the cookie of a request that changes something count? From a page only if it is our own: a browser says so
 * with `Origin` in each such request, and with `Sec-Fetch-Site`. Who says neither is no browser (decisions/0012):
 * a program that shows a cookie knows what is in it.
 */
export function mayUseCookie(page: PageSide, own: OwnSide, cors: CorsPolicy): boolean {
  if (page.origin !== '') return isOwnOrigin(page.origin, own, cors);
  return page.fetchSite === '' || page.fetchSite === 'same-origin';
}
