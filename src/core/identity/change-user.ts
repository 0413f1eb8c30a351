/** Who may change whom in a tenant, and what must not happen to its owners. */

import type { Principal } from '../../domain/principal.ts';
import { Problem } from '../../domain/problem.ts';
import type { AuditEntry, RequestTrace } from '../../ports/audit.ts';
import type { PrincipalRecord } from '../../ports/identity/identity-records.ts';
import type { UserChanges } from '../../ports/identity/identity-service.ts';
import type { PrincipalChanges } from '../../ports/identity/identity-store.ts';
import { entryOf } from '../audit/audit-trail.ts';
import { changedFields } from './changed-fields.ts';

/**
 * The changes to write, or why not. Admins leave owners alone and make none; nobody suspends itself;
 * a tenant keeps an active owner, except that a super admin may suspend the last one.
 */
export function decideUserChange(
  by: Principal,
  target: PrincipalRecord,
  owners: number,
  changes: UserChanges,
): PrincipalChanges | Problem {
  const touchesOwners = target.role === 'owner' || changes.role === 'owner';
  if (touchesOwners && by.role !== 'owner' && !by.superAdmin) {
    return new Problem('forbidden', 'Only an owner changes owners.');
  }
  if (target.superAdmin && !by.superAdmin && target.id !== by.id) {
    return new Problem('forbidden', 'Only a super admin changes super admins.');
  }
  if (changes.status === 'suspended' && target.id === by.id) {
    return new Problem('forbidden', 'Nobody suspends itself.');
  }
  const isActiveOwner = target.role === 'owner' && target.status === 'active';
  const isDemoted = changes.role !== undefined && changes.role !== 'owner';
  const isSuspended = changes.status === 'suspended' && !by.superAdmin;
  if (isActiveOwner && (isDemoted || isSuspended) && owners <= 1) {
    return new Problem('conflict', 'A tenant keeps at least one owner.', { reason: 'last_owner' });
  }
  return {
    ...(changes.role === undefined ? {} : { role: changes.role }),
    ...(changes.scopes === undefined ? {} : { grantedScopes: [...new Set(changes.scopes)] }),
    ...(changes.v2Roles === undefined ? {} : { v2Roles: [...new Set(changes.v2Roles)] }),
    ...(changes.status === undefined ? {} : { status: changes.status }),
    // From anybody else the field means nothing (common.md, "People and tenants").
    ...(changes.superAdmin === undefined || !by.superAdmin ? {} : { superAdmin: changes.superAdmin }),
  };
}

/** What the audit says of it; null when nothing changed. */
export function userChangeEntry(
  by: Principal,
  trace: RequestTrace,
  former: PrincipalRecord,
  present: PrincipalRecord,
): AuditEntry | null {
  const detail = changedFields(former, present);
  if (Object.keys(detail).length === 0) return null;
  const { tenant, id: subject, status } = present;
  const ofStatus = status === 'suspended' ? 'user.suspended' : 'user.activated';
  const action = former.status === status ? 'user.changed' : ofStatus;
  return entryOf(by, trace, { tenant, action, subject, detail });
}
