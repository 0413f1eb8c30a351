/** Frames of the messaging socket (vero.md §8). Clients say `action`, the server says `type`. */
import { type TObject, Type } from '@sinclair/typebox';
import { exampleValues as example } from '../../../../contract/examples/values.ts';
import type { PushDeclaration } from '../../../../contract/sockets/frame.ts';
import { limits } from '../../../../domain/limits.ts';
import { Message, nullable, Time } from '../wire.ts';

const Shown = (...examples: readonly unknown[]) => Type.String({ examples });
const Seq = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER - 1, examples: [4] });
/** Whether it is the id of anything is found out later: an id that is none is not found. */
const Id = Type.String({ maxLength: limits.principalIdCharsMax, examples: [example.conversation] });
const Ids = Type.Array(Id, { maxItems: limits.conversationsPerMessagingFrameMax });
const Ref = Type.String({ maxLength: limits.clientIdCharsMax, examples: ['r-1'] });

export const ConversationsFrame = Type.Object({ conversation_ids: Ids });
export const SessionFrame = Type.Object({
  session_id: Type.String({ maxLength: limits.principalIdCharsMax, examples: ['s-1'] }),
});
export const AuthFrame = Type.Object({
  token: Type.String({ maxLength: limits.tokenCharsMax, examples: [example.accessToken] }),
});
export const TypingFrame = Type.Object({
  conversation_id: Id,
  state: Type.Optional(Type.Union([Type.Literal('start'), Type.Literal('stop')])),
});
export const ReadFrame = Type.Object({ conversation_id: Id, up_to_seq: Seq, ref: Type.Optional(Ref) });
export const PresenceFrame = Type.Object({
  status: Type.Union([Type.Literal('online'), Type.Literal('away'), Type.Literal('busy')]),
  status_detail: Type.Optional(
    nullable(Type.String({ maxLength: limits.presenceDetailCharsMax, examples: ['at sea'] })),
  ),
});
export const ResumeFrame = Type.Object({
  conversations: Type.Array(Type.Object({ conversation_id: Id, last_seq: Seq }), {
    maxItems: limits.conversationsPerMessagingFrameMax,
  }),
});
export const PingFrame = Type.Object({
  id: Type.Optional(Type.Union([Type.String({ maxLength: limits.frameIdCharsMax }), Type.Integer()])),
});

const replyOf = (type: string, fields: TObject['properties']) =>
  Type.Object({ type: Type.Literal(type), ...fields });

export const Ready = replyOf('ready', {
  payload: Type.Object({
    user_id: Shown(example.user),
    session_id: Shown(example.event),
    heartbeat_sec: Type.Integer({ examples: [limits.heartbeatSec] }),
    server_time: Time,
  }),
});
export const Subscribed = replyOf('subscribed', {
  payload: Type.Array(Id),
  current_seqs: Type.Record(Type.String(), Type.Integer(), { examples: [{ [example.conversation]: 4 }] }),
});
export const Unsubscribed = replyOf('unsubscribed', { payload: Type.Array(Id) });
const SessionId = Type.Object({ session_id: Shown('s-1') });
export const SessionSubscribed = replyOf('session_subscribed', { payload: SessionId });
export const SessionUnsubscribed = replyOf('session_unsubscribed', { payload: SessionId });
export const SendAck = replyOf('ack', {
  ref: Ref,
  payload: Type.Object({
    message_id: Shown(example.message),
    conversation_id: Shown(example.conversation),
    seq_num: Type.Integer({ minimum: 1, examples: [4] }),
    created_at: Time,
    duplicate: Type.Boolean({ description: 'It was sent before', examples: [false] }),
  }),
});
export const ReadAck = replyOf('ack', {
  ref: Type.Optional(Ref),
  payload: Type.Object({
    conversation_id: Shown(example.conversation),
    last_read_seq: Type.Integer({ examples: [4] }),
  }),
});
export const Resumed = replyOf('resumed', {
  payload: Type.Object({
    conversations: Type.Array(
      Type.Object({
        conversation_id: Shown(example.conversation),
        current_seq: Type.Integer({ examples: [4] }),
        has_more: Type.Boolean({ description: 'More was missed than is replayed: sync', examples: [false] }),
      }),
    ),
  }),
});
export const Pong = replyOf('pong', {
  id: Type.Optional(Type.Union([Type.String(), Type.Integer()])),
  server_time: Time,
});

export const ErrorFrame = Type.Object({
  type: Type.Literal('error'),
  payload: Type.String({ description: 'For people' }),
  code: Type.String({ description: 'To decide by' }),
  ref: Type.Optional(Type.String({ description: 'The client_message_id, ref or conversation it is about' })),
  details: Type.Optional(Type.Object({})),
  retry_after_ms: Type.Optional(Type.Integer()),
});
export const errorExample = {
  type: 'error',
  payload: 'There is no such thing, or you may not see it.',
  code: 'not_found',
  ref: example.conversation,
};

const eventOf = (type: string, fields: TObject['properties'], isScoped = true) =>
  Type.Object({
    type: Type.Literal('event'),
    ...(isScoped ? { conversation_id: Shown(example.conversation) } : {}),
    payload: Type.Object({ type: Type.Literal(type), payload: Type.Object(fields) }),
  });
const Conversation = { conversation_id: Shown(example.conversation) };
const Person = { user_id: Shown(example.user) };
const push = (name: string, summary: string, fields: TObject['properties'], isScoped = true) => ({
  ...{ name, summary },
  schema: eventOf(name, fields, isScoped),
});

/** What the server sends unasked: of subscribed conversations, then what concerns the principal itself. */
export const veroPushes: readonly PushDeclaration[] = [
  push('message.created', 'A message', {
    message_id: Shown(example.message),
    seq_num: Type.Integer({ minimum: 1, examples: [4] }),
    is_internal: Type.Optional(Type.Literal(true)),
    message: Message,
  }),
  push('message.edited', 'A message has another text', {
    id: Shown(example.message),
    ...Conversation,
    content_text: Shown('The ship was in.'),
    content_meta: Type.Optional(Type.String()),
    edit_count: Type.Integer({ examples: [1] }),
    edited_at: Time,
  }),
  push('message.deleted', 'A message is gone', {
    id: Shown(example.message),
    ...Conversation,
    seq_num: Type.Integer({ minimum: 1, examples: [4] }),
    deleted_at: Time,
  }),
  push('reaction.updated', 'Somebody reacted, or no longer', {
    message_id: Shown(example.message),
    ...Person,
    emoji: Shown('👍'),
    action: Shown('added'),
  }),
  push('typing.start', 'Somebody writes', { ...Conversation, ...Person, at: Time }),
  push('typing.stop', 'Somebody writes no more', { ...Conversation, ...Person, at: Time }),
  push('presence.updated', 'How somebody is; agents are named by `agent_id`', {
    user_id: Type.Optional(Shown(example.user)),
    agent_id: Type.Optional(Type.String()),
    status: Shown('away'),
    status_detail: Type.Optional(Type.String()),
  }),
  push('conversation.read', 'Somebody has read up to here', {
    ...{ ...Conversation, ...Person },
    last_read_seq: Type.Integer({ examples: [4] }),
    at: Time,
  }),
  push('conversation.updated', 'Name or description, or the role of a participant', {
    ...Conversation,
    name: Type.Optional(nullable(Shown('Harbour'))),
    description: Type.Optional(nullable(Type.String())),
    participant: Type.Optional(Type.Object({ ...Person, role: Shown('owner') })),
    at: Time,
  }),
  push('participant.added', 'Somebody takes part', {
    ...{ ...Conversation, ...Person },
    is_agent: Type.Boolean({ examples: [false] }),
    role: Shown('member'),
    at: Time,
  }),
  push('participant.removed', 'Somebody takes part no more', { ...Conversation, ...Person, at: Time }),
  push(
    'conversation.created',
    'The principal takes part in another conversation',
    {
      ...Conversation,
      contact_name: Type.Optional(Type.String()),
      contact_id: Type.Optional(Type.String()),
      group_name: Type.Optional(Shown('Harbour')),
    },
    false,
  ),
  push('conversation.deleted', 'For everyone', Conversation, false),
  push('conversation.muted', 'By the principal', { ...Conversation, muted_until: Time }, false),
  push('conversation.unmuted', 'By the principal', Conversation, false),
  push('conversation.archived', 'By the principal', { ...Conversation, archived_at: Time }, false),
  push('conversation.unarchived', 'By the principal', Conversation, false),
  push('user.blocked', 'By the principal', Person, false),
  push('user.unblocked', 'By the principal', Person, false),
];
