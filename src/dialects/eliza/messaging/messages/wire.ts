/** Message, BusMessage, and what is sent and asked (eliza.md §1 and §3). */
import { type Static, Type } from '@sinclair/typebox';
import { exampleValues as example } from '../../../../contract/examples/values.ts';
import { defaultServer } from '../../wire.ts';
import { successOf } from '../refusals.ts';

const optional = Type.Optional;
const shown = (value: unknown) => ({ examples: [value] });
const Text = (value: string, description?: string) =>
  Type.String({ ...shown(value), ...(description === undefined ? {} : { description }) });
const Anything = (value: unknown, description?: string) =>
  Type.Unknown({ ...shown(value), ...(description === undefined ? {} : { description }) });
export const Metadata = Type.Record(Type.String(), Type.Unknown(), shown({ user_display_name: 'Ada' }));

const rawExample = { text: 'The ship is in.', thought: 'She asked for the ship.' };
const createdMs = Date.parse(example.at);

export const BusMessage = Type.Object({
  id: Text(example.message),
  channel_id: Text(example.conversation),
  message_server_id: Text(defaultServer),
  author_id: Text(example.user),
  content: Text('The ship is in.'),
  created_at: Type.Integer({ ...shown(createdMs), description: 'Milliseconds since 1970' }),
  source_type: Text('eliza_gui'),
  raw_message: optional(Anything(rawExample)),
  metadata: optional(Metadata),
  author_display_name: optional(Text('Ada')),
  in_reply_to_message_id: optional(Text(example.message)),
  source_id: optional(Text('discord-77')),
});
export type BusMessage = Static<typeof BusMessage>;

export const MessageRow = Type.Object({
  id: Text(example.message),
  channelId: Text(example.conversation),
  authorId: Text(example.user),
  content: Text('The ship is in.'),
  rawMessage: optional(Anything(rawExample)),
  sourceType: Text('eliza_gui'),
  sourceId: optional(Text('discord-77')),
  metadata: Metadata,
  inReplyToRootMessageId: Type.Union([Type.String(), Type.Null()], shown(null)),
  createdAt: Type.String({ format: 'date-time', ...shown(example.at) }),
  updatedAt: Type.String({ format: 'date-time', ...shown(example.at) }),
  created_at: optional(Type.Integer(shown(createdMs))),
  updated_at: optional(Type.Integer(shown(createdMs))),
});
export type MessageRow = Static<typeof MessageRow>;

export const ByMessage = Type.Object({
  channelId: Text(example.conversation),
  messageId: Text(example.message),
});

export const MessagesQuery = Type.Object({
  limit: optional(Text('50', 'At most 200, which is also what is no number; 0 answers none')),
  before: optional(Text(String(createdMs), 'Older ones: milliseconds since 1970, or RFC 3339')),
  after: optional(Text('2026-11-20T09:00:00Z', 'Newer ones, the oldest of them; the same forms')),
});

/** `server_id` is what older clients call `message_server_id`. */
const Place = {
  message_server_id: optional(Anything(defaultServer, 'Absent: that of the channel, else the default one')),
  server_id: optional(Anything(defaultServer, 'The same')),
};
const Said = {
  content: optional(Anything('The ship is in.', 'A text that is not empty')),
  in_reply_to_message_id: optional(Anything(example.message)),
  raw_message: optional(
    Anything(rawExample, 'Any JSON up to 16 KB beside a `text` that repeats the content'),
  ),
  metadata: optional(Anything({ user_display_name: 'Ada' }, 'An object up to 16 KB')),
  messageId: optional(Anything(example.message, 'UUID of the message; repeated, the first one is answered')),
};

export const PostRequest = Type.Object({
  ...Place,
  ...Said,
  author_id: optional(Anything(example.user, 'UUID; absent: the caller')),
  source_type: optional(Anything('eliza_gui')),
  transport: optional(Anything('websocket', '`websocket`, `http` or `sse`')),
  mode: optional(Anything('websocket', 'Older: `websocket`, `sync` or `stream`')),
});
export type PostRequest = Static<typeof PostRequest>;

export const AgentResponse = Type.Object({
  text: Text('Welcome.'),
  thought: optional(Anything('She asked for the ship.')),
  actions: optional(Anything(['REPLY'])),
  providers: Type.Array(Type.String(), shown([])),
  responseId: Text(example.message, 'Of the message that the agent posted'),
  inReplyTo: Text(example.message),
  agentId: Text(example.user),
});
export const Posted = Type.Object({
  success: Type.Literal(true),
  userMessage: BusMessage,
  agentResponse: optional(AgentResponse),
});
export const ListedMessages = successOf(Type.Object({ messages: Type.Array(MessageRow) }));

export const OneMessage = successOf(MessageRow);

/** Both spellings: that of the server, and that of the official client. */
export const SubmitRequest = Type.Object({
  ...Place,
  ...Said,
  channel_id: optional(Anything(example.conversation)),
  author_id: optional(Anything(example.user)),
  source_type: optional(Anything('agent_response')),
  channelId: optional(
    Anything(example.conversation, 'camelCase: source type and raw message may be absent then'),
  ),
  messageServerId: optional(Anything(defaultServer)),
  agentId: optional(Anything(example.user, 'The author')),
  authorId: optional(Anything(example.user)),
  inReplyToMessageId: optional(Anything(example.message)),
});

export const CompleteRequest = Type.Object({
  channel_id: optional(Anything(example.conversation)),
  channelId: optional(Anything(example.conversation)),
  server_id: optional(Anything(defaultServer)),
  messageId: optional(Anything(example.message)),
  status: optional(Anything('completed')),
});
export const Completed = Type.Object({
  success: Type.Literal(true),
  message: Text('Completion event emitted'),
  data: Type.Object({ success: Type.Literal(true) }),
});

/** A message as the server takes it, or what the official client sends: `{platform, channelId, messages}`. */
export const IngestRequest = Type.Object({
  ...Place,
  channel_id: optional(
    Anything(example.conversation, 'With a platform any text: the same channel each time'),
  ),
  author_id: optional(Anything(example.user)),
  content: optional(Anything('The ship is in.')),
  author_display_name: optional(Anything('Ada')),
  source_id: optional(Anything('discord-77', 'Repeated by its author: stored once')),
  source_type: optional(Anything('discord')),
  in_reply_to_message_id: optional(Anything(example.message)),
  raw_message: optional(Anything(rawExample)),
  metadata: optional(Anything({ user_display_name: 'Ada' })),
  platform: optional(Anything('discord')),
  channelId: optional(Anything('general')),
  userId: optional(Anything('ada#1')),
  messageId: optional(Anything('discord-77')),
  attachments: optional(Anything([])),
  messages: optional(Type.Unknown({ description: 'At most 100 of `{id, authorId, content, metadata?}`' })),
});
export const Ingested = Type.Object({
  success: Type.Literal(true),
  message: Text('Message ingested and published to bus'),
  data: Type.Object({ messageId: Text(example.message), processed: Type.Integer(shown(1)) }),
});

export const ByMessageId = Type.Object({ id: Text(example.message) });
export const ChangeRequest = Type.Object({
  content: optional(Anything('The ship is out.')),
  raw_message: optional(Anything(rawExample)),
  source_type: optional(Anything('agent_action')),
  metadata: optional(Anything({ agentName: 'Iris' }, 'Replaces the metadata')),
  in_reply_to_message_id: optional(Anything(example.message, 'Does not change')),
  author_id: optional(Anything(example.user, 'Must be that of the message')),
  server_message_id: optional(Anything(defaultServer)),
});

export const SearchRequest = Type.Object({
  query: optional(Anything('ship', 'Words; "phrases"; -without')),
  channelId: optional(Anything(example.conversation)),
  authorId: optional(Anything(example.user)),
  from: optional(Anything('2026-11-20T09:00:00Z')),
  to: optional(Anything('2026-11-20T11:00:00Z')),
  limit: optional(Anything(50, 'At most 100')),
});
