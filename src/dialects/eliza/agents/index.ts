/** Agents (eliza.md §2). */
import type { Operation } from '../../../contract/operation.ts';
import type { ElizaDeps } from '../deps.ts';
import { agentRoutes } from './agent-routes.ts';
import { lifecycleRoutes } from './lifecycle-routes.ts';
import { logRoutes } from './log-routes.ts';
import { runRoutes } from './run-routes.ts';
import { worldRoutes } from './world-routes.ts';

export function agentsRoutes(deps: ElizaDeps): readonly Operation[] {
  return [
    ...agentRoutes(deps),
    ...lifecycleRoutes(deps),
    ...worldRoutes(deps),
    ...runRoutes(deps),
    ...logRoutes(deps),
  ];
}
