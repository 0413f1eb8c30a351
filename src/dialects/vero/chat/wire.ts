/** Bodies of messages (vero.md §3 and §5). Lengths in code points are checked in decode-message.ts. */
import { type SchemaOptions, type Static, type TSchema, Type } from '@sinclair/typebox';
import { exampleValues as example } from '../../../contract/examples/values.ts';
import { limits } from '../../../domain/limits.ts';

const literals = <const T extends readonly string[]>(values: T, options: SchemaOptions = {}) =>
  Type.Union(
    values.map((value) => Type.Literal(value as T[number])),
    options,
  );
export const nullable = <T extends TSchema>(schema: T, options: SchemaOptions = {}) =>
  Type.Union([schema, Type.Null()], options);
export const Time = Type.String({
  format: 'date-time',
  description: 'RFC 3339, UTC, six fraction digits',
  examples: [example.at],
});
const Shown = (...examples: readonly unknown[]) => Type.String({ examples });
const nothing = { examples: [null] };

export const contentTypes = ['text', 'image', 'audio', 'video', 'file', 'task', 'result', 'system'] as const;
export const ContentType = literals(contentTypes);
export type ContentType = Static<typeof ContentType>;
export const ThreadRole = literals(['main', 'aside'] as const);

export const Media = Type.Object(
  {
    id: Shown(example.event),
    status: literals(['pending', 'ready'] as const),
    filename: Shown('harbour.png'),
    content_type: Shown('image/png'),
    size_bytes: Type.Integer({ minimum: 1, examples: [48_213] }),
    width: Type.Optional(Type.Integer()),
    height: Type.Optional(Type.Integer()),
    duration_ms: Type.Optional(Type.Integer()),
    cdn_url: nullable(Type.String(), nothing),
    thumbnail_url: nullable(Type.String(), nothing),
    message_id: nullable(Shown(example.message)),
    uploader_id: Shown(example.user),
    created_at: Time,
  },
  { title: 'Media' },
);
export type Media = Static<typeof Media>;

const Reaction = Type.Object({
  emoji: Shown('👍'),
  count: Type.Integer({ minimum: 1, examples: [1] }),
  user_ids: Type.Array(Shown(example.user)),
});

export const Message = Type.Object(
  {
    id: Shown(example.message),
    conversation_id: Shown(example.conversation),
    seq_num: Type.Integer({ minimum: 1, examples: [4] }),
    sender_id: Shown(example.user),
    sender_type: literals(['human', 'agent'] as const),
    content_type: ContentType,
    content_text: Shown('The ship is in.'),
    content_meta: Type.Optional(
      Type.String({ description: 'Opaque, mostly JSON', examples: ['{"pier":4}'] }),
    ),
    reply_to_id: Type.Optional(Shown(example.event)),
    thread_id: Type.Optional(
      Type.String({ description: 'The message that the chain of replies began with' }),
    ),
    thread_role: ThreadRole,
    task_id: Type.Optional(Type.String()),
    created_at: Time,
    is_internal: Type.Boolean({ description: 'Among agents only' }),
    is_forwarded: Type.Boolean(),
    reactions: Type.Array(Reaction),
    edit_count: Type.Integer({ minimum: 0, examples: [0] }),
    edited_at: nullable(Time, nothing),
    client_message_id: Type.Optional(Shown('m-1')),
    rev: Type.Integer({
      minimum: 1,
      description: 'Grows with each change; of one conversation',
      examples: [7],
    }),
    is_deleted: Type.Boolean({ examples: [false] }),
    deleted_at: Type.Optional(Time),
    media: Type.Optional(Type.Array(Media, { examples: [[]] })),
  },
  { title: 'Message' },
);
export type Message = Static<typeof Message>;

const Seq = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER - 1 });
export const ListMessagesQuery = Type.Object({
  from_seq: Type.Optional(Seq),
  to_seq: Type.Optional(Seq),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: limits.historyPageMax })),
});
export const MessagePage = Type.Object({
  messages: Type.Array(Message),
  current_seq: Type.Integer({ description: 'Of the newest entry of the conversation', examples: [4] }),
  has_more: Type.Boolean({ description: 'Beyond the end that was cut' }),
});
