/** The socket of ElizaOS on Socket.IO. ../README.md says what is imitated and where it differs. */

import type { JsonObject } from '../../../contract/checking/json-text.ts';
import { bearerOf } from '../../../contract/credentials.ts';
import type { EventDialect } from '../../../contract/sockets/event-socket.ts';
import { isSpellingOf, isUuid } from '../../../domain/ids.ts';
import { hasScope, type Principal } from '../../../domain/principal.ts';
import { Problem } from '../../../domain/problem.ts';
import type { ElizaDeps } from '../deps.ts';
import { DisplayNames } from './display-names.ts';
import { ElizaSession } from './eliza-session.ts';
import { openWordings } from './eliza-wording.ts';
import { logEvents } from './log-events.ts';
import { messageEvents } from './message-events.ts';
import { elizaPushes } from './pushes.ts';
import { roomEvents } from './room-events.ts';

export function elizaEventDialect(deps: ElizaDeps): EventDialect {
  const names = new DisplayNames(deps.directory, deps.clock);
  const socketDeps = { ...deps, names, wordings: openWordings(names) };
  return {
    name: 'eliza',
    title: 'ElizaOS on Socket.IO',
    description:
      'Socket.IO v4 (protocol 5, Engine.IO 4) at `/socket.io`, polling or websocket. The credential is `auth.apiKey` or `auth.token`, else that of the headers or the cookie. `auth.entityId`, a UUID, says whom the client speaks for; a client that gives none speaks this vocabulary from its first event on (`join`, `message`…). News come from channels that were joined.',
    events: [...roomEvents, ...messageEvents, ...logEvents],
    pushes: elizaPushes,
    anonymous: deps.anonymous,

    claims: ({ entityId }) => entityId !== undefined && entityId !== null,

    /** The first valid one counts. */
    credentials({ auth, cookie, header }) {
      const said = { bearer: textOf(auth['token']), apiKey: textOf(auth['apiKey']) };
      const sent = { bearer: bearerOf(header('authorization')), apiKey: textOf(header('x-api-key')), cookie };
      return [said, sent].filter((one) => Object.values(one).some((value) => value !== null));
    },

    admit: refuseEntity,

    refuseConnection({ code, reason }) {
      if (code === 'unauthenticated') return 'Invalid or missing API Key';
      return reason === 'invalid_entity' ? 'Valid entityId required' : 'Authentication failed';
    },

    refuseEvent: ({ message: error }) => ({ success: false, error }),

    /** What upstream does not know it passes over. */
    tellRefusal(session, { code, message: error }, event) {
      if (code === 'unknown_op' || !(session instanceof ElizaSession)) return;
      session.send('messageError', { error });
      session.send('error', { error, details: { code, event } });
    },

    accept: (peer, { entityId }) => new ElizaSession(socketDeps, peer, textOf(entityId)),
  };
}

/** A service speaks for anybody of its tenant, others for themselves. */
function refuseEntity(principal: Principal, { entityId }: JsonObject): Problem | null {
  if (typeof entityId !== 'string' || !(isUuid(entityId) || entityId === principal.id)) {
    return new Problem('invalid_request', 'Valid entityId required', { reason: 'invalid_entity' });
  }
  const isOwn = isSpellingOf(entityId, principal.id);
  return isOwn || hasScope(principal, 'cap:messaging.impersonate') ? null : new Problem('forbidden');
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}
