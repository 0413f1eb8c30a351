/** Who administers what: a tenant's owner and admins their tenant, a super admin every one. */
import { isAdministrator } from '../../domain/principal.ts';
import { Problem } from '../../domain/problem.ts';
import type { AdministratorRequest } from '../../ports/conversations/conversation-administration.ts';
import type { SurveyFilter } from '../../ports/conversations/conversation-survey.ts';

/** Null for who may ask this. */
export function refuseOthers({ by, tenant }: AdministratorRequest): Problem | null {
  if (!isAdministrator(by)) {
    return new Problem('forbidden', 'Only administrators may do this.', { reason: 'not_an_administrator' });
  }
  if (by.superAdmin || tenant === null || tenant === by.tenant) return null;
  return new Problem('forbidden', 'This is another tenant.', { reason: 'other_tenant' });
}

/** Everything that the request is about. */
export function filterOf({ by, tenant, env }: AdministratorRequest): SurveyFilter {
  return { tenant: tenant ?? (by.superAdmin ? null : by.tenant), type: null, env, service: null };
}
