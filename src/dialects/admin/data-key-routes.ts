/** /api/admin/tenants/:id/data-key: what phi and secret content of a tenant is sealed with. */
import { fieldProblem } from '../../contract/checking/field-errors.ts';
import { type Operation, operation } from '../../contract/operation.ts';
import { traceOf } from '../../contract/request-trace.ts';
import { Problem } from '../../domain/problem.ts';
import type { DataKeyAdministration } from '../../ports/sealing/data-key-administration.ts';
import { errors } from './refuse.ts';
import { tenantOf } from './tenant-of.ts';
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
        rate: 'admin',
        schemas: { params: TenantPath },
        responses: {
          200: { description: 'The new version', schema: RotatedDataKey },
          ...errors(401, 403, 404, 409, 429, 503),
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
        rate: 'admin',
        schemas: { params: TenantPath, query: EraseDataKey },
        responses: {
          200: { description: 'How many versions there were', schema: ErasedDataKey },
          ...errors(400, 401, 403, 404, 429, 503),
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
