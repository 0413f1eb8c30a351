/**
 * The ElizaOS server over HTTP: one dialect for each body of refusals (eliza.md §1). README.md says what is
 * imitated and where it differs.
 */
import type { HttpDialect, Operation } from '../../contract/operation.ts';
import { agentsRoutes } from './agents/index.ts';
import { audioRoutes } from './audio/audio-routes.ts';
import type { ElizaDeps } from './deps.ts';
import { jobRoutes } from './jobs/job-routes.ts';
import { mediaRoutes } from './media/index.ts';
import { memoryRoutes } from './memory/index.ts';
import { messagingRoutes } from './messaging/index.ts';
import { refuseAsServer, refuseBare, refuseCoded, refuseInText, refuseSessionWith } from './refuse.ts';
import { environmentRoutes } from './server/environment-routes.ts';
import { serverLogRoutes } from './server/log-routes.ts';
import { serverRoutes } from './server/server-routes.ts';
import { timedSessionRoutes } from './sessions/index.ts';
import { BareError, CodedError, refusalOf, ServerError, SessionError, TextError } from './wire.ts';

const headers = { 'Cache-Control': 'no-store' };

export function elizaDialects(deps: ElizaDeps): readonly HttpDialect[] {
  const { anonymous } = deps;
  const shared = { headers, anonymous };
  const media = mediaRoutes(deps);
  const agents: readonly Operation[] = [
    ...[...agentsRoutes(deps), ...memoryRoutes(deps), ...media.agents, ...audioRoutes(deps)],
    ...[...environmentRoutes(deps), ...serverLogRoutes(deps)],
  ];
  const messaging: readonly Operation[] = [...messagingRoutes(deps), ...jobRoutes(deps), ...media.channels];
  const server: readonly Operation[] = serverRoutes(deps);
  const sessions = timedSessionRoutes(deps);
  return [
    {
      ...shared,
      ...{ name: 'eliza', title: 'ElizaOS: agents, memory, audio' },
      description: 'Agents and what they keep, as the server of ElizaOS has them; errors have a code.',
      prefixes: ['/api/agents', '/api/memory', '/api/rooms', '/api/audio', '/api/runs', '/api/logs'],
      operations: agents,
      ...{ refuse: refuseCoded, refusal: refusalOf(CodedError) },
    },
    {
      ...shared,
      ...{ name: 'eliza-messaging', title: 'ElizaOS: messaging' },
      description: 'Message servers, channels, messages and jobs; errors are a text.',
      prefixes: ['/api/messaging', '/api/jobs', '/api/media'],
      operations: messaging,
      ...{ refuse: refuseInText, refusal: refusalOf(TextError) },
    },
    {
      ...shared,
      ...{ name: 'eliza-sessions', title: 'ElizaOS: sessions' },
      description: 'Conversations with one agent that end by themselves.',
      prefixes: ['/api/messaging/sessions'],
      operations: sessions,
      ...{ refuse: refuseSessionWith(deps.clock), refusal: refusalOf(SessionError) },
    },
    {
      ...shared,
      ...{ name: 'eliza-server', title: 'ElizaOS: server' },
      description: 'The server itself: health, logs, settings. Unknown paths below /api end here, too.',
      prefixes: ['/api'],
      operations: server,
      ...{ refuse: refuseAsServer, refusal: refusalOf(ServerError) },
    },
    {
      ...shared,
      ...{ name: 'eliza-media', title: 'ElizaOS: uploaded files' },
      description: 'Files that were uploaded for agents and channels; errors are a bare text.',
      prefixes: ['/media'],
      operations: media.files,
      ...{ refuse: refuseBare, refusal: refusalOf(BareError) },
    },
  ];
}
