/** POST /conversations/start: for users, and for anybody. */
import type { Static } from '@sinclair/typebox';
import { fieldProblem } from '../../contract/checking/field-errors.ts';
import { exampleValues as example } from '../../contract/examples/values.ts';
import { type Operation, type OperationRequest, operation, type Reply } from '../../contract/operation.ts';
import type { PrincipalId } from '../../domain/ids.ts';
import { guestTenant } from '../../domain/limiting/guest-limits.ts';
import type { Principal } from '../../domain/principal.ts';
import { Problem } from '../../domain/problem.ts';
import { formatMicros } from '../../domain/time.ts';
import type { NewGuest } from '../../ports/identity/identity-service.ts';
import { refuseInitialMessage } from './decode.ts';
import { type ChatDeps, isGuest, saidIn } from './deps.ts';
import { statusOf } from './encode.ts';
import { metered } from './metered.ts';
import { errors } from './refuse.ts';
import { sendMessage } from './send-message.ts';
import { findBot, startConversation } from './start-conversation.ts';
import { exampleSession, Started, StartRequest } from './wire.ts';

type StartBody = Static<typeof StartRequest>;
type StartRequestOf = OperationRequest<unknown, unknown, StartBody>;

export function startRoute(deps: ChatDeps): Operation {
  return operation(
    {
      id: 'generalbots.startConversation',
      method: 'POST',
      path: '/conversations/start',
      summary: 'Begins a conversation with a bot. Without a credential the caller becomes a guest.',
      access: 'open',
      rate: 'send',
      schemas: { body: StartRequest },
      responses: {
        201: { description: 'It has begun; the bot answers later', schema: Started },
        200: { description: 'It had begun: the same Idempotency-Key came before', schema: Started },
        ...errors(400, 401, 404, 409, 429, 503),
      },
      example: {
        body: { bot_id: 'default', initial_message: 'Hello' },
        response: {
          ...{ conversation_id: example.conversation, session_id: exampleSession, status: 'active' },
          ...{ bot_id: example.agent, created_at: example.at },
        },
      },
    },
    async (request) => {
      const { body, caller, address } = request;
      const refused = refuseStart(body);
      if (refused !== null) return refused;
      const bot = await findBot(deps, caller?.tenant ?? guestTenant, body.bot_id);
      if (bot instanceof Problem) return bot;
      if (caller !== null && !isGuest(caller)) {
        const begun = (): Promise<Reply | Problem> => begin(deps, request, bot.id, { principal: caller });
        return body.initial_message === undefined
          ? await begun()
          : await metered(deps.windows, caller, 'chat-message', begun);
      }
      return await metered(deps.windows, { address }, 'guest-session', async () => {
        const guest = caller === null ? await deps.guests.admit() : { principal: caller };
        return guest instanceof Problem ? guest : await begin(deps, request, bot.id, guest);
      });
    },
  );
}

function refuseStart({ bot_id: bot, initial_message: text }: StartBody): Problem | null {
  if (bot.trim() === '') return fieldProblem([{ path: 'bot_id', reason: 'too_short', limit: 1 }]);
  return text === undefined ? null : refuseInitialMessage(text);
}

/** What is said first is stored before the answer. */
async function begin(
  deps: ChatDeps,
  request: StartRequestOf,
  bot: PrincipalId,
  who: { readonly principal: Principal } & Partial<NewGuest>,
): Promise<Reply | Problem> {
  const { idempotencyKey: key, serviceId, body } = request;
  const { principal, token, expiresAt } = who;
  const context = saidIn(request);
  const begun = await startConversation(deps, principal, {
    ...{ bot: { id: bot }, session: deps.sessions.newId(), context },
    // The same key of the same caller is the same conversation.
    conversation:
      key === null
        ? deps.bus.newConversationId()
        : deps.ids.fromName(JSON.stringify(['generalbots', principal.tenant, principal.id, key])),
    service: serviceId ?? principal.service,
  });
  if (begun instanceof Problem) return begun;
  const { initial_message: content } = body;
  if (content !== undefined) {
    const message = { content, attachments: [], clientId: key === null ? null : 'initial-message' };
    const sent = await sendMessage(deps, { principal }, begun, message, context);
    if (sent instanceof Problem) return sent;
  }
  const { ref, state } = begun;
  const answer = {
    ...{ conversation_id: ref.conversation, session_id: begun.begun.id, status: statusOf(state.stage) },
    ...{ bot_id: bot, created_at: formatMicros(state.createdAt) },
    ...(token === undefined ? {} : { access_token: token }),
    ...(expiresAt === undefined ? {} : { expires_at: formatMicros(expiresAt) }),
  };
  return { status: begun.isRepeated ? 200 : 201, body: answer };
}
