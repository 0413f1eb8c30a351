/** Who asks: verified once, then known until it expires or a change says otherwise. */
import { isUuid } from '../../domain/ids.ts';
import { limits } from '../../domain/limits.ts';
import type { Principal } from '../../domain/principal.ts';
import { Problem } from '../../domain/problem.ts';
import type { Authenticator, Credentials, Revocation } from '../../ports/identity-authenticator.ts';
import type { IdentityChange } from '../../ports/identity-store.ts';
import { CredentialLookups } from './credential-lookups.ts';
import type { IdentityDeps } from './identity-deps.ts';
import { principalOfKey, principalOfSession, unauthenticated } from './principal-of.ts';
import { accessPurpose, apiKeyStart, cookieStart } from './token-purposes.ts';

type AuthenticatorDeps = Pick<IdentityDeps, 'store' | 'keys' | 'secrets' | 'clock' | 'log'>;

const second = 1_000_000;

/** Of several refusals the one to answer: "cannot be told" before "suspended" before "not valid". */
const gravity: Readonly<Partial<Record<string, number>>> = {
  overloaded: 3,
  unavailable: 3,
  internal: 3,
  suspended: 2,
};

export class CachingAuthenticator implements Authenticator {
  readonly #deps: AuthenticatorDeps;
  /** Access tokens and API keys, wherever they were shown. */
  readonly #secrets: CredentialLookups;
  /** Cookies of sessions: known apart, so that one that was verified is nothing as a bearer. */
  readonly #cookies: CredentialLookups;
  readonly #listeners = new Set<(revocation: Revocation) => void>();

  constructor(deps: AuthenticatorDeps, generation: () => number) {
    this.#deps = deps;
    const { clock, log } = deps;
    this.#secrets = new CredentialLookups({
      ...{ clock, log, generation },
      find: (secret) => (secret.startsWith(apiKeyStart) ? this.#byKey(secret) : this.#byToken(secret)),
    });
    this.#cookies = new CredentialLookups({
      ...{ clock, log, generation },
      find: (cookie) => this.#byCookie(cookie),
    });
  }

  authenticateCached(secret: string): Principal | null {
    return this.#secrets.known(secret);
  }

  authenticate({ bearer, apiKey, cookie }: Credentials): Principal | Problem | Promise<Principal | Problem> {
    // '' is no credential either.
    const shown = bearer || apiKey;
    if (shown) return this.authenticateCached(shown) ?? this.#firstValid([bearer, apiKey], cookie);
    if (!cookie) return unauthenticated('missing');
    return this.#kindOf(cookie).known(cookie) ?? this.#kindOf(cookie).lookUp(cookie);
  }

  async renew(principal: Principal): Promise<Principal | Problem> {
    const { store, clock } = this.#deps;
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

  onRevoked(listener: (revocation: Revocation) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Forgets what changed, then tells the listeners. */
  apply(change: Exclude<IdentityChange, { kind: 'signing_keys' | 'data_keys' }>): void {
    const { tenant, subject, reason } = change;
    for (const known of [this.#secrets, this.#cookies]) {
      if (change.kind === 'principal') known.forgetPrincipal(tenant, subject);
      else known.forgetSid(tenant, subject);
    }
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

  async #firstValid(
    secrets: readonly (string | null | undefined)[],
    cookie: string | null | undefined,
  ): Promise<Principal | Problem> {
    let refusal: Problem | null = null;
    const shown = secrets.map((secret) => [this.#secrets, secret] as const);
    const all = cookie ? [...shown, [this.#kindOf(cookie), cookie] as const] : shown;
    for (const [credentials, secret] of all) {
      if (!secret) continue;
      const found = credentials.known(secret) ?? (await credentials.lookUp(secret));
      if (!(found instanceof Problem)) return found;
      if (refusal === null || (gravity[found.code] ?? 0) > (gravity[refusal.code] ?? 0)) refusal = found;
    }
    return refusal ?? unauthenticated('missing');
  }

  /** In a cookie, tokens and keys count as well as what we put there. */
  #kindOf(cookie: string): CredentialLookups {
    return cookie.startsWith(cookieStart) ? this.#cookies : this.#secrets;
  }

  async #byKey(secret: string): Promise<Principal | Problem> {
    const { store, secrets, clock } = this.#deps;
    const found = await store.apiKeys.find(secrets.digest(secret));
    if (found instanceof Problem) return found;
    return found === null ? unauthenticated('invalid') : principalOfKey(found, clock.nowMicros());
  }

  async #byToken(token: string): Promise<Principal | Problem> {
    const { store, keys, clock } = this.#deps;
    const claims = await keys.verifier.verify(token, accessPurpose);
    if (claims === 'unavailable') return new Problem('unavailable');
    if (typeof claims === 'string')
      return unauthenticated(claims === 'expired' ? 'token_expired' : 'invalid');
    if (!isUuid(claims.tenant) || !isUuid(claims.sid)) return unauthenticated('invalid');
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
