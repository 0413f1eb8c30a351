/** Bodies and parameters of the REST half (generalbots.md §2 and §3). */
import { type Static, type TSchema, Type } from '@sinclair/typebox';
import { exampleValues as example } from '../../contract/examples/values.ts';
import { limits } from '../../domain/limits.ts';

const optional = Type.Optional;
const shown = (...examples: readonly unknown[]) => Type.String({ examples });

/** Random, and told to its owner alone. */
export const exampleSession = '7c9e6679-7425-40de-944b-e07fc1f90ae7';

export const SessionId = Type.String({
  description: 'UUIDv4; that of a guest is all that its client needs: keep it secret',
  examples: [exampleSession],
});
export const Time = shown(example.at);
export const Status = Type.Union([Type.Literal('active'), Type.Literal('archived')], {
  examples: ['active'],
});

export const ErrorBody = Type.Object({
  error: Type.String({ description: 'What went wrong, in snake case', examples: ['not_found'] }),
  message: Type.String({ description: 'A sentence for people', examples: ['There is no such thing.'] }),
  code: Type.String({ description: '`error` in upper case', examples: ['NOT_FOUND'] }),
});

const characters = `1 to ${limits.chatMessageCharsMax} characters`;
const ClientId = Type.String({
  minLength: 1,
  maxLength: limits.clientIdCharsMax,
  description: 'A repeated message with it is stored once',
  examples: ['8f14e45f-ea9d-4c27-9c1b-0d5b3f6c2a11'],
});

export const Attachment = Type.Object({
  url: Type.String({
    maxLength: 2_048,
    description: 'https',
    examples: ['https://files.example.org/map.png'],
  }),
  type: optional(Type.String({ maxLength: 50, examples: ['image'] })),
  filename: optional(Type.String({ maxLength: limits.filenameCharsMax, examples: ['map.png'] })),
  mime_type: optional(Type.String({ maxLength: 127, examples: ['image/png'] })),
  size: optional(Type.Integer({ minimum: 0, examples: [20_480] })),
});
export type Attachment = Static<typeof Attachment>;

export const StartRequest = Type.Object({
  bot_id: Type.String({
    minLength: 1,
    maxLength: limits.principalIdCharsMax,
    description: 'Id of an agent, or the slug of its name; `default` is always there',
    examples: ['default'],
  }),
  initial_message: optional(Type.String({ description: characters, examples: ['Hello'] })),
});
export const Started = Type.Object({
  conversation_id: shown(example.conversation),
  session_id: SessionId,
  status: Status,
  bot_id: shown(example.agent),
  created_at: Time,
  access_token: optional(
    Type.String({ description: 'Of a new guest: for what follows', examples: [example.accessToken] }),
  ),
  expires_at: optional(Type.String({ description: 'When that ends', examples: [example.at] })),
});

export const ById = Type.Object({ id: shown(example.conversation) });
export const MessageRequest = Type.Object({
  content: optional(
    Type.String({
      description: `${characters}; with attachments it may be empty or absent`,
      examples: ['User message'],
    }),
  ),
  attachments: optional(Type.Array(Attachment, { maxItems: limits.chatAttachmentsMax, examples: [[]] })),
  client_message_id: optional(ClientId),
});
export type MessageRequest = Static<typeof MessageRequest>;
export const Delivered = Type.Object({
  message_id: shown(example.message),
  timestamp: Time,
  status: Type.Literal('delivered', { description: 'Stored for good' }),
});

export const HistoryQuery = Type.Object({
  limit: optional(Type.Integer({ minimum: 1, maximum: limits.chatPageMax, default: 50 })),
  before: optional(Type.String({ description: 'RFC 3339 with its zone; exclusive', examples: [example.at] })),
  after: optional(Type.String({ description: 'RFC 3339 with its zone; exclusive', examples: [example.at] })),
});
export const HistoryMessage = Type.Object({
  id: shown(example.message),
  sender: Type.Union([Type.Literal('user'), Type.Literal('bot')], { examples: ['user'] }),
  content: shown('Hello'),
  timestamp: Time,
  attachments: Type.Array(Attachment),
  message_type: Type.Integer({ description: '1: of a user; 2: of a bot', examples: [1] }),
});
export type HistoryMessage = Static<typeof HistoryMessage>;
export const HistoryPage = Type.Object({
  messages: Type.Array(HistoryMessage, { description: 'Ascending' }),
  has_more: Type.Boolean({ examples: [false] }),
});

export const ListQuery = Type.Object({
  bot_id: optional(Type.String({ maxLength: limits.principalIdCharsMax, examples: ['default'] })),
  status: optional(Status),
  limit: optional(Type.Integer({ minimum: 1, maximum: limits.chatPageMax, default: 50 })),
  offset: optional(Type.Integer({ minimum: 0, maximum: 1_000_000, default: 0 })),
});
const nullable = (schema: TSchema, examples: readonly unknown[]) =>
  Type.Union([schema, Type.Null()], { examples });
export const Item = Type.Object({
  id: shown(example.conversation),
  bot_id: shown(example.agent),
  bot_name: shown('Assistant'),
  last_message: nullable(Type.String({ description: 'At most 200 characters of it' }), ['Hello']),
  last_activity: Time,
  status: Status,
});
export type Item = Static<typeof Item>;
export const List = Type.Object({
  conversations: Type.Array(Item, { description: 'Newest activity first' }),
  total: Type.Integer({ description: 'All that match, whatever the page', examples: [1] }),
});
export const StatusRequest = Type.Object({ status: Status });
