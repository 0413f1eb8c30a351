/** The v2 conversations API over HTTP. README.md says what is imitated and where it differs. */
import type { HttpDialect } from '../../contract/operation.ts';
import { type AuthDeps, authRoutes } from './auth-routes.ts';
import type { V2Deps } from './caller.ts';
import { conversationRoutes } from './conversation-routes.ts';
import { inputReader } from './decode.ts';
import { messageRoutes } from './message-routes.ts';
import { refuse } from './refuse.ts';
import { ErrorBody } from './wire.ts';

export function v2Dialect(deps: V2Deps & AuthDeps): HttpDialect {
  return {
    name: 'v2',
    title: 'Conversations v2',
    description:
      'Conversations of an organization about its entities, as a FastAPI service would have them: bare arrays, `{"detail":…}` for refusals, and 422 with an entry for each field that is not valid.',
    prefixes: ['/api/v2'],
    operations: [...authRoutes(deps), ...conversationRoutes(deps), ...messageRoutes(deps)],
    inputReader,
    refuse,
    refusal: ErrorBody,
    headers: { 'Cache-Control': 'no-store' },
  };
}
