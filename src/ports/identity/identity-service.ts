/**
 * What dialects, the command line and the socket layer ask about identities; answered by
 * core/identity. `by` is always the principal that asks; a tenant other than its own is granted to
 * super admins only. `trace` says where a request came from, for the audit.
 */
import type { PrincipalId, ServiceId, TenantId } from '../../domain/ids.ts';
import type { Principal, PrincipalKind, Scope, TenantRole } from '../../domain/principal.ts';
import type { Problem } from '../../domain/problem.ts';
import type { Micros } from '../../domain/time.ts';
import type { Agents } from '../agents/agents.ts';
import type { RequestTrace } from '../audit.ts';
import type { Authenticator } from './identity-authenticator.ts';
import type {
  ApiKeyKind,
  ApiKeyRecord,
  ListedInvite,
  Page,
  PageQuery,
  PrincipalRecord,
  PrincipalStatus,
  TenantRecord,
} from './identity-records.ts';
import type { NamedPrincipals } from './named-principals.ts';

export interface SessionTokens {
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly expiresInSec: number;
}

export interface NewSessionTokens extends SessionTokens {
  /** For a browser's cookie, and nowhere else: as a bearer it is nothing. It lives as long as the session. */
  readonly cookie: string;
}

export interface SignedIn {
  readonly principal: PrincipalRecord;
  readonly tenant: TenantRecord;
  readonly tokens: NewSessionTokens;
}

export interface Signup {
  readonly email: string;
  readonly password: string;
  /** Null: the local part of the address. */
  readonly displayName: string | null;
  /** Null: made from the name. Ignored with an invite. */
  readonly tenantName: string | null;
  readonly phone: string | null;
  readonly timezone: string | null;
  readonly inviteToken: string | null;
}

export interface SignIn {
  /** `conflict`/`email_taken`; `invalid_request` with the field when an invite cannot be used. */
  signup(signup: Signup, trace?: RequestTrace): Promise<SignedIn | Problem>;
  /**
   * `unauthenticated`/`invalid_credentials`, in equal time for unknown addresses; `suspended`; `overloaded`;
   * `rate_limited` after too many failures from one network address.
   */
  login(email: string, password: string, trace?: RequestTrace): Promise<SignedIn | Problem>;
  /** `unauthenticated`/`invalid_refresh_token` or `refresh_token_reused` (then the session is revoked). */
  refresh(refreshToken: string, trace?: RequestTrace): Promise<SessionTokens | Problem>;
  /** Ends the session of `by`. A refresh token of another session: `forbidden`, and nothing ends. */
  logout(by: Principal, refreshToken: string | null, trace?: RequestTrace): Promise<Problem | null>;
  /** A session without a password, for who has the database anyway (`parley token`). */
  issueTokenFor(tenant: TenantId, principal: PrincipalId): Promise<SignedIn | Problem>;
}

export interface MessagingToken {
  readonly token: string;
  readonly expiresAt: Micros;
}

export interface ProfileChanges {
  readonly displayName?: string;
  readonly avatarUrl?: string | null;
  readonly timezone?: string;
}

export interface OwnPrincipal {
  me(
    by: Principal,
  ): Promise<{ readonly principal: PrincipalRecord; readonly tenant: TenantRecord } | Problem>;
  changeProfile(
    by: Principal,
    changes: ProfileChanges,
    trace?: RequestTrace,
  ): Promise<PrincipalRecord | Problem>;
  /**
   * Revokes every session of the person and answers a new one. `forbidden`/`invalid_current_password`;
   * `invalid_request` when the new password is the old one or the address; `rate_limited` as login().
   */
  changePassword(
    by: Principal,
    current: string,
    next: string,
    trace?: RequestTrace,
  ): Promise<NewSessionTokens | Problem>;
  /**
   * A token that opens messaging sockets for a while, and nothing else. `forbidden` for who is vouched for by
   * somebody else: there is no session here that could be looked up again.
   */
  messagingToken(by: Principal): Promise<MessagingToken | Problem>;
}

export interface NewInvite {
  readonly email: string | null;
  readonly role: 'admin' | 'member';
  readonly v2Role: string | null;
  readonly expiresInSec: number;
}

export interface UserChanges {
  readonly role?: TenantRole;
  readonly scopes?: readonly Scope[];
  readonly v2Roles?: readonly string[];
  readonly status?: PrincipalStatus;
  /** Only a super admin may say it. */
  readonly superAdmin?: boolean;
}

export interface NewAgent {
  readonly displayName: string;
  /** Null: a new UUID. */
  readonly id: string | null;
  readonly jobTitle: string | null;
  readonly bio: string | null;
  readonly isDefaultAgent: boolean;
}

export interface NewApiKey {
  readonly name: string;
  /** An agent or service of the tenant; null: a new principal named like the key. */
  readonly principal: PrincipalId | null;
  readonly kind: ApiKeyKind | null;
  readonly scopes: readonly Scope[] | null;
  readonly service: ServiceId | null;
  readonly expiresInSec: number | null;
}

/** What owners and admins do in their tenant. Others: `forbidden`. */
export interface TenantAdministration {
  /** The token is shown once. */
  invite(
    by: Principal,
    tenant: TenantId,
    invite: NewInvite,
    trace?: RequestTrace,
  ): Promise<{ readonly token: string; readonly expiresAt: Micros } | Problem>;
  /** Those that can still be used. */
  invites(by: Principal, tenant: TenantId, query: PageQuery): Promise<Page<ListedInvite> | Problem>;
  /** `not_found`: it was used, is over, or never was. */
  revokeInvite(by: Principal, tenant: TenantId, id: string, trace?: RequestTrace): Promise<Problem | null>;
  users(by: Principal, tenant: TenantId, query: PageQuery): Promise<Page<PrincipalRecord> | Problem>;
  /** Effective everywhere within a second. `conflict`/`last_owner`; `forbidden` to raise above oneself. */
  changeUser(
    by: Principal,
    tenant: TenantId,
    id: PrincipalId,
    changes: UserChanges,
    trace?: RequestTrace,
  ): Promise<PrincipalRecord | Problem>;
  createAgent(
    by: Principal,
    tenant: TenantId,
    agent: NewAgent,
    trace?: RequestTrace,
  ): Promise<PrincipalRecord | Problem>;
  /** For everybody in the tenant. */
  agents(by: Principal, tenant: TenantId, query: PageQuery): Promise<Page<PrincipalRecord> | Problem>;
  deleteAgent(
    by: Principal,
    tenant: TenantId,
    id: PrincipalId,
    trace?: RequestTrace,
  ): Promise<Problem | null>;
  /** `secret` is shown once. */
  createApiKey(
    by: Principal,
    tenant: TenantId,
    key: NewApiKey,
    trace?: RequestTrace,
  ): Promise<{ readonly key: ApiKeyRecord; readonly secret: string } | Problem>;
  apiKeys(by: Principal, tenant: TenantId, query: PageQuery): Promise<Page<ApiKeyRecord> | Problem>;
  deleteApiKey(by: Principal, tenant: TenantId, id: string, trace?: RequestTrace): Promise<Problem | null>;
}

export interface NewGuest {
  readonly principal: Principal;
  /** Counts where guests are taken, and nowhere else. */
  readonly token: string;
  readonly expiresAt: Micros;
}

/** People without an account (ADR 0024): all in one tenant, each for limits.guestSec. */
export interface Guests {
  admit(): Promise<NewGuest | Problem>;
  /** The guest of an identity session; `unauthenticated` when it has ended. */
  ofSession(sid: string): Promise<Principal | Problem>;
}

/** A principal as others of its tenant see it. */
export interface KnownPrincipal {
  readonly id: PrincipalId;
  readonly kind: PrincipalKind;
  readonly displayName: string;
  readonly status: PrincipalStatus;
  readonly avatarUrl: string | null;
  readonly jobTitle: string | null;
  readonly bio: string | null;
  readonly isDefaultAgent: boolean;
  /** See PrincipalRecord. */
  readonly runs: boolean;
}

export interface Directory {
  /** Whether there is such a tenant: nothing is made in one that there is not. */
  hasTenant(id: TenantId): Promise<boolean | Problem>;
  /** Those of `ids` that are active super admins, who may take part in conversations of every tenant. */
  superAdmins(ids: readonly PrincipalId[]): Promise<ReadonlySet<PrincipalId> | Problem>;
  /**
   * The active agent that a text names: by its id, else by the slug of its display name (of several the oldest);
   * `default` is also the tenant's default agent. Null: there is none.
   */
  agentNamed(tenant: TenantId, name: string): Promise<KnownPrincipal | null | Problem>;
  /**
   * The principals among `ids`. An id that is missing in the answer is no principal of the tenant: an
   * opaque string without powers. Cached, unless `isAnew`; UUIDs are looked up in lower case and answered so.
   */
  principalsOf(
    tenant: TenantId,
    ids: readonly PrincipalId[],
    isAnew?: boolean,
  ): Promise<ReadonlyMap<PrincipalId, KnownPrincipal> | Problem>;
}

/** A tenant without an account, and who is in it from the beginning. */
export interface Realm {
  readonly tenant: TenantId;
  readonly name: string;
  /** It runs. */
  readonly firstAgent: { readonly id: PrincipalId; readonly displayName: string };
  /** Null: none. */
  readonly firstService: { readonly id: PrincipalId; readonly displayName: string } | null;
}

export interface Identity {
  readonly signIn: SignIn;
  readonly own: OwnPrincipal;
  readonly administration: TenantAdministration;
  readonly agents: Agents;
  readonly directory: Directory;
  readonly authenticator: Authenticator;
  readonly named: NamedPrincipals;
  readonly guests: Guests;
  /** Makes a tenant, once in a deployment: what became of it since stays. */
  ensureRealm(realm: Realm): Promise<Problem | null>;
  /**
   * Makes or updates the platform's administrator: a super admin with a tenant of its own. A changed
   * password ends its sessions.
   */
  ensureAdministrator(email: string, password: string): Promise<PrincipalRecord | Problem>;
  /** The public keys that our tokens verify with. */
  jwks(): Promise<object>;
  close(): Promise<void>;
}
