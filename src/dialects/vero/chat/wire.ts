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
/** A malformed id in a body is 400, in a path 404 (vero.md §1). */
const uuidPattern = '^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$';
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

export const ClientId = Type.String({
  minLength: 1,
  maxLength: limits.clientIdCharsMax,
  pattern: '^[\\x21-\\x7e]+$',
  description: 'The same id again, with the same content, answers with the first message',
  examples: ['m-1'],
});
const Uuid = (description: string, shown: string) =>
  Type.String({ pattern: uuidPattern, description, examples: [shown] });

export const SendRequest = Type.Object({
  conversation_id: Uuid('Where to', example.conversation),
  content_text: Type.Optional(
    Type.String({
      description: 'At most 10,000 code points; not blank without media',
      examples: ['The ship is in.'],
    }),
  ),
  content_type: Type.Optional(ContentType),
  content_meta: Type.Optional(Type.String({ description: 'At most 16,384 bytes, opaque' })),
  reply_to_id: Type.Optional(nullable(Uuid('A message of the same conversation', example.event))),
  thread_role: Type.Optional(ThreadRole),
  task_id: Type.Optional(Type.String({ maxLength: 128 })),
  is_internal: Type.Optional(Type.Boolean({ description: 'Of agents and services: people do not see it' })),
  client_message_id: Type.Optional(ClientId),
  media_ids: Type.Optional(
    Type.Array(Uuid('Confirmed media of the sender', example.event), { maxItems: 10 }),
  ),
});

export const EditMessageRequest = Type.Object({
  content_text: Type.String({ examples: ['The ship was in.'] }),
  content_meta: Type.Optional(Type.String({ description: 'Absent: as it is' })),
});
export const EditedBody = Type.Object({
  message_id: Shown(example.message),
  content_text: Shown('The ship was in.'),
  edit_count: Type.Integer({ examples: [1] }),
  edited_at: nullable(Time),
});

export const ReactRequest = Type.Object({
  emoji: Type.String({ description: '1-64 bytes, without white space', examples: ['👍'] }),
  conversation_id: Type.Optional(nullable(Uuid('Where the message is', example.conversation))),
});
export const ReactedBody = Type.Object({ action: literals(['added', 'removed'] as const) });

const Place = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER - 1 });
export const SyncRequest = Type.Object({
  conversations: Type.Array(
    Type.Object({
      conversation_id: Uuid('Each once', example.conversation),
      last_seq: Type.Integer({ ...Place, description: 'Newest seq that the caller has', examples: [3] }),
      last_rev: Type.Optional(
        Type.Integer({
          ...Place,
          description: '`current_rev` of the last sync: asks for `updates`',
          examples: [5],
        }),
      ),
    }),
    { minItems: 1, maxItems: limits.syncedConversationsMax },
  ),
});
export const SyncBatch = Type.Object(
  {
    conversation_id: Shown(example.conversation),
    messages: Type.Array(Message),
    current_seq: Type.Integer({ examples: [4] }),
    has_more: Type.Boolean({ description: 'Ask again from here', examples: [false] }),
    updates: Type.Array(Message, { description: 'Changed since last_rev, by rev', examples: [[]] }),
    current_rev: Type.Integer({ description: 'last_rev of the next sync', examples: [7] }),
    deleted: Type.Boolean({ examples: [false] }),
    error: Type.Optional(Type.Literal('not_found')),
  },
  { title: 'SyncBatch' },
);
export type SyncBatch = Static<typeof SyncBatch>;
export const SyncBody = Type.Object({ batches: Type.Array(SyncBatch) });

export const ForwardRequest = Type.Object({
  message_id: Uuid('What is forwarded', example.message),
  conversation_ids: Type.Array(Uuid('Where to', example.conversation), {
    minItems: 1,
    maxItems: limits.forwardTargetsMax,
  }),
  client_message_id: Type.Optional(ClientId),
});
export const ForwardedBody = Type.Object({ forwarded: Type.Array(Message) });
