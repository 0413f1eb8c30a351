/** General Bots, socket half: `GET /ws` and `GET /ws/:bot_name` (generalbots.md §4). */
import { readCredentials } from '../../../contract/credentials.ts';
import { compileFrames, type FrameForm } from '../../../contract/sockets/frame.ts';
import type { Handshake, SocketDialect } from '../../../contract/sockets/socket.ts';
import type { LiveBus } from '../../../core/bus.ts';
import { limits } from '../../../domain/limits.ts';
import { Problem } from '../../../domain/problem.ts';
import type { Credentials } from '../../../ports/identity/identity-authenticator.ts';
import type { RateLimiter } from '../../../ports/limits/rate-limiter.ts';
import type { Logger } from '../../../ports/logger.ts';
import type { ChatDeps } from '../deps.ts';
import { errorOf } from '../refuse.ts';
import { admit, queryNames } from './admission.ts';
import { BotConnection } from './connection.ts';
import { botFrames } from './frames.ts';

export interface BotSocketDeps {
  readonly chat: ChatDeps;
  readonly live: LiveBus;
  readonly logger: Logger;
  readonly rates: RateLimiter;
}

/** `type` says what a frame is; its replies are declared whole. */
export const botFrameForm: FrameForm = { opField: 'type', hasIds: false };
export const botSocketPaths = ['/ws', '/ws/:bot_name'] as const;

export function generalBotsSockets(deps: BotSocketDeps): readonly SocketDialect[] {
  const { chat, live, logger, rates } = deps;
  const read = compileFrames(botFrames(chat), botFrameForm);
  let names = 0;
  const newName = (): string => {
    names += 1;
    return `g/${names}`;
  };
  const world = { chat, live, logger, rates, read, newName };
  return botSocketPaths.map((path) => ({
    path,
    queryNames,
    frameBytesMax: limits.chatFrameBytesMax,
    idleSec: limits.chatIdleSec,
    credentials,
    subprotocol: () => null,
    refuse: errorOf,
    // Clients of this API know no farewell: the code of the close says it.
    farewell: () => null,
    async admit(handshake, principal, context) {
      const admitted = await admit(chat, handshake, principal, context);
      if (admitted instanceof Problem) return admitted;
      const { principal: whose } = admitted.bound;
      return { principal: whose, accept: (peer) => new BotConnection(world, peer, admitted) };
    },
    accept() {
      throw new Error('every socket of this API is admitted');
    },
  }));
}

/** An Authorization that holds no credential that we know is one that is not valid, as in requests. */
function credentials(handshake: Handshake): Credentials | null {
  const authorization = handshake.header('authorization');
  const shown = readCredentials(authorization, handshake.header('x-api-key'), '', []);
  if (shown !== null) return { ...shown, takesGuests: true };
  if (authorization !== '') return { bearer: authorization };
  const token = handshake.query('token');
  if (token !== undefined) return { bearer: token, takesGuests: true };
  return handshake.cookie === null ? null : { cookie: handshake.cookie };
}
