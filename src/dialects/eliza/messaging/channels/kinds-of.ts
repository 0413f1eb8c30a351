/** What those are whom a client names without saying it. */
import type { PrincipalId, TenantId } from '../../../../domain/ids.ts';
import type { PrincipalKind } from '../../../../domain/principal.ts';
import { Problem } from '../../../../domain/problem.ts';
import type { Directory } from '../../../../ports/identity/identity-service.ts';

/** In the order of `ids`, each once. `otherwise`: those that the tenant does not know. */
export async function kindsOf(
  directory: Pick<Directory, 'principalsOf'>,
  tenant: TenantId,
  ids: readonly PrincipalId[],
  otherwise: PrincipalKind,
): Promise<ReadonlyMap<PrincipalId, PrincipalKind> | Problem> {
  if (ids.length === 0) return new Map();
  const known = await directory.principalsOf(tenant, ids);
  if (known instanceof Problem) return known;
  return new Map(ids.map((id) => [id, known.get(id)?.kind ?? otherwise]));
}
