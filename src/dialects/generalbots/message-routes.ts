/** Messages of one conversation: sent, and read again. */
import { exampleValues as example } from '../../contract/examples/values.ts';
import { type Operation, operation } from '../../contract/operation.ts';
import { Problem } from '../../domain/problem.ts';
import { decodeBounds, refuseMessage } from './decode.ts';
import { type ChatDeps, saidIn } from './deps.ts';
import { encodeMessage } from './encode.ts';
import { metered } from './metered.ts';
import { enter } from './place.ts';
import { readHistory } from './read-history.ts';
import { errors } from './refuse.ts';
import { sendMessage } from './send-message.ts';
import { ById, Delivered, HistoryPage, HistoryQuery, MessageRequest } from './wire.ts';

const pageDefault = 50;

export function messageRoutes(deps: ChatDeps): readonly Operation[] {
  return [send(deps), history(deps)];
}

function send(deps: ChatDeps): Operation {
  return operation(
    {
      id: 'generalbots.sendMessage',
      method: 'POST',
      path: '/conversations/:id/messages',
      summary: "Sends a message; the bot's answer comes to the history and to the sockets of the session",
      access: 'principal',
      rate: 'send',
      schemas: { params: ById, body: MessageRequest },
      responses: {
        201: { description: 'Stored', schema: Delivered },
        200: { description: 'It was stored before: the same client id', schema: Delivered },
        ...errors(400, 401, 403, 404, 409, 429, 503),
      },
      example: {
        body: { content: 'User message', attachments: [] },
        response: { message_id: example.message, timestamp: example.at, status: 'delivered' },
      },
    },
    async (request) => {
      const { body, params, principal, idempotencyKey } = request;
      const refused = refuseMessage(body);
      if (refused !== null) return refused;
      return await metered(deps.windows, principal, 'chat-message', async () => {
        const place = await enter(deps, request, params.id);
        if (place instanceof Problem) return place;
        const { content = '', attachments = [], client_message_id: clientId = idempotencyKey } = body;
        const message = { content, attachments, clientId };
        const sent = await sendMessage(deps, request, place, message, saidIn(request));
        if (sent instanceof Problem) return sent;
        const { messageId, timestamp, isRepeated } = sent;
        const answer = { message_id: messageId, timestamp, status: 'delivered' };
        return { status: isRepeated ? 200 : 201, body: answer };
      });
    },
  );
}

function history(deps: ChatDeps): Operation {
  return operation(
    {
      id: 'generalbots.history',
      method: 'GET',
      path: '/conversations/:id/history',
      summary: 'What was said: the newest messages, those before a time, or the oldest after one',
      access: 'principal',
      schemas: { params: ById, query: HistoryQuery },
      responses: {
        200: { description: 'A page, ascending', schema: HistoryPage },
        ...errors(400, 401, 404, 429, 503),
      },
    },
    async (request) => {
      const { params, query, principal } = request;
      const bounds = decodeBounds(query);
      if (bounds instanceof Problem) return bounds;
      return await metered(deps.windows, principal, 'chat-history', async () => {
        const place = await enter(deps, request, params.id);
        if (place instanceof Problem) return place;
        const { limit = pageDefault } = query;
        const page = await readHistory(deps, request, place, { ...bounds, limit });
        if (page instanceof Problem) return page;
        return {
          status: 200,
          body: { messages: page.messages.map(encodeMessage), has_more: page.hasMore },
        };
      });
    },
  );
}
