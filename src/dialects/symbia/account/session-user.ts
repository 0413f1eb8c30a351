/** Who somebody is in the words of Symbia's identity service. */
import { isAdministrator, type Principal } from '../../../domain/principal.ts';
import { scopesOf } from '../../../domain/scopes-of.ts';
import type { PrincipalRecord, TenantRecord } from '../../../ports/identity/identity-records.ts';
import type { SessionUser } from './wire.ts';

type Who = Pick<Principal, 'id' | 'kind' | 'role' | 'scopes' | 'superAdmin'>;
type Listed = Pick<PrincipalRecord, 'email' | 'displayName'>;
type Tenant = Pick<TenantRecord, 'id' | 'name' | 'slug'>;

/**
 * What a credential is worth now: powers are those of `who`, which may hold less than its record (an API key) or
 * more (a super admin whom another identity service vouches for).
 */
export function sessionUser(who: Who, listed: Listed, tenant: Tenant): SessionUser {
  const isAdmin = who.role !== 'member';
  return {
    id: who.id,
    email: listed.email,
    name: listed.displayName,
    type: who.kind === 'user' ? 'user' : 'agent',
    orgId: tenant.id,
    organizations: [
      { id: tenant.id, name: tenant.name, slug: tenant.slug, role: isAdmin ? 'admin' : 'member' },
    ],
    entitlements: [...who.scopes],
    roles: isAdministrator(who) ? ['admin'] : [],
    isSuperAdmin: who.superAdmin,
  };
}

/** The same for somebody who just logged in. */
export function signedInUser(record: PrincipalRecord, tenant: Tenant): SessionUser {
  return sessionUser({ ...record, scopes: scopesOf(record.role, record.grantedScopes) }, record, tenant);
}
