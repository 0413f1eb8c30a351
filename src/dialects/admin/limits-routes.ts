/** GET and PATCH /api/admin/tenants/:id/limits: what a tenant may have and do at most. */
import { type Operation, operation } from '../../contract/operation.ts';
import { traceOf } from '../../contract/request-trace.ts';
import type { TenantId } from '../../domain/ids.ts';
import { limitsWith, type TenantOverrides } from '../../domain/limiting/tenant-limits.ts';
import { Problem } from '../../domain/problem.ts';
import type { TenantLimitsAdministration } from '../../ports/limits/tenant-limits.ts';
import { PatchLimits, TenantLimitsBody } from './limits-wire.ts';
import { errors } from './refuse.ts';
import { tenantOf } from './tenant-of.ts';
import { TenantPath } from './wire.ts';

const path = '/api/admin/tenants/:id/limits';

export function limitsRoutes(administration: TenantLimitsAdministration): readonly Operation[] {
  return [
    operation(
      {
        id: 'admin.readLimits',
        method: 'GET',
        path,
        rate: 'admin',
        summary: 'Limits of a tenant (super admin; an owner: its own)',
        access: 'principal',
        schemas: { params: TenantPath },
        responses: {
          200: { description: 'What holds now', schema: TenantLimitsBody },
          ...errors(401, 403, 404, 429, 503),
        },
      },
      async ({ principal, params }) => {
        const tenant = tenantOf(params.id);
        const overrides = await administration.read(principal, tenant);
        return overrides instanceof Problem ? overrides : { status: 200, body: encode(tenant, overrides) };
      },
    ),
    operation(
      {
        id: 'admin.changeLimits',
        method: 'PATCH',
        path,
        rate: 'admin',
        summary:
          'Sets limits of a tenant, null: the default (super admin); effective within a second everywhere',
        access: 'principal',
        schemas: { params: TenantPath, body: PatchLimits },
        responses: {
          200: { description: 'What holds now', schema: TenantLimitsBody },
          ...errors(400, 401, 403, 404, 429, 503),
        },
        example: { body: { conversations: 500, messages_per_second: null } },
      },
      async (request) => {
        const tenant = tenantOf(request.params.id);
        const changed = await administration.change(
          request.principal,
          tenant,
          decode(request.body),
          traceOf(request),
        );
        return changed instanceof Problem ? changed : { status: 200, body: encode(tenant, changed) };
      },
    ),
  ];
}

/** Absent fields stay as they are. */
function decode({ conversations, participants, messages_per_second }: PatchLimits): Partial<TenantOverrides> {
  return {
    ...(conversations === undefined ? {} : { conversations }),
    ...(participants === undefined ? {} : { participants }),
    ...(messages_per_second === undefined ? {} : { messagesPerSecond: messages_per_second }),
  };
}

function encode(tenant: TenantId, overrides: TenantOverrides): TenantLimitsBody {
  const { conversations, participants, messagesPerSecond } = limitsWith(overrides);
  const wire = {
    conversations: 'conversations',
    participants: 'participants',
    messagesPerSecond: 'messages_per_second',
  } as const;
  const set = Object.entries(wire).filter(([field]) => overrides[field as keyof TenantOverrides] !== null);
  return {
    tenant_id: tenant,
    ...{ conversations, participants, messages_per_second: messagesPerSecond },
    overridden: set.map(([, name]) => name),
  };
}
