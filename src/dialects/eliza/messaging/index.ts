/** Message servers, channels and messages (eliza.md §3). */
import type { Operation } from '../../../contract/operation.ts';
import type { ElizaDeps } from '../deps.ts';
import { channelRoutes } from './channels/channel-routes.ts';
import { dmRoutes } from './channels/dm-routes.ts';
import { messagesOfAuthorRoute } from './channels/messages-of-author-route.ts';
import { participantRoutes } from './channels/participant-routes.ts';
import { titleRoutes } from './channels/title-route.ts';
import { completeRoute } from './messages/complete-route.ts';
import { ingestRoutes } from './messages/ingest-routes.ts';
import { messageRoutes } from './messages/message-routes.ts';
import { namedMessageRoutes } from './messages/named-message-routes.ts';
import { searchRoute } from './messages/search-route.ts';
import { submitRoutes } from './messages/submit-routes.ts';
import { serverAgentRoutes } from './servers/server-agent-routes.ts';
import { serverRoutes } from './servers/server-routes.ts';
import { syncRoutes } from './servers/sync-route.ts';

export function messagingRoutes(deps: ElizaDeps): readonly Operation[] {
  return [
    ...[...serverRoutes(deps), ...serverAgentRoutes(deps), ...syncRoutes(deps)],
    ...[...channelRoutes(deps), ...participantRoutes(deps), ...dmRoutes(deps)],
    ...[...messageRoutes(deps), ...submitRoutes(deps), ...ingestRoutes(deps), ...namedMessageRoutes(deps)],
    ...[completeRoute(deps), searchRoute(deps), ...titleRoutes(deps), ...messagesOfAuthorRoute(deps)],
  ];
}
