import type { HttpDialect } from '../../../contract/operation.ts';
import { withBodyRules } from '../body-rules.ts';
import { refuse } from '../refuse.ts';
import { ErrorBody } from '../wire.ts';
import type { ChatDeps } from './chat-deps.ts';
import { conversationRoutes } from './conversations/conversation-routes.ts';
import { markRoutes } from './conversations/mark-routes.ts';
import { participantRoutes } from './conversations/participant-routes.ts';
import { mediaOperations } from './media/index.ts';
import { changeRoutes } from './messages/change-routes.ts';
import { messageRoutes } from './messages/message-routes.ts';
import { blockRoutes } from './people/block-routes.ts';
import { peopleRoutes } from './people/people-routes.ts';
import { searchRoutes } from './search/search-routes.ts';
import { type MessagingTokenDeps, messagingTokenRoute } from './socket/token-route.ts';

/** The chat part of Vero (vero.md §4-§8). */
export function veroChatDialect(deps: ChatDeps, messaging: MessagingTokenDeps): HttpDialect {
  return {
    name: 'vero-chat',
    title: 'Vero chat',
    description:
      'Conversations and messages as one caller sees them: without what it cleared and whom it blocks.',
    prefixes: ['/v1/chat', '/v1/messaging'],
    operations: [
      ...markRoutes(deps),
      ...conversationRoutes(deps),
      ...participantRoutes(deps),
      ...messageRoutes(deps),
      ...changeRoutes(deps),
      ...peopleRoutes(deps),
      ...blockRoutes(deps),
      ...mediaOperations(deps),
      messagingTokenRoute(messaging),
      ...searchRoutes(deps),
    ].map(withBodyRules),
    refuse,
    refusal: ErrorBody,
    headers: { 'Cache-Control': 'no-store' },
  };
}
