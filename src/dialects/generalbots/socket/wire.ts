/** Frames of the raw socket (generalbots.md §4). */
import { type Static, Type } from '@sinclair/typebox';
import { exampleValues as example } from '../../../contract/examples/values.ts';
import type { PushDeclaration } from '../../../contract/sockets/frame.ts';
import { limits } from '../../../domain/limits.ts';
import { Attachment, exampleSession, SessionId, Time } from '../wire.ts';

const optional = Type.Optional;
const shown = (...examples: readonly unknown[]) => Type.String({ examples });
const orNull = (schema: ReturnType<typeof Type.String>) =>
  Type.Union([schema, Type.Null()], { examples: [null] });

/** Both forms in one: the document's has `type`, the official client's `message_type`. What it says of itself is not believed. */
export const MessageFrame = Type.Object({
  content: optional(Type.String({ examples: ['Hello'] })),
  session_id: optional(
    Type.Union([SessionId, Type.Null()], {
      description:
        "Absent: the socket's own. Another one of the caller, or a guest's: the socket follows it, too",
      examples: [exampleSession],
    }),
  ),
  client_message_id: optional(
    Type.Union([Type.String({ minLength: 1, maxLength: limits.clientIdCharsMax }), Type.Null()], {
      description: 'A repeated message with it is stored once; the ack repeats it',
      examples: ['8f14e45f-ea9d-4c27-9c1b-0d5b3f6c2a11'],
    }),
  ),
  stream: optional(Type.Boolean({ description: 'The answer comes in pieces', examples: [true] })),
  message_type: optional(
    Type.Integer({ description: '1: text; 3: continue. Nothing else is for clients', examples: [1] }),
  ),
  media_url: optional(Type.Union([Type.String({ maxLength: 2_048 }), Type.Null()], { examples: [null] })),
});
export type MessageFrame = Static<typeof MessageFrame>;

export const TypingFrame = Type.Object({ session_id: optional(Type.Union([SessionId, Type.Null()])) });
export const PingFrame = Type.Object({});

export const Ack = Type.Object(
  {
    type: Type.Literal('ack'),
    client_message_id: orNull(Type.String()),
    message_id: shown(example.message),
    timestamp: Time,
  },
  { description: 'It is stored for good' },
);
export const Pong = Type.Object({ type: Type.Literal('pong'), timestamp: Time });

export const Connected = Type.Object({
  type: Type.Literal('connected'),
  session_id: SessionId,
  conversation_id: shown(example.conversation),
  user_id: shown(example.user),
  bot_id: shown(example.agent),
  message: Type.Literal('Connected to bot server'),
  tools: Type.Array(Type.Unknown(), { examples: [[]] }),
  access_token: optional(Type.String({ description: 'Of a new guest', examples: [example.accessToken] })),
  expires_at: optional(Type.String({ description: 'When that ends', examples: [example.at] })),
});

const ofMessage = {
  type: Type.Literal('message'),
  message_id: shown(example.message),
  timestamp: Time,
  user_id: shown(example.user),
  session_id: SessionId,
  channel: Type.Literal('web'),
  content: shown('Hello'),
  attachments: Type.Array(Attachment),
};
export const Mirror = Type.Object({
  ...ofMessage,
  sender: Type.Literal('user'),
  message_type: Type.Literal(1),
});
export const Suggestion = Type.Object({
  text: Type.String({ maxLength: 1_000, examples: ['Tell me more'] }),
  context: optional(orNull(Type.String({ maxLength: 1_000 }))),
});
export const BotMessage = Type.Object({
  ...ofMessage,
  sender: Type.Literal('bot'),
  bot_id: shown(example.agent),
  message_type: Type.Literal(2),
  stream_token: Type.Null(),
  is_complete: Type.Boolean({ description: 'False: a piece, more of this message follow', examples: [true] }),
  full_content: optional(
    Type.String({
      description: 'At the end of pieces: all of it, whatever came before',
      examples: ['Hello'],
    }),
  ),
  suggestions: Type.Array(Suggestion),
  context_name: Type.Null(),
  context_length: Type.Literal(0),
  context_max_length: Type.Literal(0),
});
export const BotTyping = Type.Object({
  type: Type.Literal('typing'),
  sender: Type.Literal('bot'),
  session_id: SessionId,
});
export const ErrorFrame = Type.Object({
  type: Type.Literal('error'),
  code: shown('invalid_message'),
  message: shown('content is too long (limit 10000).'),
  client_message_id: optional(Type.String()),
  retry_after_ms: optional(Type.Integer()),
});
export const errorExample = {
  type: 'error',
  code: 'invalid_message',
  message: 'content is too long (limit 10000).',
};

/** What the server sends unasked. */
export const botPushes: readonly PushDeclaration[] = [
  { name: 'connected', summary: 'The first frame: what the socket is bound to.', schema: Connected },
  {
    name: 'message.bot',
    summary:
      'An answer: one frame, whole. With `stream` its pieces, then one without content and with all of it as `full_content`. Content that is JSON of `{event, data}` is an event of the bot.',
    schema: BotMessage,
  },
  {
    name: 'message.user',
    summary: 'A message that was sent over HTTP, by another API, or by another socket of the session.',
    schema: Mirror,
  },
  { name: 'typing', summary: 'The bot is writing.', schema: BotTyping },
];
