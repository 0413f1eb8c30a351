/** What a change of a principal changed, for the audit: present and former value of each field. */
import type { AuditDetail } from '../../ports/audit.ts';
import type { PrincipalRecord } from '../../ports/identity/identity-records.ts';

/** Field -> its name in the audit. */
const audited = {
  displayName: 'display_name',
  avatarUrl: 'avatar_url',
  timezone: 'timezone',
  role: 'role',
  grantedScopes: 'scopes',
  v2Roles: 'v2_roles',
  status: 'status',
  superAdmin: 'super_admin',
} as const satisfies Partial<Record<keyof PrincipalRecord, string>>;

/** `{role: 'admin', former_role: 'member'}`; empty when nothing changed. Lists are joined by commas. */
export function changedFields(former: PrincipalRecord, present: PrincipalRecord): AuditDetail {
  const detail: Record<string, AuditDetail[string]> = {};
  for (const [field, name] of Object.entries(audited) as [keyof typeof audited, string][]) {
    const [before, after] = [plain(former[field]), plain(present[field])];
    if (before === after) continue;
    detail[name] = after;
    detail[`former_${name}`] = before;
  }
  return detail;
}

function plain(value: PrincipalRecord[keyof typeof audited]): AuditDetail[string] {
  return typeof value === 'object' && value !== null ? [...value].sort().join(',') : value;
}
