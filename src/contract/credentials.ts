/** What a caller shows to prove who it is, read from the headers of a request or a handshake. */
import type { Credentials } from '../ports/identity/identity-authenticator.ts';

/** Credentials of a request's headers ('' for an absent one), or null when it shows none. */
export function readCredentials(
  authorization: string,
  apiKey: string,
  cookie: string,
  cookieNames: readonly string[],
): Credentials | null {
  const bearer = bearerOf(authorization);
  const session = readCookie(cookie, cookieNames);
  if (bearer === null && apiKey === '' && session === null) return null;
  return { bearer, apiKey: apiKey === '' ? null : apiKey, cookie: session };
}

/** The token of an Authorization header; null when it carries none. */
export function bearerOf(authorization: string): string | null {
  if (authorization.length < 8 || authorization.slice(0, 7).toLowerCase() !== 'bearer ') return null;
  const token = authorization.slice(7).trim();
  return token === '' ? null : token;
}

/** The first of `names` that a Cookie header ('' for none) carries: an earlier name hides a later one. */
export function readCookie(header: string, names: readonly string[]): string | null {
  if (header === '') return null;
  const parts = header.split(';').map((part) => part.trim());
  for (const name of names) {
    const found = parts.find((part) => part.startsWith(`${name}=`));
    if (found === undefined) continue;
    const value = found.slice(name.length + 1);
    return value.startsWith('"') && value.endsWith('"') && value.length > 1 ? value.slice(1, -1) : value;
  }
  return null;
}
