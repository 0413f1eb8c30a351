/** X-Org-Id of a super admin: it acts in the tenant that it names (common.md). */
import type { HttpDialect, Operation, OperationRequest } from '../../../contract/operation.ts';
import { canonicalUuid } from '../../../domain/ids.ts';
import type { Principal } from '../../../domain/principal.ts';
import { Problem } from '../../../domain/problem.ts';
import type { Directory } from '../../../ports/identity/identity-service.ts';

type Asking = OperationRequest<never, never, never>;

/** A token of a socket is one of the principal's own tenant, in which its session lives. */
const ofOwnTenant: ReadonlySet<string> = new Set(['vero.messagingToken']);

/**
 * The dialect whose callers act in the tenant that X-Org-Id names. The front end lets nobody but super admins name
 * another one than their own; one that does not exist is `not_found`.
 */
export function actingInNamedTenant(
  dialect: HttpDialect,
  directory: Pick<Directory, 'hasTenant'>,
): HttpDialect {
  const operations = dialect.operations.map((one) => (one.access === 'principal' ? acting(one) : one));
  return { ...dialect, operations };

  function acting(operation: Operation): Operation {
    return {
      ...operation,
      answer(request: Asking) {
        const { principal, orgId } = request;
        const tenant = orgId === null ? principal.tenant : (canonicalUuid(orgId) ?? orgId);
        if (tenant === principal.tenant) return operation.answer(request);
        if (ofOwnTenant.has(operation.id)) {
          const words = 'A socket works in the organization of its principal.';
          return new Problem('forbidden', words, { reason: 'other_tenant' });
        }
        return answerIn(tenant, operation, request);
      },
    };
  }

  async function answerIn(tenant: string, operation: Operation, request: Asking) {
    const isThere = await directory.hasTenant(tenant);
    if (isThere instanceof Problem) return isThere;
    if (!isThere) return new Problem('not_found', 'There is no such organization.');
    return await operation.answer(asPrincipal(request, { ...request.principal, tenant }));
  }
}

/** The request as if somebody else made it. Named one by one: some of its fields are read when they are asked for. */
function asPrincipal(request: Asking, principal: Principal): Asking {
  const { requestId, traceparent, orgId, serviceId, env, dataClass, policyRef, idempotencyKey } = request;
  const { asUserId, userAgent, ifNoneMatch, range, ifRange, entityId, address, isSecure, cookie } = request;
  const { acceptEncoding, params, query, body, stream } = request;
  return {
    ...{ requestId, traceparent, orgId, serviceId, env, dataClass, policyRef, idempotencyKey },
    ...{ asUserId, userAgent, ifNoneMatch, range, ifRange, entityId, address, isSecure, cookie },
    ...{ acceptEncoding, params, query, body, stream, principal, caller: principal },
    get gone() {
      return request.gone;
    },
  };
}
