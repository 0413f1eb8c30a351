/** Messages of sessions: sent, read (eliza.md §4). */
import type { Static } from '@sinclair/typebox';
import { type Operation, type OperationRequest, operation, type Reply } from '../../../contract/operation.ts';
import { overloaded } from '../../../domain/limiting/overload.ts';
import { limits } from '../../../domain/limits.ts';
import { Problem } from '../../../domain/problem.ts';
import type { TimedSession } from '../../../ports/agents/timed-sessions.ts';
import { callerOf } from '../caller.ts';
import type { ElizaDeps } from '../deps.ts';
import { refuseAuthor, saidIn } from '../messaging/acting.ts';
import { shownMetadata } from '../messaging/kept.ts';
import type { ChannelMessage } from '../messaging/messages/channel-message.ts';
import { decodeReference, refuseRaw } from '../messaging/messages/decode-message.ts';
import { listedRow, sourceTypeOf } from '../messaging/messages/encode-message.ts';
import { replyBy } from '../messaging/messages/heard-answer.ts';
import { enterChannel } from '../messaging/messages/post-to-channel.ts';
import { readMessages, type ShownMessage } from '../messaging/messages/read-messages.ts';
import { decodeTransport, type Transport } from '../messaging/messages/transport.ts';
import { elizaBodyBytesMax } from '../wire.ts';
import { decodeMetadata, decodePage, refuseContent } from './decode-session.ts';
import { sessionStatus } from './encode-session.ts';
import { foundSession, userOf } from './found-session.ts';
import { errors, invalidContent, notSent } from './refusals.ts';
import {
  BySession,
  History,
  type HistoryMessage,
  HistoryQuery,
  SentMessage,
  SessionMessage,
} from './wire.ts';

const path = '/api/messaging/sessions/:sessionId/messages';

export function sessionMessageRoutes(deps: ElizaDeps): readonly Operation[] {
  return [send(deps), list(deps)];
}

function send(deps: ElizaDeps): Operation {
  return operation(
    {
      id: 'eliza.sendSessionMessage',
      method: 'POST',
      path,
      summary: 'Says something to the agent of a session, which renews it where that is automatic',
      access: 'principal',
      rate: 'send',
      bodyBytesMax: elizaBodyBytesMax,
      schemas: { params: BySession, body: SessionMessage },
      responses: {
        201: { description: 'Stored; with `http` also what the agent said', schema: SentMessage },
        ...errors(400, 401, 403, 404, 409, 410, 413, 429, 503),
      },
    },
    async (request) => {
      const { body, params } = request;
      const transport = decodeTransport(body);
      if (transport instanceof Problem) return invalidContent(transport.message);
      if (typeof body.content !== 'string') return invalidContent('Invalid message request format');
      const session = await foundSession(deps, callerOf(request), params.sessionId);
      if (session instanceof Problem) return session;
      const message = decodeSaid(session, { ...body, content: body.content }, request.idempotencyKey);
      return message instanceof Problem ? message : await say(deps, request, session, message, transport);
    },
  );
}

function decodeSaid(
  { conversation, user }: TimedSession,
  body: SessionMessage & { readonly content: string },
  clientId: string | null,
): ChannelMessage | Problem {
  const { content, attachments } = body;
  const refused = refuseContent(content);
  if (refused !== null) return refused;
  const metadata = decodeMetadata(body.metadata);
  if (metadata instanceof Problem) return metadata;
  const rawMessage = { content, ...(attachments === undefined ? {} : { attachments }) };
  const tooLarge = refuseRaw(rawMessage, content);
  if (tooLarge !== null) return tooLarge;
  const messageId = decodeReference(body.messageId, 'messageId');
  if (messageId instanceof Problem) return invalidContent(messageId.message);
  if ((clientId?.length ?? 0) > limits.clientIdCharsMax) return invalidContent('Idempotency-Key is too long');
  return {
    ...{ channel: conversation, server: null, author: user, content, metadata, replyTo: null },
    ...{ messageId, clientId, facts: { sourceType: 'user', rawMessage } },
  };
}

/** What the channel says of itself comes with each message, and what the client says of this one wins. */
async function say(
  deps: ElizaDeps,
  request: OperationRequest<{ readonly sessionId: string }, unknown, unknown>,
  session: TimedSession,
  message: ChannelMessage,
  transport: Transport,
): Promise<Reply | Problem> {
  const caller = callerOf(request);
  const refused = refuseAuthor(caller, session.user);
  if (refused !== null) return refused;
  const used = await deps.sessions.use(session);
  if (used instanceof Problem) return used;
  if (used === null) {
    const gone = await foundSession(deps, caller, session.id);
    return gone instanceof Problem ? gone : overloaded('contention');
  }
  const said = saidIn(request);
  const place = await enterChannel(deps, caller, { ...message, metadata: {} }, said);
  if (place instanceof Problem) return place;
  const metadata = { ...shownMetadata(place.state.metadata), sessionId: session.id, ...message.metadata };
  const saying = {
    ...{ place: { ...place, agent: session.agent }, message: { ...message, metadata }, said },
    client: request,
  };
  const status = sessionStatus(used, deps.sessions.now());
  const reply = await replyBy(deps, transport, saying, { sessionStatus: status });
  if (reply instanceof Problem) return notSent(session.id, reply);
  if (transport === 'sse') return reply;
  return { ...reply, body: { ...(reply.body as object), data: reply.body } };
}

function list(deps: ElizaDeps): Operation {
  return operation(
    {
      id: 'eliza.listSessionMessages',
      method: 'GET',
      path,
      summary: 'The newest messages of a session, those before a time, or the oldest that follow one',
      access: 'principal',
      schemas: { params: BySession, query: HistoryQuery },
      responses: {
        200: { description: 'Newest first', schema: History },
        ...errors(400, 401, 404, 410, 429, 503),
      },
    },
    async (request) => {
      const caller = callerOf(request);
      const session = await foundSession(deps, caller, request.params.sessionId);
      if (session instanceof Problem) return session;
      const range = decodePage(request.query);
      if (range instanceof Problem) return range;
      const reader = userOf(caller, session);
      const page = await readMessages(deps, reader, session.conversation, range, saidIn(request));
      if (page instanceof Problem) return page;
      const messages = page.messages.map(historyMessage);
      const [newest, oldest] = [page.messages[0], page.messages.at(-1)];
      const cursors =
        newest === undefined || oldest === undefined
          ? {}
          : { cursors: { before: Date.parse(oldest.event.at), after: Date.parse(newest.event.at) } };
      return { status: 200, body: { messages, hasMore: page.hasMore, ...cursors } };
    },
  );
}

function historyMessage(message: ShownMessage): Static<typeof HistoryMessage> {
  const { id, content, authorId, createdAt, metadata } = listedRow(message);
  const { event } = message;
  const isAgent = event.actor.kind === 'agent' || sourceTypeOf(event) === 'agent_response';
  return { id, content, authorId, isAgent, createdAt, metadata };
}
