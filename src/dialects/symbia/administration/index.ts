/** The administration routes of the Symbia Messaging API, its statistics and its internal route. */
import type { HttpDialect } from '../../../contract/operation.ts';
import { ErrorBody } from '../wire.ts';
import { refuse } from '../wording.ts';
import type { AdministrationDeps } from './asked.ts';
import { administeredConversationRoutes } from './conversation-routes.ts';
import { surveyRoutes } from './survey-routes.ts';
import { tenantRoutes } from './tenant-routes.ts';

export type { AdministrationDeps } from './asked.ts';

export function symbiaAdministrationDialect(deps: AdministrationDeps): HttpDialect {
  return {
    name: 'symbia-administration',
    title: 'Symbia Messaging API: administration',
    description:
      'Administration and counts as in the Symbia Messaging API. Owners and admins of a tenant see their own, super admins all; services find by channel the conversation that mirrors a chat elsewhere.',
    prefixes: [
      '/api/admin/conversations',
      '/api/admin/users',
      '/api/admin/stats',
      '/api/stats',
      '/api/internal',
    ],
    operations: [...surveyRoutes(deps), ...administeredConversationRoutes(deps), ...tenantRoutes(deps)],
    refuse,
    refusal: ErrorBody,
    headers: { 'cache-control': 'no-cache, no-store, must-revalidate' },
    requestIdHeader: 'x-trace-id',
  };
}
