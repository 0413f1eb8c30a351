/** The native dialect: `GET /v1/socket`, subprotocol `parley.v1` (native.md §1). */
import { readCredentials } from '../../contract/credentials.ts';
import { compileFrames, type Frame, type PushDeclaration } from '../../contract/sockets/frame.ts';
import type { SocketDialect } from '../../contract/sockets/socket.ts';
import type { Bus, LiveBus } from '../../core/bus.ts';

import type { NodeId } from '../../domain/ids.ts';
import { limits } from '../../domain/limits.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Authenticator } from '../../ports/identity/identity-authenticator.ts';
import type { Directory } from '../../ports/identity/identity-service.ts';
import type { RateLimiter } from '../../ports/limits/rate-limiter.ts';
import type { Logger } from '../../ports/logger.ts';
import { commandFrames } from './command-frames.ts';
import { NativeConnection } from './connection.ts';
import { deltaFrame } from './delta-frame.ts';
import { readFrames } from './read-frames.ts';
import { sessionFrames } from './session-frames.ts';
import { ByePush, DeltaPush, EventPush, PulsePush } from './wire.ts';

export interface NativeDeps {
  readonly bus: Bus;
  readonly live: LiveBus;
  readonly authenticator: Authenticator;
  readonly directory: Directory;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly node: NodeId;
  readonly rates: RateLimiter;
}

const subprotocol = 'parley.v1';
const bearerPrefix = 'bearer.';

/** Every frame that a client may send. */
export function nativeFrames(bus: Bus, directory: Directory): readonly Frame<NativeConnection>[] {
  return [...sessionFrames, deltaFrame, ...commandFrames(bus, directory), ...readFrames(bus)];
}

/** What the server sends unasked. */
export const nativePushes: readonly PushDeclaration[] = [
  { name: 'ev', summary: 'A durable event, in position order for each conversation.', schema: EventPush },
  { name: 'delta', summary: 'A piece of a message that is being written.', schema: DeltaPush },
  { name: 'pulse', summary: 'Volatile news.', schema: PulsePush },
  { name: 'bye', summary: 'The connection ends now.', schema: ByePush },
];

export function nativeDialect(deps: NativeDeps): SocketDialect {
  const { live, authenticator, clock, logger, node, rates } = deps;
  const read = compileFrames(nativeFrames(deps.bus, deps.directory));
  const world = { live, authenticator, clock, logger, node, rates, read };
  return {
    path: '/v1/socket',
    frameBytesMax: limits.frameBytesMax,

    /** The first that is present counts: header, key, subprotocol, query, session cookie of an own page. */
    credentials(handshake) {
      const shown = readCredentials(handshake.header('authorization'), handshake.header('x-api-key'), '', []);
      if (shown !== null) return shown;
      const offered = handshake.header('sec-websocket-protocol').split(',');
      const bearer = offered.map((one) => one.trim()).find((one) => one.startsWith(bearerPrefix));
      if (bearer !== undefined) return { bearer: bearer.slice(bearerPrefix.length) };
      const token = handshake.query('token');
      if (token !== undefined) return { bearer: token };
      return handshake.cookie === null ? null : { cookie: handshake.cookie };
    },

    subprotocol: (offered) => (offered.includes(subprotocol) ? subprotocol : null),
    farewell: (_reason, code, retryAfterMs) =>
      JSON.stringify({ bye: { code, retry_after_ms: retryAfterMs } }),
    accept: (peer) => new NativeConnection(world, peer),
  };
}
