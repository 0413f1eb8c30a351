/** The cookie that keeps a browser signed in: how it is named, set and cleared. */
import { limits } from '../domain/limits.ts';

/**
 * Names that are read, in this order: one that is there hides the next, as upstream (symbia.md §2). The first is
 * the one that is set, so that nothing which lies about in a browser hides ours.
 */
export const sessionCookieNames = ['token', 'symbia_session'] as const;

/**
 * `Set-Cookie` of a new session. Scripts do not see it, pages of other sites do not send it with what changes
 * something. The server decides how long it counts; the browser keeps it for as long as any session may last.
 */
export function setSessionCookie(value: string, isSecure: boolean): string {
  return cookie(sessionCookieNames[0], value, limits.sessionSec, isSecure);
}

/** `Set-Cookie` headers of a logout. */
export function clearSessionCookies(isSecure: boolean): readonly string[] {
  return sessionCookieNames.map((name) => cookie(name, '', 0, isSecure));
}

function cookie(name: string, value: string, maxAgeSec: number, isSecure: boolean): string {
  const attributes = `Path=/; HttpOnly; SameSite=Lax; Max-Age=${maxAgeSec}`;
  return `${name}=${value}; ${attributes}${isSecure ? '; Secure' : ''}`;
}
