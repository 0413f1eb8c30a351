/** POST /v1/chat/messages/send: a message, once for each client id. */
import type { Static } from '@sinclair/typebox';
import { fieldProblem } from '../../../../contract/checking/field-errors.ts';
import { type Operation, operation, type RequestOf } from '../../../../contract/operation.ts';
import type { Outcome } from '../../../../core/bus.ts';
import { type CommandContext, type PostCommand, plainPost } from '../../../../domain/command.ts';
import type { ConversationRef } from '../../../../domain/event.ts';
import { canonicalUuid } from '../../../../domain/ids.ts';
import { Problem } from '../../../../domain/problem.ts';
import { errors } from '../../errors.ts';
import type { ChatDeps } from '../chat-deps.ts';
import { asPosted, type Encoded, encodeMessage } from '../encode-message.ts';
import { bindMedia, isSurelyUnposted, messageOf } from '../media/sent-media.ts';
import { Message, SendRequest } from '../wire.ts';
import { refuseSend } from './decode-message.ts';
import { findIn } from './named-message.ts';
import { postedFirst } from './posted-first.ts';

/** Who sends what, by a request or by a frame. */
export type Sent = Pick<
  RequestOf<{ readonly body: typeof SendRequest }>,
  'body' | 'principal' | 'idempotencyKey' | 'dataClass' | 'policyRef' | 'env'
>;

export interface SentMessage {
  readonly ref: ConversationRef;
  /** As it was when it was posted; of one that was deleted since, its tombstone. */
  readonly message: Encoded;
  readonly isDuplicate: boolean;
}
type Metadata = Record<string, unknown>;

export function sendRoute(deps: ChatDeps): Operation {
  return operation(
    {
      id: 'vero.sendMessage',
      rate: 'send',
      method: 'POST',
      path: '/v1/chat/messages/send',
      summary: 'Sends a message; the answer means that it is durable',
      access: 'principal',
      schemas: { body: SendRequest },
      responses: {
        200: { description: 'It was sent before under this client id: that message', schema: Message },
        201: { description: 'The message', schema: Message },
        ...errors(400, 401, 403, 404, 409, 429, 503),
      },
    },
    async (request) => {
      const sent = await sendMessage(deps, request);
      if (sent instanceof Problem) return sent;
      const { ref, message, isDuplicate } = sent;
      // Nobody has reacted to what was posted just now.
      const looking = { tenant: ref.tenant, view: { blocked: new Set<string>() }, media: deps.media };
      const body = encodeMessage(message, looking);
      return isDuplicate
        ? { status: 200, body, headers: { 'Idempotency-Replayed': 'true' } }
        : { status: 201, body };
    },
  );
}

/** Answers when the message is durable. */
export async function sendMessage(deps: ChatDeps, sent: Sent): Promise<SentMessage | Problem> {
  const refused = refuseSend(sent.body, sent.principal.kind);
  if (refused !== null) return refused;
  const { dataClass, policyRef, env } = sent;
  const conversation = sent.body.conversation_id.toLowerCase();
  const context = deps.bus.context(conversation, { dataClass, policyRef, env });
  const command = await commandOf(deps, sent, context);
  if (command instanceof Problem) return command;
  const outcome = await deps.bus.dispatch(sent.principal, command, context);
  if (sent.body.media_ids !== undefined && isSurelyUnposted(outcome, messageOf(context))) {
    const ids = sent.body.media_ids.map((id) => canonicalUuid(id) ?? id);
    await deps.uploads.detach(sent.principal, ids, messageOf(context));
  }
  return outcome instanceof Problem ? outcome : await sentBy(deps, sent, command, outcome);
}

async function commandOf(
  deps: ChatDeps,
  request: Sent,
  context: CommandContext,
): Promise<PostCommand | Problem> {
  const { body, principal, idempotencyKey } = request;
  const metadata = metadataOf(body, principal.kind !== 'user');
  const replyTo = body.reply_to_id == null ? null : canonicalUuid(body.reply_to_id);
  if (replyTo !== null) {
    const thread = await threadOf(deps, request, replyTo);
    if (thread instanceof Problem) return thread;
    metadata['thread_id'] = thread;
  }
  if (body.media_ids !== undefined && body.media_ids.length > 0) {
    const target = { conversation: context.conversation, message: messageOf(context) };
    const attached = await bindMedia(deps, request, target, [...new Set(body.media_ids)]);
    if (attached instanceof Problem) return (await hiddenFrom(deps, request)) ?? attached;
    const media =
      'media' in attached ? attached.media : await mediaOfFirst(deps, request, attached.attachedTo);
    if (media instanceof Problem) return (await hiddenFrom(deps, request)) ?? media;
    metadata['media'] = media;
  }
  return {
    ...plainPost(body.content_text ?? ''),
    contentType: body.content_type ?? 'text',
    clientId: body.client_message_id ?? idempotencyKey,
    replyTo,
    metadata,
  };
}

/** What other dialects know as metadata: only what is not as usual. */
function metadataOf(body: Static<typeof SendRequest>, maySayInternally: boolean): Metadata {
  const metadata: Metadata = {};
  if (body.content_meta !== undefined) metadata['content_meta'] = body.content_meta;
  if (body.thread_role === 'aside') metadata['thread_role'] = 'aside';
  if (body.task_id !== undefined) metadata['task_id'] = body.task_id;
  if (body.is_internal === true && maySayInternally) metadata['is_internal'] = true;
  return metadata;
}

/** The root of the chain of replies that a reply to this message belongs to. */
async function threadOf(deps: ChatDeps, request: Sent, replyTo: string): Promise<string | Problem> {
  const found = await findIn(deps, request, request.body.conversation_id, replyTo);
  if (!(found instanceof Problem)) {
    const { metadata, reply_to: before } = found.entry.event.data;
    const root = metadata['thread_id'];
    return typeof root === 'string' ? root : (before ?? replyTo);
  }
  if (found.code !== 'not_found') return found;
  const hidden = await hiddenFrom(deps, request);
  if (hidden !== null) return hidden;
  return fieldProblem([{ path: 'reply_to_id', reason: 'unknown' }]);
}

/** Whether it is the conversation or what is named in it that is not there, who takes part may know. */
async function hiddenFrom({ bus }: ChatDeps, { principal, body, env }: Sent): Promise<Problem | null> {
  const there = await bus.stateFor(principal, body.conversation_id.toLowerCase(), env);
  if (there instanceof Problem) return there;
  return there.state.participants.has(principal.id) ? null : new Problem('not_found');
}

/** The media of a message that is sent again: the first try has attached them. */
async function mediaOfFirst(deps: ChatDeps, request: Sent, message: string): Promise<unknown | Problem> {
  const clientId = request.body.client_message_id ?? request.idempotencyKey;
  const found = await findIn(deps, request, request.body.conversation_id, message);
  const isRetry =
    !(found instanceof Problem) && clientId !== null && found.entry.event.client_id === clientId;
  if (isRetry) return found.entry.event.data.metadata['media'];
  return fieldProblem([{ path: 'media_ids', reason: 'attached' }]);
}

async function sentBy(
  deps: ChatDeps,
  request: Sent,
  command: PostCommand,
  { ref, events, duplicate }: Outcome,
): Promise<SentMessage | Problem> {
  if (duplicate !== null) {
    const first = await postedFirst(deps, request, ref, duplicate, command.metadata);
    return first instanceof Problem ? first : { ref, message: first, isDuplicate: true };
  }
  const event = events.at(-1);
  if (event?.type !== 'message.posted') return new Problem('internal');
  return { ref, message: asPosted(event), isDuplicate: false };
}
