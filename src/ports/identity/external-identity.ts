/** Principals that somebody else vouches for: an issuer of signed tokens, or a service that introspects them. */
import type { PrincipalId, ServiceId, TenantId } from '../../domain/ids.ts';
import type { PrincipalKind, Scope, TenantRole } from '../../domain/principal.ts';
import type { Problem } from '../../domain/problem.ts';
import type { Micros } from '../../domain/time.ts';
import type { PrincipalRecord, PrincipalStatus, TenantRecord } from './identity-records.ts';

/** What is known of somebody from outside. Texts are as they were told: core checks and cuts them. */
export interface VouchedPrincipal {
  /** Null when the provider named none. */
  readonly tenant: TenantId | null;
  readonly tenantName: string | null;
  readonly id: PrincipalId;
  /** Who asks now. */
  readonly kind: PrincipalKind;
  readonly displayName: string | null;
  readonly role: TenantRole;
  readonly scopes: readonly Scope[];
  readonly superAdmin: boolean;
  readonly service: ServiceId | null;
  /** When the credential ends; null: it does not say. */
  readonly expiresAt: Micros | null;
  /** Until then the answer counts without asking again. */
  readonly recheckAt: Micros;
  /** A key that speaks in the name of a person: the person is a `user`, and the key tells nothing about it. */
  readonly isInNameOfPerson: boolean;
}

/** `invalid`: nobody vouches for it. A Problem (`unavailable`, `overloaded`): it cannot be told now. */
export type Vouching = VouchedPrincipal | 'invalid' | 'expired' | Problem;

/** Verifies tokens of one external issuer with its published keys. Never rejects. */
export interface ExternalTokens {
  /** Whether it claims to be of that issuer; nothing is verified. */
  isFor(token: string): boolean;
  verify(token: string): Promise<Vouching>;
}

/** Asks an identity service about tokens, keys and cookies that it made. Never rejects; answers are cached. */
export interface IdentityProvider {
  introspect(token: string): Promise<Vouching>;
  verifyApiKey(apiKey: string): Promise<Vouching>;
  /** Of a cookie that is no token. */
  ownerOfCookie(cookie: string): Promise<Vouching>;
  /** The next question about this secret is asked anew. */
  forget(secret: string): void;
}

/** What a node is configured with: both, one or none. */
export interface ExternalIdentity {
  readonly tokens: ExternalTokens | null;
  readonly provider: IdentityProvider | null;
  /** The tenant of those who come without one; null: they are refused. */
  readonly defaultTenant: TenantId | null;
}

/** Rows for principals from outside. */
export interface ExternalPrincipalStore {
  /**
   * Makes the tenant (with its first agent) and the principal where they are missing, and answers the
   * principal's status. `isUpdate`: name, kind, role and scopes of a present one become those of `principal`.
   * `forbidden`/`tenant_taken`: a tenant of that id exists and is not of the external provider.
   */
  provision(
    tenant: TenantRecord,
    firstAgent: PrincipalRecord,
    principal: PrincipalRecord,
    isUpdate: boolean,
  ): Promise<PrincipalStatus | Problem>;
}

/** Fields of a principal that claims of a token can tell. */
export type ClaimField =
  | 'id'
  | 'tenant'
  | 'tenant_name'
  | 'kind'
  | 'name'
  | 'role'
  | 'scopes'
  | 'service'
  | 'super_admin';

/** Claims to look at for each field, in order; `a.b` also names claim b inside of claim a. */
export type ClaimMapping = Readonly<Record<ClaimField, readonly string[]>>;
