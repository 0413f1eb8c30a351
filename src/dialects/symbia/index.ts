/** The Symbia Messaging API over HTTP. README.md says what is imitated and where it differs. */
import type { HttpDialect } from '../../contract/operation.ts';
import type { SymbiaDeps } from './caller.ts';
import { conversationRoutes } from './conversation-routes.ts';
import { messageChangeRoutes } from './message-change-routes.ts';
import { messageRoutes } from './message-routes.ts';
import { participantRoutes } from './participant-routes.ts';
import { ErrorBody } from './wire.ts';
import { refuse } from './wording.ts';

export type { SymbiaDeps } from './caller.ts';

export function symbiaDialect(deps: SymbiaDeps): HttpDialect {
  return {
    name: 'symbia',
    title: 'Symbia Messaging API',
    prefixes: ['/api/conversations'],
    operations: [
      ...conversationRoutes(deps),
      ...participantRoutes(deps),
      ...messageRoutes(deps),
      ...messageChangeRoutes(deps),
    ],
    refuse,
    refusal: ErrorBody,
    headers: { 'cache-control': 'no-cache, no-store, must-revalidate' },
    requestIdHeader: 'x-trace-id',
  };
}
