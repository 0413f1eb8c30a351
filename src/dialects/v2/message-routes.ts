/** /api/v2/conversations/{id}/messages: send, list. */
import { Type } from '@sinclair/typebox';
import { type Operation, operation } from '../../contract/operation.ts';
import type { Outcome } from '../../core/bus.ts';
import { plainPost } from '../../domain/command.ts';
import type { EventOf } from '../../domain/event.ts';
import { limits } from '../../domain/limits.ts';
import { Problem } from '../../domain/problem.ts';
import { admit, type V2Deps } from './caller.ts';
import { truncated } from './conversation-routes.ts';
import { canonical } from './decode.ts';
import { encodeMessage } from './encode.ts';
import { type Reading, readingOf, readMessages } from './reading.ts';
import { entry, errors, hidden, noConversation, say, Unprocessable } from './refuse.ts';
import {
  v2BodyBytesMax as bodyBytesMax,
  ConversationPath,
  Message,
  MessageCreate,
  MessagesQuery,
} from './wire.ts';

const path = '/api/v2/conversations/:conversation_id/messages';

export function messageRoutes(deps: V2Deps): readonly Operation[] {
  return [send(deps), list(deps)];
}

function send(deps: V2Deps): Operation {
  return operation(
    {
      id: 'v2.sendMessage',
      rate: 'send',
      method: 'POST',
      path,
      summary: 'Sends a message; the answer means that it is durable. An Idempotency-Key sends it once',
      access: 'principal',
      admit,
      schemas: { params: ConversationPath, body: MessageCreate },
      responses: {
        201: { description: 'The message; of a retry, the first one', schema: Message },
        ...errors(400, 401, 403, 404, 409, 413),
      },
      bodyBytesMax,
    },
    async (request) => {
      const { body, params, idempotencyKey: clientId, dataClass, policyRef, env } = request;
      const named = body.conversation_id ?? params.conversation_id;
      if (canonical(named) !== canonical(params.conversation_id)) {
        const msg = 'Value error, conversation_id must be that of the path';
        return new Unprocessable([entry('value_error', ['body', 'conversation_id'], msg, named)]);
      }
      const reading = await readingOf(deps, request);
      if (reading instanceof Problem) return reading;
      const command = { ...plainPost(body.body), clientId };
      const context = deps.bus.context(reading.id, { dataClass, policyRef, env });
      const outcome = await deps.bus.dispatch(reading.caller, command, context);
      if (outcome instanceof Problem) return hidden(outcome);
      const posted = await postedBy(deps, reading, outcome);
      if (posted instanceof Problem) return posted;
      // Nobody else has read it: a retry has the same body.
      return { status: 201, body: encodeMessage(deps.ids, outcome.ref, posted, null) };
    },
  );
}

/** As it was posted, also when it was edited before its retry came. */
async function postedBy(
  { bus }: V2Deps,
  { caller, id, env }: Reading,
  { events, duplicate }: Outcome,
): Promise<EventOf<'message.posted'> | Problem> {
  const event = events.at(-1);
  if (event?.type === 'message.posted') return event;
  if (duplicate === null) return new Problem('internal');
  const found = await bus.entry(caller, id, duplicate.messageId, env);
  if (found instanceof Problem) return hidden(found);
  if (found === null || found.event.type !== 'message.posted' || found.deletedAt !== null) {
    return say('conflict', 'This message was deleted');
  }
  if (found.editCount === 0) return found.event;
  const versions = await bus.versions(caller, id, [duplicate.messageId], env);
  if (versions instanceof Problem) return hidden(versions);
  const first = versions[0];
  return first?.type === 'message.posted' ? first : found.event;
}

function list(deps: V2Deps): Operation {
  return operation(
    {
      id: 'v2.listMessages',
      method: 'GET',
      path,
      summary: 'All messages of a conversation, ascending',
      access: 'principal',
      admit,
      schemas: { params: ConversationPath, query: MessagesQuery },
      responses: {
        200: {
          description: 'A bare array; X-Messages-Truncated: true where there are more than one answer holds',
          schema: Type.Array(Message),
        },
        ...errors(401, 403, 404),
      },
    },
    async (request) => {
      const { limit, before } = request.query;
      const reading = await readingOf(deps, request);
      if (reading instanceof Problem) return reading;
      const bounds = await boundsOf(deps, reading, limit, before);
      if (bounds instanceof Problem) return bounds;
      const found = await readMessages(deps.bus, reading, bounds);
      if (found instanceof Problem) return found;
      const { ref, messages, readers, isTruncated } = found;
      const body = messages.map((message) => encodeMessage(deps.ids, ref, message, readers));
      // Whoever asks for so many gets them.
      const isCut = isTruncated && messages.length < (limit ?? Infinity);
      return { status: 200, body, ...truncated(isCut) };
    },
  );
}

async function boundsOf(
  { bus }: V2Deps,
  { caller, id, env }: Reading,
  limit: number | undefined,
  before: string | undefined,
): Promise<{ messages: number; charsMax: number; beforeSeq?: number } | Problem> {
  const bounds = { messages: limit ?? limits.messagesListedMax, charsMax: limits.messagesListedBytesMax };
  if (before === undefined) return bounds;
  const there = await bus.stateFor(caller, id, env);
  if (there instanceof Problem) return hidden(there);
  if (!there.state.participants.has(caller.id)) return noConversation();
  const found = await bus.entry(caller, id, canonical(before), env);
  if (found instanceof Problem) return hidden(found);
  return found === null
    ? say('not_found', 'Message not found')
    : { ...bounds, beforeSeq: found.event.seq ?? 0 };
}
