import type { TokenPurpose } from '../../../ports/identity/token-signer.ts';

/** What the tokens of /auth are for: every dialect and the native socket. */
export const accessPurpose: TokenPurpose = { audience: 'vero-api', type: 'access' };

/** What a messaging socket takes instead (vero.md §8): it travels in URLs, so it lives briefly and opens no request. */
export const messagingPurpose: TokenPurpose = { audience: 'msgsrv', type: 'messaging' };

/** Of a guest: it counts only where guests are taken (ADR 0024). */
export const guestPurpose: TokenPurpose = { audience: 'gb-guest', type: 'guest' };

/** How every token that is made here begins: `{"` in base64url. */
export const jwtStart = 'eyJ';

/** How secrets that are no JWT begin, so that people and scanners know what they found. */
export const apiKeyStart = 'pk_';
export const refreshTokenStart = 'rt_';
export const inviteStart = 'inv_';
/** The value of a session's cookie: it counts in a cookie only. */
export const cookieStart = 'sc_';

/** Has the form of a secret that was made here: it is shown to nobody else, whatever became of it. */
export function isOwnSecret(secret: string): boolean {
  return /^(pk_[\w-]{43}$|rt_|inv_|sc_)/.test(secret);
}
