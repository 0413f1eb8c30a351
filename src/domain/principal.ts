import type { PrincipalId, ServiceId, TenantId } from './ids.ts';

/** `user`: a person; `agent`: talks on its own; `service`: a program without a voice of its own. */
export type PrincipalKind = 'user' | 'agent' | 'service';

export const scopes = [
  'cap:messaging.interrupt',
  'cap:messaging.route',
  'cap:messaging.observe',
  'cap:messaging.impersonate',
] as const;

/** A capability of a principal; owners and admins of a tenant hold the first three (common.md). */
export type Scope = (typeof scopes)[number];

export type TenantRole = 'owner' | 'admin' | 'member';

/** Who asks: built from a token, an API key or a cookie, or forwarded by another node. */
export interface Principal {
  readonly tenant: TenantId;
  readonly id: PrincipalId;
  readonly kind: PrincipalKind;
  readonly scopes: readonly Scope[];
  /** Role in the tenant; agents and services are members. */
  readonly role: TenantRole;
  readonly superAdmin: boolean;
  /** Roles of the v2 dialect (v2-roles.ts); absent: none. */
  readonly v2Roles?: readonly string[];
  readonly displayName: string;
  /** Session (refresh-token family) of a person, key id of an API key: what a revocation names. */
  readonly sid: string;
  /** An API key bound to a service sees no conversation of another service. */
  readonly service: ServiceId | null;
  /** Microseconds; null when the credential does not expire. */
  readonly expiresAt: number | null;
  /**
   * Microseconds; only for a principal that an external provider vouches for: when it is to be asked again.
   * Of our own principals the feed of changes tells.
   */
  readonly recheckAt?: number;
  /**
   * Microseconds; only of a person of ours: when its session ends by itself, as far as it was known when this was
   * looked up. A session that is used goes on beyond it.
   */
  readonly sessionEndsAt?: number;
}

/** The public pair that events carry. */
export interface Actor {
  readonly id: PrincipalId;
  readonly kind: PrincipalKind;
}

export function hasScope(principal: Principal, scope: Scope): boolean {
  return principal.superAdmin || principal.scopes.includes(scope);
}

/** Tenant owner or admin, or the platform's administrator. */
export function isAdministrator(principal: Pick<Principal, 'superAdmin' | 'role'>): boolean {
  return principal.superAdmin || principal.role !== 'member';
}

/**
 * Its administrators and its services: who may change what a tenant keeps for its agents, and sees what others asked
 * of them.
 */
export function isManager(principal: Pick<Principal, 'superAdmin' | 'role' | 'kind'>): boolean {
  return principal.kind === 'service' || isAdministrator(principal);
}
