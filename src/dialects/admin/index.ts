/** Administration over HTTP: what no imitated API has. README.md lists the endpoints. */
import type { HttpDialect } from '../../contract/operation.ts';
import type { AuditTrail } from '../../ports/audit.ts';
import type { TenantLimitsAdministration } from '../../ports/limits/tenant-limits.ts';
import type { DataKeyAdministration } from '../../ports/sealing/data-key-administration.ts';
import { auditRoutes } from './audit-routes.ts';
import { dataKeyRoutes } from './data-key-routes.ts';
import { limitsRoutes } from './limits-routes.ts';
import { refuse } from './refuse.ts';
import { ErrorBody } from './wire.ts';

export interface AdminDeps {
  readonly audit: AuditTrail;
  readonly dataKeys: DataKeyAdministration;
  readonly tenantLimits: TenantLimitsAdministration;
}

export function adminDialect({ audit, dataKeys, tenantLimits }: AdminDeps): HttpDialect {
  return {
    name: 'admin',
    title: 'Administration',
    description:
      'What owners, admins and super admins do beside the imitated APIs: the audit, data keys and limits of tenants.',
    prefixes: ['/api/admin'],
    operations: [...auditRoutes(audit), ...dataKeyRoutes(dataKeys), ...limitsRoutes(tenantLimits)],
    refuse,
    refusal: ErrorBody,
    headers: { 'Cache-Control': 'no-store' },
  };
}
