/** Who asks? Answered on every request and every socket, so the known answer must come at once. */
import type { PrincipalId, TenantId } from '../../domain/ids.ts';
import type { Principal } from '../../domain/principal.ts';
import type { Problem } from '../../domain/problem.ts';

export interface Credentials {
  /** From `Authorization: Bearer`: an access token or an API key. */
  readonly bearer?: string | null;
  /** From `X-API-Key`. */
  readonly apiKey?: string | null;
  /** Value of the session cookie. */
  readonly cookie?: string | null;
  /** Tokens of guests count as bearers here. */
  readonly takesGuests?: true;
  /** A token made for messaging sockets, which is nothing anywhere else; shown alone. */
  readonly messagingToken?: string;
}

/** Some principals must not go on as they were. */
export interface Revocation {
  /** Null: every person of every tenant, because the keys that signed their tokens are void. */
  readonly tenant: TenantId | null;
  /** Else one of three is set: a whole principal, one session or one API key. */
  readonly principalId?: PrincipalId;
  readonly sid?: string;
  readonly keyId?: string;
  /**
   * `revoked`: its sockets end with 4401. `suspended`: with 4403. `changed`: role, scopes or name are
   * others now; renew() says what it is.
   */
  readonly reason: 'revoked' | 'suspended' | 'changed';
}

export interface Authenticator {
  /**
   * The principal of a token or API key that was verified before and is neither expired nor revoked;
   * null: ask authenticate(). Synchronous, microseconds.
   */
  authenticateCached(secret: string): Principal | null;
  /**
   * The first valid one of bearer, key and cookie. `unauthenticated` (reason `missing`, `invalid`,
   * `token_expired` or `token_revoked`), `suspended`, or `unavailable` when it cannot be told.
   * Synchronous when the first credential was verified before; never rejects.
   */
  authenticate(credentials: Credentials): Principal | Problem | Promise<Principal | Problem>;
  /** The same principal as it is now: what a connection does after `changed`. */
  renew(principal: Principal): Promise<Principal | Problem>;
  /** This node looks the secret up anew: its owner has just ended, elsewhere, what it stands for. */
  forget(secret: string): void;
  /**
   * Runs within a second of each revocation, on every node, in its order; the returned function ends it.
   * A revocation names session or key by the `sid` of the principals it concerns.
   */
  onRevoked(listener: (revocation: Revocation) => void): () => void;
}
