/** Who asks: verified once, then known until it expires or a change says otherwise. */
import { isTenantId, isUuid } from '../../../domain/ids.ts';
import { limits } from '../../../domain/limits.ts';
import type { Principal } from '../../../domain/principal.ts';
import { Problem } from '../../../domain/problem.ts';
import type {
  Authenticator,
  Credentials,
  Revocation,
} from '../../../ports/identity/identity-authenticator.ts';
import type { IdentityChange } from '../../../ports/identity/identity-store.ts';
import type { ExternalAuthentication } from '../external/external-authentication.ts';
import type { IdentityDeps } from '../identity-deps.ts';
import { CredentialLookups, type CredentialSlot } from './credential-lookups.ts';
import { principalOfGuestToken } from './guest-tokens.ts';
import { principalOfMessagingToken } from './messaging-tokens.ts';
import { principalOfKey, principalOfSession, unauthenticated } from './principal-of.ts';
import { accessPurpose, apiKeyStart, cookieStart, jwtStart } from './token-purposes.ts';

type AuthenticatorDeps = Pick<IdentityDeps, 'store' | 'keys' | 'secrets' | 'clock' | 'log'>;

const second = 1_000_000;

/** Of several refusals the one to answer: "cannot be told" before "suspended" before "not valid". */
const gravity: Readonly<Partial<Record<string, number>>> = {
  overloaded: 3,
  unavailable: 3,
  internal: 3,
  suspended: 2,
  forbidden: 1,
};

export class CachingAuthenticator implements Authenticator {
  readonly #deps: AuthenticatorDeps;
  readonly #external: ExternalAuthentication | null;
  /** Access tokens and API keys, wherever they were shown. */
  readonly #secrets: CredentialLookups;
  /** Cookies of sessions, ours and others': known apart, so that one that was verified is nothing as a bearer. */
  readonly #cookies: CredentialLookups;
  /** Tokens of guests, which are nothing where guests are not taken. */
  readonly #guests: CredentialLookups;
  readonly #generation: () => number;
  readonly #listeners = new Set<(revocation: Revocation) => void>();

  constructor(
    deps: AuthenticatorDeps,
    generation: () => number,
    external: ExternalAuthentication | null = null,
  ) {
    this.#deps = deps;
    this.#external = external;
    this.#generation = generation;
    const { clock, log } = deps;
    this.#secrets = new CredentialLookups({
      ...{ clock, log, generation },
      find: (secret, slot) =>
        secret.startsWith(apiKeyStart) ? this.#byKey(secret, slot) : this.#byToken(secret, slot),
    });
    this.#guests = new CredentialLookups({
      ...{ clock, log, generation },
      find: (token) => principalOfGuestToken(deps, token),
    });
    this.#cookies = new CredentialLookups({
      ...{ clock, log, generation },
      find: (cookie) =>
        cookie.startsWith(cookieStart) ? this.#byCookie(cookie) : this.#fromOutside(cookie, 'cookie'),
    });
  }

  authenticateCached(secret: string): Principal | null {
    return this.#secrets.known(secret);
  }

  authenticate(credentials: Credentials): Principal | Problem | Promise<Principal | Problem> {
    const { bearer, apiKey, cookie, messagingToken } = credentials;
    if (messagingToken !== undefined)
      return principalOfMessagingToken(this.#deps, messagingToken, this.#generation);
    // '' is no credential either.
    const shown = bearer || apiKey;
    if (shown) {
      const guest = credentials.takesGuests === true && bearer ? this.#guests.known(bearer) : null;
      return this.authenticateCached(shown) ?? guest ?? this.#firstValid(credentials);
    }
    if (!cookie) return unauthenticated('missing');
    return this.#kindOf(cookie).known(cookie) ?? this.#kindOf(cookie).lookUp(cookie, 'cookie');
  }

  async renew(principal: Principal): Promise<Principal | Problem> {
    const { store, clock } = this.#deps;
    if (principal.recheckAt !== undefined) {
      return this.#external?.renew(principal) ?? unauthenticated('token_revoked');
    }
    if (principal.kind === 'user') {
      const found = await store.sessions.load(principal.tenant, principal.sid);
      if (found instanceof Problem) return found;
      if (found === null) return unauthenticated('token_revoked');
      return principalOfSession(found, clock.nowMicros(), principal.expiresAt);
    }
    const found = await store.apiKeys.load(principal.tenant, principal.sid);
    if (found instanceof Problem) return found;
    return found === null ? unauthenticated('token_revoked') : principalOfKey(found, clock.nowMicros());
  }

  forget(secret: string): void {
    this.#external?.forget(secret);
    this.#secrets.forget(secret);
    this.#cookies.forget(secret);
    this.#guests.forget(secret);
  }

  onRevoked(listener: (revocation: Revocation) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Forgets what changed, then tells the listeners. */
  apply(change: Exclude<IdentityChange, { kind: 'signing_keys' | 'data_keys' }>): void {
    const { tenant, subject, reason } = change;
    for (const known of [this.#secrets, this.#cookies, this.#guests]) {
      if (change.kind === 'principal') known.forgetPrincipal(tenant, subject);
      else known.forgetSid(tenant, subject);
    }
    if (change.kind === 'principal') this.#external?.forgetPrincipal(tenant, subject);
    const named = { session: { sid: subject }, key: { keyId: subject }, principal: { principalId: subject } };
    this.#tell({ tenant, reason, ...named[change.kind] });
  }

  /** What former keys signed is void: everything is verified anew, and sockets of people end. */
  voidTokens(): void {
    this.forgetAll();
    this.#tell({ tenant: null, reason: 'revoked' });
  }

  forgetAll(): void {
    this.#secrets.forgetAll();
    this.#cookies.forgetAll();
    this.#guests.forgetAll();
    this.#external?.forgetAll();
  }

  #tell(revocation: Revocation): void {
    for (const listener of this.#listeners) {
      try {
        listener(revocation);
      } catch (error) {
        // One listener must not keep the others from closing their sockets.
        this.#deps.log.error({ error }, 'A listener of revocations failed');
      }
    }
  }

  async #firstValid({ bearer, apiKey, cookie, takesGuests }: Credentials): Promise<Principal | Problem> {
    let refusal: Problem | null = null;
    const shown = [
      [bearer, 'bearer', this.#secrets],
      [takesGuests === true && bearer?.startsWith(jwtStart) ? bearer : null, 'bearer', this.#guests],
      [apiKey, 'apiKey', this.#secrets],
      [cookie, 'cookie', null],
    ] as const;
    for (const [secret, slot, lookups] of shown) {
      if (!secret) continue;
      const credentials = lookups ?? this.#kindOf(secret);
      const found = credentials.known(secret) ?? (await credentials.lookUp(secret, slot));
      if (!(found instanceof Problem)) return found;
      const graver = (gravity[found.code] ?? 0) - (gravity[refusal?.code ?? ''] ?? 0);
      // That a token has expired says more than that it is not of another kind.
      if (refusal === null || graver > 0 || (graver === 0 && refusal.reason === 'invalid')) refusal = found;
    }
    return refusal ?? unauthenticated('missing');
  }

  /** In a cookie, tokens and keys count as well as what somebody puts only there. */
  #kindOf(cookie: string): CredentialLookups {
    return cookie.startsWith(jwtStart) || cookie.startsWith(apiKeyStart) ? this.#secrets : this.#cookies;
  }

  async #byKey(secret: string, slot: CredentialSlot): Promise<Principal | Problem> {
    const { store, secrets, clock } = this.#deps;
    const found = await store.apiKeys.find(secrets.digest(secret));
    if (found instanceof Problem) return found;
    return found === null ? this.#fromOutside(secret, slot) : principalOfKey(found, clock.nowMicros());
  }

  /** Nothing of ours: perhaps somebody else vouches for it. */
  async #fromOutside(secret: string, slot: CredentialSlot): Promise<Principal | Problem> {
    return this.#external?.lookUp(secret, slot) ?? unauthenticated('invalid');
  }

  async #byToken(token: string, slot: CredentialSlot): Promise<Principal | Problem> {
    const { store, keys, clock } = this.#deps;
    if (keys.verifier.originOf(token) !== 'ours') return this.#fromOutside(token, slot);
    const claims = await keys.verifier.verify(token, accessPurpose);
    if (claims === 'unavailable') return new Problem('unavailable');
    if (typeof claims === 'string')
      return unauthenticated(claims === 'expired' ? 'token_expired' : 'invalid');
    if (!isTenantId(claims.tenant) || !isUuid(claims.sid)) return unauthenticated('invalid');
    const found = await store.sessions.load(claims.tenant, claims.sid);
    if (found instanceof Problem) return found;
    if (found === null || found.principal.id !== claims.subject) return unauthenticated('token_revoked');
    return principalOfSession(found, clock.nowMicros(), claims.expiresAtSec * second);
  }

  /** Asked again after as long as an access token lives: so a session in use moves its end. */
  async #byCookie(cookie: string): Promise<Principal | Problem> {
    const { store, secrets, clock } = this.#deps;
    const now = clock.nowMicros();
    const lifetime = { idleUs: limits.refreshIdleSec * second, slideUs: limits.cookieSlideSec * second };
    const found = await store.sessions.useCookie(secrets.digest(cookie), now, lifetime);
    if (found instanceof Problem) return found;
    if (found === null) return unauthenticated('invalid');
    return principalOfSession(
      found,
      now,
      Math.min(now + limits.accessTokenSec * second, found.session.expiresAt),
    );
  }
}
