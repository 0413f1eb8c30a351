/** Conversations with one agent that end by themselves (eliza.md §4). */
import type { Operation } from '../../../contract/operation.ts';
import type { ElizaDeps } from '../deps.ts';
import { lifetimeRoutes } from './lifetime-routes.ts';
import { sessionMessageRoutes } from './message-routes.ts';
import { sessionRoutes } from './session-routes.ts';

export function timedSessionRoutes(deps: ElizaDeps): readonly Operation[] {
  return [...sessionRoutes(deps), ...lifetimeRoutes(deps), ...sessionMessageRoutes(deps)];
}
