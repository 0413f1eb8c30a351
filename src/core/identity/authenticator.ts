/** Who asks: verified once, then known until it expires or a change says otherwise. */
import { isUuid } from '../../domain/ids.ts';
import { limits } from '../../domain/limits.ts';
import type { Principal } from '../../domain/principal.ts';
import { Problem } from '../../domain/problem.ts';
import type { Authenticator, Credentials, Revocation } from '../../ports/identity-authenticator.ts';
import type { IdentityChange } from '../../ports/identity-store.ts';
import type { IdentityDeps } from './identity-deps.ts';
import { principalOfKey, principalOfSession, unauthenticated } from './principal-of.ts';
import { accessPurpose, apiKeyStart } from './token-purposes.ts';
import { VerifiedCredentials } from './verified-credentials.ts';

type AuthenticatorDeps = Pick<IdentityDeps, 'store' | 'keys' | 'secrets' | 'clock' | 'log'>;

/** Of several refusals the one to answer: "cannot be told" before "suspended" before "not valid". */
const gravity: Readonly<Partial<Record<string, number>>> = {
  overloaded: 3,
  unavailable: 3,
  internal: 3,
  suspended: 2,
};

export class CachingAuthenticator implements Authenticator {
  readonly #deps: AuthenticatorDeps;
  /** Goes up with each batch of changes (ChangeFollower). */
  readonly #generation: () => number;
  readonly #verified = new VerifiedCredentials(limits.credentialsCachedMax);
  /** Look-ups under way: a thousand sockets that come back with one key ask once. */
  readonly #looking = new Map<string, Promise<Principal | Problem>>();
  readonly #listeners = new Set<(revocation: Revocation) => void>();

  constructor(deps: AuthenticatorDeps, generation: () => number) {
    this.#deps = deps;
    this.#generation = generation;
  }

  authenticateCached(secret: string): Principal | null {
    return this.#verified.get(secret, this.#deps.clock.nowMicros());
  }

  authenticate({ bearer, apiKey, cookie }: Credentials): Principal | Problem | Promise<Principal | Problem> {
    // '' is no credential either.
    const first = bearer || apiKey || cookie;
    if (!first) return unauthenticated('missing');
    return this.authenticateCached(first) ?? this.#firstValid([bearer, apiKey, cookie]);
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
  apply(change: Exclude<IdentityChange, { kind: 'signing_keys' }>): void {
    const { tenant, subject, reason } = change;
    if (change.kind === 'principal') this.#verified.forgetPrincipal(tenant, subject);
    else this.#verified.forgetSid(tenant, subject);
    const named = { session: { sid: subject }, key: { keyId: subject }, principal: { principalId: subject } };
    for (const listener of this.#listeners) {
      try {
        listener({ tenant, reason, ...named[change.kind] });
      } catch (error) {
        // One listener must not keep the others from closing their sockets.
        this.#deps.log.error({ error }, 'A listener of revocations failed');
      }
    }
  }

  forgetAll(): void {
    this.#verified.clear();
  }

  async #firstValid(secrets: readonly (string | null | undefined)[]): Promise<Principal | Problem> {
    let refusal: Problem | null = null;
    for (const secret of secrets) {
      if (!secret) continue;
      const found = this.authenticateCached(secret) ?? (await this.#lookUpOnce(secret));
      if (!(found instanceof Problem)) return found;
      if (refusal === null || (gravity[found.code] ?? 0) > (gravity[refusal.code] ?? 0)) refusal = found;
    }
    return refusal ?? unauthenticated('missing');
  }

  #lookUpOnce(secret: string): Promise<Principal | Problem> {
    if (secret.length > limits.tokenCharsMax) return Promise.resolve(unauthenticated('invalid'));
    const under = this.#looking.get(secret);
    if (under !== undefined) return under;
    if (this.#looking.size >= limits.authenticationsInFlightMax)
      return Promise.resolve(new Problem('overloaded'));
    const looking = this.#lookUp(secret)
      .catch((error: unknown) => {
        this.#deps.log.error({ error }, 'A credential could not be looked up');
        return new Problem('internal');
      })
      .finally(() => this.#looking.delete(secret));
    this.#looking.set(secret, looking);
    return looking;
  }

  /**
   * Remembers the answer only if nothing changed while it was read: else a revocation that was applied
   * meanwhile would be forgotten again.
   */
  async #lookUp(secret: string): Promise<Principal | Problem> {
    for (let round = 1; ; round += 1) {
      const generation = this.#generation();
      const found = await (secret.startsWith(apiKeyStart) ? this.#byKey(secret) : this.#byToken(secret));
      if (found instanceof Problem) return found;
      if (generation === this.#generation()) {
        this.#verified.add(secret, found);
        return found;
      }
      if (round === limits.authenticationRoundsMax) return found;
    }
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
    return principalOfSession(found, clock.nowMicros(), claims.expiresAtSec * 1_000_000);
  }
}
