/** Who asks, and for which tenant: the caller itself, or whom it speaks for. */
import type { RequestContext } from '../../contract/operation.ts';
import type { Bus } from '../../core/bus.ts';
import { canonicalUuid, isSpellingOf, type PrincipalId, type TenantId } from '../../domain/ids.ts';
import { hasScope, type Principal, type PrincipalKind } from '../../domain/principal.ts';
import { Problem } from '../../domain/problem.ts';
import type { IdSource } from '../../ports/id-source.ts';
import type { Directory } from '../../ports/identity/identity-service.ts';
import type { AskedParticipant } from './decode.ts';
import { kindByName } from './encode.ts';
import { Fields } from './fields.ts';
import type { ReadMarks } from './read-marks.ts';
import { noOrganization, notAuthorizedForOrg, say } from './wording.ts';

/** What this dialect is made of. */
export interface SymbiaDeps {
  readonly bus: Bus;
  readonly directory: Directory;
  /** For ids of rows that have none of their own here. */
  readonly ids: Pick<IdSource, 'fromName'>;
  readonly marks: ReadMarks;
}

type Asking = RequestContext & { readonly principal: Principal };

/**
 * The principal that acts. X-As-User-Id counts when the caller may impersonate and is ignored
 * otherwise, as upstream. Scopes and tenant stay the caller's; the kind is that of the principal
 * named, so that an agent's words obey a pause also when a service brings them. A suspended account
 * speaks through nobody.
 */
export async function callerOf(
  request: Asking,
  deps: Pick<SymbiaDeps, 'directory'>,
): Promise<Principal | Problem> {
  const { principal, orgId, asUserId } = request;
  const tenant = await tenantOf(principal, orgId, deps.directory);
  if (tenant instanceof Problem) return tenant;
  const self = tenant === principal.tenant ? principal : { ...principal, tenant };
  if (asUserId === null || !hasScope(principal, 'cap:messaging.impersonate')) return self;
  const fields = new Fields();
  const id = fields.principalId(asUserId, 'X-As-User-Id');
  if (id === null || id === self.id) return fields.problem ?? self;
  const known = await deps.directory.principalsOf(tenant, [id]);
  if (known instanceof Problem) return known;
  const named = known.get(id);
  if (named?.status === 'suspended') return new Problem('suspended');
  return { ...self, id, kind: named?.kind ?? kindByName(id) };
}

/** Super admins act in the organization they name, if there is one; everybody else only in their own. */
async function tenantOf(
  principal: Principal,
  orgId: string | null,
  directory: Directory,
): Promise<TenantId | Problem> {
  if (orgId === null || !principal.superAdmin) return principal.tenant;
  const tenant = canonicalUuid(orgId) ?? orgId;
  if (tenant === principal.tenant) return tenant;
  const isThere = await directory.hasTenant(tenant);
  if (isThere instanceof Problem) return isThere;
  return isThere ? tenant : say(noOrganization);
}

/** Null when `orgId` (query or body) is absent or the caller's tenant. */
export function refuseOrg(caller: Principal, orgId: unknown): Problem | null {
  if (orgId === undefined || orgId === null || orgId === '') return null;
  const isOwn = typeof orgId === 'string' && isSpellingOf(orgId, caller.tenant);
  return isOwn ? null : new Problem('forbidden', notAuthorizedForOrg);
}

/** Kinds of participants: the directory's for principals of the tenant, else what was said, else by `fallback`. */
export async function kindsOf(
  directory: Directory,
  tenant: TenantId,
  asked: readonly AskedParticipant[],
  fallback: (id: PrincipalId) => PrincipalKind,
): Promise<ReadonlyMap<PrincipalId, PrincipalKind> | Problem> {
  if (asked.length === 0) return new Map();
  const ids = asked.map((one) => one.id);
  const known = await directory.principalsOf(tenant, ids);
  if (known instanceof Problem) return known;
  return new Map(asked.map(({ id, userType }) => [id, known.get(id)?.kind ?? userType ?? fallback(id)]));
}
