/** /api/admin/tenants/:id/data-key: what phi and secret content of a tenant is sealed with. */
import { fieldProblem } from '../../contract/field-errors.ts';
import { type Operation, operation, type RequestContext } from '../../contract/operation.ts';
import { canonicalUuid, type TenantId } from '../../domain/ids.ts';
import { Problem } from '../../domain/problem.ts';
import type { RequestTrace } from '../../ports/audit.ts';
import type { DataKeyAdministration } from '../../ports/data-key-administration.ts';
import { errors } from './refuse.ts';
import { EraseDataKey, ErasedDataKey, RotatedDataKey, TenantPath } from './wire.ts';

const path = '/api/admin/tenants/:id/data-key';

export function dataKeyRoutes(dataKeys: DataKeyAdministration): readonly Operation[] {
  return [
    operation(
      {
        id: 'admin.rotateDataKey',
        method: 'POST',
        path: `${path}/rotate`,
        summary: 'A new data key for what comes; what older ones sealed stays readable (owner, super admin)',
        access: 'principal',
        schemas: { params: TenantPath },
        responses: {
          200: { description: 'The new version', schema: RotatedDataKey },
          ...errors(401, 403, 404, 409, 503),
        },
      },
      async (request) => {
        const tenant = tenantOf(request.params.id);
        const rotated = await dataKeys.rotate(request.principal, tenant, traceOf(request));
        return rotated instanceof Problem ? rotated : { status: 200, body: rotated };
      },
    ),
    operation(
      {
        id: 'admin.eraseDataKey',
        method: 'DELETE',
        path,
        summary: 'Destroy all data keys: sealed content is unreadable for good (owner, super admin)',
        access: 'principal',
        schemas: { params: TenantPath, query: EraseDataKey },
        responses: {
          200: { description: 'How many versions there were', schema: ErasedDataKey },
          ...errors(400, 401, 403, 404, 503),
        },
      },
      async (request) => {
        const { principal, params, query } = request;
        // Nobody destroys a tenant's content by a slip.
        if (query.confirm !== params.id) return fieldProblem([{ path: 'confirm', reason: 'not_allowed' }]);
        const erased = await dataKeys.erase(principal, tenantOf(params.id), traceOf(request));
        return erased instanceof Problem ? erased : { status: 200, body: erased };
      },
    ),
  ];
}

const tenantOf = (id: string): TenantId => canonicalUuid(id) ?? id;

const traceOf = ({ address, requestId }: RequestContext): RequestTrace => ({ address, requestId });
