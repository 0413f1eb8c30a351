/** Rows of the identity tables as the records that core reads. */
import type { PrincipalKind, Scope, TenantRole } from '../../../domain/principal.ts';
import type {
  ApiKeyKind,
  ApiKeyRecord,
  Page,
  PrincipalRecord,
  PrincipalStatus,
  SessionRecord,
  TenantRecord,
} from '../../../ports/identity/identity-records.ts';
import type { Sql, Transaction } from '../pool.ts';

export interface TenantRow {
  readonly id: string;
  readonly name: string;
  readonly slug: string;
  readonly created_us: number;
}

export interface PrincipalRow {
  readonly tenant_id: string;
  readonly id: string;
  readonly kind: PrincipalKind;
  readonly display_name: string;
  readonly status: PrincipalStatus;
  readonly role: TenantRole;
  readonly scopes: Scope[];
  readonly v2_roles: string[];
  readonly super_admin: boolean;
  readonly avatar_url: string | null;
  readonly timezone: string;
  readonly phone: string | null;
  readonly job_title: string | null;
  readonly bio: string | null;
  readonly is_default_agent: boolean;
  readonly runs: boolean;
  readonly created_us: number;
  readonly email: string | null;
}

export interface SessionRow {
  readonly session_id: string;
  readonly session_created_us: number;
  readonly session_expires_us: number;
  readonly session_ends_us: number;
  readonly session_revoked_us: number | null;
}

export interface ApiKeyRow {
  readonly key_id: string;
  readonly key_tenant_id: string;
  readonly key_principal_id: string;
  readonly key_name: string;
  readonly key_prefix: string;
  readonly key_kind: ApiKeyKind;
  readonly key_scopes: Scope[];
  readonly key_service_id: string | null;
  readonly key_created_by: string;
  readonly key_created_us: number;
  readonly key_expires_us: number | null;
  readonly key_revoked_us: number | null;
}

/** Columns of a principal `p` with its credential `c`. */
export const principalColumns = (sql: Sql | Transaction) => sql`
  p.tenant_id, p.id, p.kind, p.display_name, p.status, p.role, p.scopes, p.v2_roles, p.super_admin,
  p.avatar_url, p.timezone, p.phone, p.job_title, p.bio, p.is_default_agent, p.runs, p.created_us, c.email`;

/** Joins the credential `c` of principal `p`: agents and services have none. */
export const withCredential = (sql: Sql | Transaction) => sql`
  left join credentials c on c.tenant_id = p.tenant_id and c.principal_id = p.id`;

/** Columns of a session `s`. */
export const sessionColumns = (sql: Sql | Transaction) => sql`
  s.id as session_id, s.created_us as session_created_us, s.expires_us as session_expires_us,
  s.ends_us as session_ends_us, s.revoked_us as session_revoked_us`;

/** Columns of an API key `k`. */
export const apiKeyColumns = (sql: Sql | Transaction) => sql`
  k.id as key_id, k.tenant_id as key_tenant_id, k.principal_id as key_principal_id, k.name as key_name,
  k.prefix as key_prefix, k.kind as key_kind, k.scopes as key_scopes, k.service_id as key_service_id,
  k.created_by as key_created_by, k.created_us as key_created_us, k.expires_us as key_expires_us,
  k.revoked_us as key_revoked_us`;

export function toTenant(row: TenantRow): TenantRecord {
  return { id: row.id, name: row.name, slug: row.slug, createdAt: row.created_us };
}

export function toPrincipal(row: PrincipalRow): PrincipalRecord {
  return {
    tenant: row.tenant_id,
    id: row.id,
    kind: row.kind,
    displayName: row.display_name,
    status: row.status,
    role: row.role,
    grantedScopes: row.scopes,
    v2Roles: row.v2_roles,
    superAdmin: row.super_admin,
    avatarUrl: row.avatar_url,
    timezone: row.timezone,
    phone: row.phone,
    jobTitle: row.job_title,
    bio: row.bio,
    isDefaultAgent: row.is_default_agent,
    runs: row.runs,
    email: row.email,
    createdAt: row.created_us,
  };
}

export function toSession(row: SessionRow & Pick<PrincipalRow, 'tenant_id' | 'id'>): SessionRecord {
  return {
    id: row.session_id,
    tenant: row.tenant_id,
    principal: row.id,
    createdAt: row.session_created_us,
    expiresAt: row.session_expires_us,
    endsAt: row.session_ends_us,
    revokedAt: row.session_revoked_us,
  };
}

export function toApiKey(row: ApiKeyRow): ApiKeyRecord {
  return {
    id: row.key_id,
    tenant: row.key_tenant_id,
    principal: row.key_principal_id,
    name: row.key_name,
    prefix: row.key_prefix,
    kind: row.key_kind,
    scopes: row.key_scopes,
    service: row.key_service_id,
    createdBy: row.key_created_by,
    createdAt: row.key_created_us,
    expiresAt: row.key_expires_us,
    revokedAt: row.key_revoked_us,
  };
}

/** Of up to limit + 1 rows the first limit, and where the next page starts. */
export function toPage<Row extends { readonly createdAt: number; readonly id: string }>(
  rows: readonly Row[],
  limit: number,
): Page<Row> {
  const last = rows.length > limit ? rows[limit - 1] : undefined;
  const next = last === undefined ? null : { createdAt: last.createdAt, id: last.id };
  return { rows: rows.slice(0, limit), next };
}
