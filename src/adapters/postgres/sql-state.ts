/** What an error of the driver means; its text never leaves this folder. */

/** The five-character SQLSTATE, or the driver's and system's code of a lost connection; null: no database error. */
export function sqlState(error: unknown): string | null {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return null;
  return isServerError(error) || isAway(error.code) ? error.code : null;
}

/**
 * Classes that say "not now": lost connections (08), rollbacks because of others (40), resources (53),
 * locks that are not free (55P03), an operator or a timeout that intervened (57), the system (58).
 */
const away =
  /^(08|40|53|57|58)...$|^55P03$|^25P03$|^CONNECT|^(ECONN|EPIPE|EHOST|ENET|ETIMEDOUT|ENOTFOUND|EAI_)|^28...$|^3D000$/;

/** What node:tls says of a server that is not who it should be, or of a handshake that broke off. */
const insecure = /^(ERR_TLS_|ERR_SSL_|CERT_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|HOSTNAME_MISMATCH|EPROTO)/;

/** True when the same statement may succeed later. */
export function isAway(state: string): boolean {
  return away.test(state) || insecure.test(state);
}

/** True when a unique index refused a row. */
export function isUniqueViolation(error: unknown): boolean {
  return sqlState(error) === '23505';
}

function isServerError(error: Error): boolean {
  return error.name === 'PostgresError';
}
