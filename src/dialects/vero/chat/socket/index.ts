/** The messaging socket of Vero: `GET /v1/messaging/ws`, subprotocol `vero.v1` (vero.md §8). */
import { compileFrames, type Frame, type FrameForm } from '../../../../contract/sockets/frame.ts';
import type { SocketDialect } from '../../../../contract/sockets/socket.ts';
import type { LiveBus } from '../../../../core/bus.ts';
import { limits } from '../../../../domain/limits.ts';
import type { Clock } from '../../../../ports/clock.ts';
import type { Authenticator } from '../../../../ports/identity/identity-authenticator.ts';
import type { RateLimiter } from '../../../../ports/limits/rate-limiter.ts';
import type { Logger } from '../../../../ports/logger.ts';
import { errorOf } from '../../refuse.ts';
import type { ChatDeps } from '../chat-deps.ts';
import { commandFrames } from './command-frames.ts';
import { VeroConnection } from './connection.ts';
import { openDevices } from './devices.ts';
import { followingFrames } from './following-frames.ts';

export interface VeroSocketDeps {
  readonly chat: ChatDeps;
  readonly live: LiveBus;
  readonly authenticator: Pick<Authenticator, 'authenticate'>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly rates: RateLimiter;
}

export const messagingPath = '/v1/messaging/ws';
const subprotocol = 'vero.v1';
const bearerPrefix = 'bearer.';

/** `action` says what a frame is; its replies are declared whole. */
export const veroFrameForm: FrameForm = { opField: 'action', hasIds: false };

/** Every frame that a client may send. */
export function veroFrames(chat: ChatDeps, live: LiveBus): readonly Frame<VeroConnection>[] {
  return [...followingFrames({ ...chat, live }), ...commandFrames(chat)];
}

export function veroSocketDialect(deps: VeroSocketDeps): SocketDialect {
  const { chat, live, authenticator, clock, logger, rates } = deps;
  const { bus, directory, personal, media } = chat;
  const devices = openDevices({ bus, directory, personal, media, live, clock, logger });
  const read = compileFrames(veroFrames(chat, live), veroFrameForm);
  const world = { live, devices, authenticator, clock, logger, rates, read };
  return {
    path: messagingPath,
    idleSec: limits.messagingIdleSec,
    frameBytesMax: limits.messagingFrameBytesMax,

    /** Tokens made for this socket alone: a credential of requests, cookies among them, is none here. */
    credentials(handshake) {
      const token = handshake.query('token');
      if (token !== undefined) return { messagingToken: token };
      const offered = handshake.header('sec-websocket-protocol').split(',');
      const bearer = offered.map((one) => one.trim()).find((one) => one.startsWith(bearerPrefix));
      return bearer === undefined ? null : { messagingToken: bearer.slice(bearerPrefix.length) };
    },

    subprotocol: (offered) => (offered.includes(subprotocol) ? subprotocol : null),
    // The code of the close says it; clients of this API know no farewell.
    farewell: () => null,
    refuse: (problem, requestId) => ({ error: errorOf(problem), request_id: requestId }),
    accept: (peer) => new VeroConnection(world, peer),
  };
}
