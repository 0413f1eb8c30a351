/** When a token should be renewed on an open socket: after four fifths of its life, or half a minute before its end. */
export function renewInMs(token: string, nowMs: number = Date.now()): number | null {
  const { exp, iat } = claimsOf(token);
  if (exp === undefined) return null;
  const left = exp * 1000 - nowMs - 30_000;
  // By its own length where it is known: the clock of this machine may be wrong.
  const byLength = iat === undefined || iat >= exp ? left : (exp - iat) * 800;
  return Math.min(Math.max(Math.min(left, byLength), 1_000), 2 ** 31 - 1);
}

/** Of a JWT; an API key has none. */
function claimsOf(token: string): { readonly exp?: number; readonly iat?: number } {
  const [, body, signature] = token.split('.');
  if (body === undefined || signature === undefined) return {};
  try {
    const { exp, iat } = JSON.parse(atob(body.replaceAll('-', '+').replaceAll('_', '/'))) as Record<
      string,
      unknown
    >;
    return {
      ...(typeof exp === 'number' ? { exp } : {}),
      ...(typeof iat === 'number' ? { iat } : {}),
    };
  } catch {
    return {};
  }
}
