/** General Bots, REST half: conversations with bots, for users and for guests (generalbots.md §3). */
import type { HttpDialect } from '../../contract/operation.ts';
import { conversationRoutes } from './conversation-routes.ts';
import type { ChatDeps } from './deps.ts';
import { messageRoutes } from './message-routes.ts';
import { refuseWith } from './refuse.ts';
import { startRoute } from './start-route.ts';
import { ErrorBody } from './wire.ts';

export function generalBotsDialect(deps: ChatDeps): HttpDialect {
  return {
    name: 'generalbots',
    title: 'General Bots',
    description:
      'Conversations with bots. Who shows no credential begins one as a guest, whose token or session id counts here alone.',
    prefixes: ['/conversations', '/ws'],
    operations: [startRoute(deps), ...messageRoutes(deps), ...conversationRoutes(deps)],
    refuse: refuseWith(deps.clock),
    refusal: ErrorBody,
    takesGuests: true,
    headers: { 'Cache-Control': 'no-store' },
  };
}
