/** Headers of every answer, unless its dialect or operation says otherwise. */
export function securityHeaders({
  isTls,
  isShared,
}: {
  readonly isTls: boolean;
  /** Pages of other origins may read answers (PARLEY_CORS_ORIGINS). */
  readonly isShared: boolean;
}): Readonly<Record<string, string>> {
  return {
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'no-referrer',
    'Cache-Control': 'no-store',
    // An answer is data: opened as a page it may do nothing, and nobody may frame it.
    'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
    'Cross-Origin-Resource-Policy': isShared ? 'cross-origin' : 'same-origin',
    // Two years, the age that browsers' preload lists ask for; without subdomains, which are not ours.
    ...(isTls ? { 'Strict-Transport-Security': 'max-age=63072000' } : {}),
  };
}
