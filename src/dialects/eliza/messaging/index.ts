/** Message servers, channels and messages (eliza.md §3). */
import type { Operation } from '../../../contract/operation.ts';
import type { ElizaDeps } from '../deps.ts';
import { messageRoutes } from './messages/message-routes.ts';

export function messagingRoutes(deps: ElizaDeps): readonly Operation[] {
  return [...messageRoutes(deps)];
}
