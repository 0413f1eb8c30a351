/** What is stored of tenants and principals, as core reads it. Times are microseconds. */
import type { PrincipalId, ServiceId, TenantId } from '../../domain/ids.ts';
import type { PrincipalKind, Scope, TenantRole } from '../../domain/principal.ts';
import type { Micros } from '../../domain/time.ts';

export interface TenantRecord {
  readonly id: TenantId;
  readonly name: string;
  readonly slug: string;
  readonly createdAt: Micros;
}

export type PrincipalStatus = 'active' | 'suspended';

export interface PrincipalRecord {
  readonly tenant: TenantId;
  readonly id: PrincipalId;
  readonly kind: PrincipalKind;
  readonly displayName: string;
  readonly status: PrincipalStatus;
  readonly role: TenantRole;
  /** Granted beyond what the role holds. */
  readonly grantedScopes: readonly Scope[];
  readonly v2Roles: readonly string[];
  readonly superAdmin: boolean;
  readonly avatarUrl: string | null;
  readonly timezone: string;
  readonly phone: string | null;
  readonly jobTitle: string | null;
  readonly bio: string | null;
  readonly isDefaultAgent: boolean;
  /** An agent whose answers are made here; false: a process outside speaks for it. */
  readonly runs: boolean;
  /** Null for agents and services. */
  readonly email: string | null;
  readonly createdAt: Micros;
}

/** A session is a family of refresh tokens. */
export interface SessionRecord {
  readonly id: string;
  readonly tenant: TenantId;
  readonly principal: PrincipalId;
  readonly createdAt: Micros;
  /** End of the sliding window. */
  readonly expiresAt: Micros;
  /** The latest end, however often it is refreshed. */
  readonly endsAt: Micros;
  readonly revokedAt: Micros | null;
}

export type ApiKeyKind = 'agent' | 'service';

export interface ApiKeyRecord {
  readonly id: string;
  readonly tenant: TenantId;
  readonly principal: PrincipalId;
  readonly name: string;
  readonly prefix: string;
  readonly kind: ApiKeyKind;
  readonly scopes: readonly Scope[];
  /** Bound to one service: sees no conversation of another. */
  readonly service: ServiceId | null;
  readonly createdBy: PrincipalId;
  readonly createdAt: Micros;
  readonly expiresAt: Micros | null;
  readonly revokedAt: Micros | null;
}

export interface InviteRecord {
  readonly tenant: TenantId;
  readonly role: 'admin' | 'member';
  readonly v2Role: string | null;
  /** Only this address may use it. */
  readonly email: string | null;
  readonly createdBy: PrincipalId;
  readonly createdAt: Micros;
  readonly expiresAt: Micros;
}

/** As operators see it: the token itself is known to nobody but who was given it. */
export interface ListedInvite extends InviteRecord {
  /** The beginning of the token's digest, in hex. */
  readonly id: string;
}

/** Where a page starts: after this row of the order (createdAt, id). */
export interface PageStart {
  readonly createdAt: Micros;
  readonly id: string;
}

export interface PageQuery {
  readonly limit: number;
  readonly after: PageStart | null;
}

export interface Page<Row> {
  readonly rows: readonly Row[];
  readonly next: PageStart | null;
}
