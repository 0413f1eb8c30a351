/** The Symbia Messaging API on Socket.IO. ../README.md says what is imitated and where it differs. */

import { bearerOf } from '../../../contract/credentials.ts';
import type { EventDialect } from '../../../contract/sockets/event-socket.ts';
import { followingEvents } from './following-events.ts';
import { messageEvents } from './message-events.ts';
import { presenceEvents } from './presence-events.ts';
import { symbiaPushes } from './pushes.ts';
import { refusedAck } from './symbia-event.ts';
import { type SocketDeps, SymbiaSession } from './symbia-session.ts';

const all = [...followingEvents, ...messageEvents, ...presenceEvents];
const wordsOf = new Map(all.map(({ event, words }) => [event.name, words]));

export function symbiaEventDialect(deps: SocketDeps): EventDialect {
  return {
    name: 'symbia',
    title: 'Symbia Messaging API on Socket.IO',
    description:
      'Socket.IO v4 (protocol 5, Engine.IO 4) at `/socket.io`, polling or websocket. The credential is `auth.token` or `auth.apiKey`, else that of the headers or the cookie; without a valid one `connect_error` says `Authentication required`. News of every conversation of the caller come from the moment of `connect` on. An event is acknowledged where its client asks for it.',
    events: all.map(({ event }) => event),
    pushes: symbiaPushes,
    // A token alone does not tell it from other APIs; it is the one that takes whom nobody claims.
    claims: () => false,

    /** What `auth` says, then the headers and the cookie: the first valid one counts, as over REST. */
    credentials({ auth, cookie, header }) {
      const said = { bearer: textOf(auth['token']), apiKey: textOf(auth['apiKey']) };
      const sent = { bearer: bearerOf(header('authorization')), apiKey: textOf(header('x-api-key')), cookie };
      return [said, sent].filter((one) => Object.values(one).some((value) => value !== null));
    },

    refuseConnection: (problem) =>
      problem.code === 'unauthenticated' ? 'Authentication required' : problem.message,

    refuseEvent(problem, event) {
      const words = wordsOf.get(event);
      return words === undefined ? { success: false, error: problem.message } : refusedAck(problem, words);
    },

    accept: (peer) => new SymbiaSession(deps, peer),
  };
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}
