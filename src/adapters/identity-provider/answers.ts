/**
 * Answers of Symbia's identity service (symbia.md §2) as principals. Without its one boolean an answer is
 * garbage; one that names nobody is nobody's.
 */
import type { Scope, TenantRole } from '../../domain/principal.ts';
import { scopes as knownScopes } from '../../domain/principal.ts';
import type { VouchedPrincipal } from '../../ports/identity/external-identity.ts';

type Fields = Readonly<Record<string, unknown>>;

/** An answer without what the caller's cache decides. */
export type Answer = Omit<VouchedPrincipal, 'recheckAt'> | 'invalid' | 'garbage';

/** `POST /api/auth/introspect`. */
export function readIntrospection(value: unknown): Answer {
  if (!isFields(value) || typeof value['active'] !== 'boolean') return 'garbage';
  if (!value['active']) return 'invalid';
  return value['type'] === 'agent' ? agentOf(value) : personOf(value);
}

function agentOf(answer: Fields): Answer {
  const id = textOf(answer['agentId']);
  if (id === null) return 'invalid';
  return {
    tenant: textOf(answer['orgId']),
    tenantName: null,
    id,
    kind: 'agent',
    displayName: textOf(answer['name']),
    role: 'member',
    scopes: scopesAmong(answer['capabilities']),
    superAdmin: false,
    service: null,
    expiresAt: microsOf(answer['exp']),
    isInNameOfPerson: false,
  };
}

function personOf(answer: Fields): Answer {
  const id = textOf(answer['sub']);
  if (id === null) return 'invalid';
  const first = listOf(answer['organizations']).find(isFields);
  return {
    tenant: textOf(first?.['id']) ?? textOf(answer['orgId']),
    tenantName: textOf(first?.['name']),
    id,
    kind: 'user',
    displayName: textOf(answer['name']) ?? textOf(answer['email']),
    role: first?.['role'] === 'admin' ? 'admin' : 'member',
    scopes: scopesAmong(answer['entitlements']),
    superAdmin: answer['isSuperAdmin'] === true,
    service: null,
    expiresAt: microsOf(answer['exp']),
    isInNameOfPerson: false,
  };
}

/** `GET /api/users/me`: the person, bare or as `user`, with its organizations in it or beside it. */
export function readOwner(value: unknown): Answer {
  if (!isFields(value)) return 'garbage';
  const user = isFields(value['user']) ? value['user'] : value;
  return personOf({ organizations: value['organizations'], ...user, sub: user['id'] });
}

/**
 * `POST /api/auth/verify-api-key`: always an agent, with its creator's id and entitlements if it has one,
 * never a super admin. Upstream makes each key an admin of its organization; here only one whose creator is
 * an administrator of the platform's messaging.
 */
export function readVerifiedKey(value: unknown): Answer {
  if (!isFields(value) || typeof value['valid'] !== 'boolean') return 'garbage';
  if (!value['valid']) return 'invalid';
  const keyId = textOf(value['keyId']);
  const creator = isFields(value['creator']) ? value['creator'] : null;
  const person = creator === null ? null : textOf(creator['id']);
  if (person === null && keyId === null) return 'invalid';
  const entitlements = person === null ? value['scopes'] : creator?.['entitlements'];
  return {
    tenant: textOf(value['orgId']),
    tenantName: null,
    id: person ?? `api:${keyId}`,
    kind: 'agent',
    displayName:
      person === null ? textOf(value['name']) : (textOf(creator?.['email']) ?? textOf(value['name'])),
    role: roleOfKey(entitlements, creator),
    scopes: scopesAmong(entitlements),
    superAdmin: false,
    service: null,
    expiresAt: null,
    isInNameOfPerson: person !== null,
  };
}

const administratorEntitlements: readonly unknown[] = ['messaging:admin', 'collaborate:admin'];

function roleOfKey(entitlements: unknown, creator: Fields | null): TenantRole {
  const isAdministrator =
    listOf(entitlements).some((one) => administratorEntitlements.includes(one)) ||
    listOf(creator?.['roles']).includes('admin');
  return isAdministrator ? 'admin' : 'member';
}

function scopesAmong(entitlements: unknown): readonly Scope[] {
  const given = new Set(listOf(entitlements));
  return knownScopes.filter((scope) => given.has(scope));
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

/** `exp` of RFC 7662: seconds. */
function microsOf(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? Math.floor(value * 1_000_000) : null;
}
