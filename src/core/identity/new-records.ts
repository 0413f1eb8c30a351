/** Records of principals and tenants as they are made. */
import type { PrincipalId, TenantId } from '../../domain/ids.ts';
import type { PrincipalKind } from '../../domain/principal.ts';
import type { Micros } from '../../domain/time.ts';
import type { PrincipalRecord, TenantRecord } from '../../ports/identity/identity-records.ts';

/** An active member without anything but a name. */
export function newPrincipal(
  tenant: TenantId,
  id: PrincipalId,
  kind: PrincipalKind,
  displayName: string,
  now: Micros,
): PrincipalRecord {
  return {
    tenant,
    id,
    kind,
    displayName,
    status: 'active',
    role: 'member',
    grantedScopes: [],
    v2Roles: [],
    superAdmin: false,
    avatarUrl: null,
    timezone: 'UTC',
    phone: null,
    jobTitle: null,
    bio: null,
    isDefaultAgent: false,
    runs: false,
    email: null,
    createdAt: now,
  };
}

/** The agent that every tenant has from the beginning: it answers without anybody doing anything. */
export function newFirstAgent(tenant: TenantId, id: PrincipalId, now: Micros): PrincipalRecord {
  return {
    ...newPrincipal(tenant, id, 'agent', 'Assistant', now),
    jobTitle: 'Assistant',
    bio: 'Answers questions of this workspace.',
    isDefaultAgent: true,
    runs: true,
  };
}

/** `uniqueEnd` keeps slugs apart: the random end of an id of ours. */
export function newTenant(
  id: TenantId,
  name: string,
  now: Micros,
  uniqueEnd: string = id.slice(-8),
): TenantRecord {
  return { id, name, slug: slugOf(name, uniqueEnd), createdAt: now };
}

const slugStemMax = 40;

/** `acme-1f2e3d4c`: readable, and unique. */
function slugOf(name: string, uniqueEnd: string): string {
  const stem = slugStemOf(name);
  return `${stem === '' ? 'workspace' : stem}-${uniqueEnd}`;
}

/** `Météo Bot!` -> `meteo-bot`; '' when nothing is left. */
export function slugStemOf(name: string): string {
  return name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/\p{M}+/gu, '')
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, slugStemMax)
    .replace(/^-+|-+$/g, '');
}

/** Addresses are compared in this form. */
export function canonicalEmail(email: string): string {
  return email.trim().toLowerCase();
}
