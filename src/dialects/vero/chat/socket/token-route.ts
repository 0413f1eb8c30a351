/** GET /v1/messaging/token: what opens the messaging socket, and where that is. */
import { Type } from '@sinclair/typebox';
import { exampleValues as example } from '../../../../contract/examples/values.ts';
import { type Operation, operation } from '../../../../contract/operation.ts';
import { limits } from '../../../../domain/limits.ts';
import { Problem } from '../../../../domain/problem.ts';
import { formatMicros } from '../../../../domain/time.ts';
import type { OwnPrincipal } from '../../../../ports/identity/identity-service.ts';
import { errors } from '../../errors.ts';
import { Time } from '../wire.ts';
import { messagingPath } from './index.ts';

const MessagingTokenBody = Type.Object({
  token: Type.String({
    description: `Opens the socket for ${limits.messagingTokenSec} s, and nothing else`,
    examples: [example.accessToken],
  }),
  ws_url: Type.String({ examples: [`ws://127.0.0.1:3000${messagingPath}`] }),
  expires_at: Time,
});

export interface MessagingTokenDeps {
  readonly own: Pick<OwnPrincipal, 'messagingToken'>;
  /** Where clients reach the deployment: `https://host`. */
  readonly publicUrl: () => string;
}

export function messagingTokenRoute({ own, publicUrl }: MessagingTokenDeps): Operation {
  return operation(
    {
      id: 'vero.messagingToken',
      method: 'GET',
      path: '/v1/messaging/token',
      summary: 'Exchanges a credential for a token of the messaging socket',
      access: 'principal',
      schemas: {},
      responses: {
        200: { description: 'Append `?token=` to `ws_url`', schema: MessagingTokenBody },
        ...errors(401, 403, 503),
      },
    },
    async ({ principal }) => {
      const made = await own.messagingToken(principal);
      if (made instanceof Problem) return made;
      const wsUrl = `${publicUrl().replace(/^http/, 'ws')}${messagingPath}`;
      return {
        status: 200,
        body: { token: made.token, ws_url: wsUrl, expires_at: formatMicros(made.expiresAt) },
      };
    },
  );
}
