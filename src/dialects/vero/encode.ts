/** Records of core in the words of Vero. */
import { scopesOf } from '../../domain/scopes-of.ts';
import { formatMicros } from '../../domain/time.ts';
import type {
  ApiKeyRecord,
  PageStart,
  PrincipalRecord,
  TenantRecord,
} from '../../ports/identity/identity-records.ts';
import type { SessionTokens, SignedIn } from '../../ports/identity/identity-service.ts';
import { toCursor } from './cursor-text.ts';
import type { Agent, ApiKey, Tenant, Tokens, User } from './wire.ts';

export function encodeUser(record: PrincipalRecord): User {
  return {
    id: record.id,
    email: record.email,
    display_name: record.displayName,
    avatar_url: record.avatarUrl,
    timezone: record.timezone,
    phone: record.phone,
    tenant_id: record.tenant,
    role: record.role,
    status: record.status,
    scopes: [...scopesOf(record.role, record.grantedScopes)],
    v2_roles: [...record.v2Roles],
    ...(record.superAdmin ? { super_admin: true as const } : {}),
    created_at: formatMicros(record.createdAt),
  };
}

export function encodeTenant(tenant: TenantRecord): Tenant {
  return { id: tenant.id, name: tenant.name, slug: tenant.slug, created_at: formatMicros(tenant.createdAt) };
}

export function encodeTokens(tokens: SessionTokens): Tokens {
  return {
    access_token: tokens.accessToken,
    refresh_token: tokens.refreshToken,
    token_type: 'Bearer',
    expires_in: tokens.expiresInSec,
  };
}

export function encodeSignedIn({ principal, tenant, tokens }: SignedIn) {
  return { user: encodeUser(principal), tenant: encodeTenant(tenant), ...encodeTokens(tokens) };
}

export function encodeAgent(record: PrincipalRecord): Agent {
  return {
    id: record.id,
    display_name: record.displayName,
    is_agent: true,
    avatar_url: record.avatarUrl,
    job_title: record.jobTitle,
    bio: record.bio,
    is_default_agent: record.isDefaultAgent,
    tenant_id: record.tenant,
    created_at: formatMicros(record.createdAt),
  };
}

export function encodeApiKey(key: ApiKeyRecord): ApiKey {
  return {
    id: key.id,
    name: key.name,
    prefix: key.prefix,
    principal_id: key.principal,
    kind: key.kind,
    scopes: [...key.scopes],
    service_id: key.service,
    created_at: formatMicros(key.createdAt),
    expires_at: key.expiresAt === null ? null : formatMicros(key.expiresAt),
  };
}

/** Opaque to clients; decodePage() reads it. */
export function encodeCursor(next: PageStart | null): string | null {
  return next === null ? null : toCursor(`${next.createdAt} ${next.id}`);
}
