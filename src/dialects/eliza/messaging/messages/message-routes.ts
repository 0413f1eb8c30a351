/** Messages of a channel: posted, read, deleted (eliza.md §3). */
import type { Static } from '@sinclair/typebox';
import {
  type Operation,
  type OperationRequest,
  operation,
  type Reply,
} from '../../../../contract/operation.ts';
import type { ConversationId, MessageId } from '../../../../domain/ids.ts';
import { limits } from '../../../../domain/limits.ts';
import type { Principal } from '../../../../domain/principal.ts';
import { Problem } from '../../../../domain/problem.ts';
import type { Participant } from '../../../../domain/state.ts';
import { callerOf } from '../../caller.ts';
import type { ElizaDeps } from '../../deps.ts';
import { elizaBodyBytesMax } from '../../wire.ts';
import { contextOf, isUnmanaged, managerOf, refuseAuthor, saidIn } from '../acting.ts';
import { type Channel, inWords, readableChannel } from '../channels/channel.ts';
import { clearChannel } from '../channels/delete-channel.ts';
import { ByChannel } from '../channels/wire.ts';
import { aliased } from '../declared.ts';
import { errors, succeeded } from '../refusals.ts';
import type { ChannelMessage } from './channel-message.ts';
import {
  decodeContent,
  decodeMetadata,
  decodeReference,
  decodeWord,
  invalid,
  isGiven,
  refuseRaw,
  uuidIn,
} from './decode-message.ts';
import { replyBy } from './heard-answer.ts';
import { enterChannel } from './post-to-channel.ts';
import { decodeRange, pageText, readMessages } from './read-messages.ts';
import { decodeTransport } from './transport.ts';
import { ByMessage, ListedMessages, MessagesQuery, Posted, PostRequest } from './wire.ts';

const path = '/api/messaging/channels/:channelId/messages';

export function messageRoutes(deps: ElizaDeps): readonly Operation[] {
  return [post(deps), list(deps), remove(deps), clear(deps)].flatMap((route) => aliased(route));
}

function post(deps: ElizaDeps): Operation {
  return operation(
    {
      id: 'eliza.postMessage',
      method: 'POST',
      path,
      summary: 'Posts a message; a channel that is not there is made. Agents answer to the channel',
      access: 'principal',
      rate: 'send',
      bodyBytesMax: elizaBodyBytesMax,
      schemas: { params: ByChannel, body: PostRequest },
      responses: {
        201: { description: 'Stored; with `http` also what the agent said', schema: Posted },
        ...errors(400, 401, 403, 404, 409, 413, 429, 503),
      },
    },
    async (request) => {
      const { params, body } = request;
      const transport = decodeTransport(body);
      if (transport instanceof Problem) return transport;
      const decoded = decodePost(params.channelId, body, request.idempotencyKey);
      if (decoded instanceof Problem) return decoded;
      const caller = callerOf(request);
      const refused = refuseAuthor(caller, decoded.author);
      if (refused !== null) return refused;
      const said = saidIn(request);
      const place = await enterChannel(deps, caller, decoded, said);
      if (place instanceof Problem) return place;
      return await replyBy(deps, transport, { place, message: decoded, said, client: request });
    },
  );
}

const missing = 'Missing required fields: channelId, message_server_id, author_id, content';

/** The official client names neither author nor server. */
function decodePost(
  channelId: string,
  body: Static<typeof PostRequest>,
  idempotencyKey: string | null,
): ChannelMessage | Problem {
  const channel = uuidIn(channelId);
  const named = isGiven(body.message_server_id) ? body.message_server_id : body.server_id;
  const [server, author] = [uuidIn(named), uuidIn(body.author_id)];
  const content = decodeContent(body.content);
  if (content instanceof Problem) return content;
  const isBad = (isGiven(named) && server === null) || (isGiven(body.author_id) && author === null);
  if (channel === null || content === null || isBad) return invalid(missing);
  const replyTo = decodeReference(body.in_reply_to_message_id, 'in_reply_to_message_id');
  if (replyTo instanceof Problem) return replyTo;
  const messageId = decodeReference(body.messageId, 'messageId');
  if (messageId instanceof Problem) return messageId;
  const sourceType = decodeWord(body.source_type, 'source_type');
  if (sourceType instanceof Problem) return sourceType;
  const metadata = decodeMetadata(body.metadata);
  if (metadata instanceof Problem) return metadata;
  const refused = refuseRaw(body.raw_message, content);
  if (refused !== null) return refused;
  if ((idempotencyKey?.length ?? 0) > limits.clientIdCharsMax) return invalid('Idempotency-Key is too long');
  const { raw_message: rawMessage = null } = body;
  return {
    channel,
    server,
    author,
    content,
    metadata,
    replyTo,
    messageId,
    clientId: idempotencyKey,
    facts: { sourceType: sourceType ?? 'eliza_gui', ...(rawMessage === null ? {} : { rawMessage }) },
    // Who names an author wants an answer, as the pages of upstream do; who names none just says something.
    ...(author === null ? {} : { needsListener: true }),
  };
}

function list(deps: ElizaDeps): Operation {
  return operation(
    {
      id: 'eliza.listMessages',
      method: 'GET',
      path,
      summary:
        'The newest messages of a channel, or those before a time; with `after` the oldest that follow',
      access: 'principal',
      schemas: { params: ByChannel, query: MessagesQuery },
      responses: {
        200: { description: 'Newest first; of an unknown channel none', schema: ListedMessages },
        ...errors(400, 401, 403, 429, 503),
      },
    },
    async (request) => {
      const channel = uuidIn(request.params.channelId);
      if (channel === null) return invalid('Invalid channelId');
      return await pageOf(deps, request, channel);
    },
  );
}

const nothing: Reply = succeeded({ messages: [] });

async function pageOf(
  deps: ElizaDeps,
  request: OperationRequest<unknown, Static<typeof MessagesQuery>, unknown>,
  channel: ConversationId,
): Promise<Reply | Problem> {
  const range = decodeRange(request.query);
  if (range === null) return invalid('before and after must be milliseconds or timestamps');
  const caller = callerOf(request);
  const page = await readMessages(deps, caller, channel, range, saidIn(request));
  if (page instanceof Problem) return page.code === 'not_found' ? nothing : page;
  return { status: 200, text: pageText(page, range, caller), contentType: 'application/json' };
}

function clear(deps: ElizaDeps): Operation {
  return operation(
    {
      id: 'eliza.clearChannel',
      method: 'DELETE',
      path,
      summary: 'Deletes all messages of a channel (services, its owner and admins)',
      access: 'principal',
      schemas: { params: ByChannel },
      responses: {
        204: { description: 'Gone', schema: null },
        ...errors(400, 401, 403, 404, 429, 503),
      },
    },
    async (request) => {
      const channel = uuidIn(request.params.channelId);
      if (channel === null) return invalid('Invalid channelId');
      const failed = await clearChannel(deps, callerOf(request), channel, saidIn(request));
      return failed ?? { status: 204 };
    },
  );
}

/** A message of another channel is not there. */
function remove(deps: ElizaDeps): Operation {
  return operation(
    {
      id: 'eliza.deleteMessage',
      method: 'DELETE',
      path: `${path}/:messageId`,
      summary: 'Deletes a message (services, its author, owner and admins of the channel)',
      access: 'principal',
      schemas: { params: ByMessage },
      responses: { 204: { description: 'Gone', schema: null }, ...errors(400, 401, 403, 404, 429, 503) },
    },
    async (request) => {
      const [channel, message] = [uuidIn(request.params.channelId), uuidIn(request.params.messageId)];
      if (channel === null || message === null) return invalid('Invalid channelId or messageId');
      const caller = callerOf(request);
      const found = await readableChannel(deps, caller, channel, request);
      if (found instanceof Problem) return found;
      const author = isUnmanaged(found.state)
        ? await authorOfMessage(deps, caller, found, message)
        : undefined;
      if (author instanceof Problem) return author;
      const context = deps.bus.context(channel, contextOf(saidIn(request)));
      const outcome = await deps.bus.dispatch(
        managerOf(caller, found.state, author),
        { op: 'delete', message },
        context,
      );
      if (!(outcome instanceof Problem)) return { status: 204 };
      if (outcome.reason !== 'message_not_found') return inWords(outcome);
      // Deleted already is deleted.
      const entry = await deps.bus.entry(caller, channel, message, request.env);
      if (entry instanceof Problem) return entry;
      return entry?.event.type === 'message.posted'
        ? { status: 204 }
        : new Problem('not_found', 'Message not found');
    },
  );
}

/** Undefined: there is no such message, or its author is gone. */
async function authorOfMessage(
  { bus }: Pick<ElizaDeps, 'bus'>,
  caller: Principal,
  { ref, state }: Channel,
  message: MessageId,
): Promise<Participant | undefined | Problem> {
  const entry = await bus.entry(caller, ref.conversation, message, null);
  if (entry instanceof Problem || entry === null) return entry ?? undefined;
  return state.participants.get(entry.event.actor.id);
}
