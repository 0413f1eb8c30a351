/** What goes over the socket. Arguments are looked at by decode-*.ts, in the words of this API; the documents show these. */
import { type Static, Type } from '@sinclair/typebox';
import { ChannelRow } from '../messaging/channels/wire.ts';

const optional = Type.Optional;
const Id = Type.String();
const Anything = (description: string) => optional(Type.Unknown({ description }));
const Json = Type.Record(Type.String(), Type.Unknown());

export const JoinArgument = Type.Object(
  {
    roomId: Anything('Of a channel or a session; `channelId` is the same.'),
    channelId: Anything('The same.'),
    agentId: Anything('The agent that is to answer in a channel that a first message makes.'),
  },
  { title: 'ElizaJoin' },
);
export const LeaveArgument = Type.Object(
  { roomId: Anything('Of a channel or a session.'), channelId: Anything('The same.') },
  { title: 'ElizaLeave' },
);
export const SendPayload = Type.Object(
  {
    channelId: Anything('UUID; `roomId` is the same.'),
    roomId: Anything('The same.'),
    messageServerId: Anything('UUID.'),
    senderId: Anything('UUID. A service may name anybody, others themselves.'),
    senderName: Anything('Shown with the message.'),
    message: Anything('A text that is not empty.'),
    messageId: Anything('Repeated, the first message counts; told back as `clientMessageId`.'),
    source: Anything('A word: `eliza_gui`.'),
    attachments: Anything('A list.'),
    metadata: Anything('An object.'),
    targetUserId: Anything('With whom a DM channel is made.'),
  },
  { title: 'ElizaSend' },
);
/** Three forms of one event; a union of schemas would tell readers less than its example. */
export const MessageArgument = Type.Unknown({
  title: 'ElizaMessage',
  description:
    '`{type: 1, payload}` joins, `{type: 2, payload}` sends, `{text, roomId, userId, name}` sends, too. Other types of envelopes are ignored.',
});
export const WorldStateArgument = Type.Object(
  { roomId: Anything('Of a channel.'), channelId: Anything('The same.') },
  { title: 'ElizaWorldStateRequest' },
);
export const LogFiltersArgument = Type.Unknown({
  title: 'ElizaLogFilters',
  description: '`{agentName?, level?}`; `all` is everybody, and a level means it and those above.',
});
export const NoArgument = Type.Unknown({ title: 'ElizaNothing', description: 'Not looked at.' });

export const Done = Type.Object({ success: Type.Literal(true) }, { title: 'ElizaDone' });

const Spoken = {
  thought: optional(Type.Unknown()),
  actions: optional(Type.Unknown()),
  attachments: optional(Type.Unknown()),
};
export const MessageBroadcast = Type.Object(
  {
    id: Id,
    senderId: Id,
    senderName: Type.String(),
    sender: Type.String({ description: 'The same as senderName.' }),
    text: Type.String(),
    content: Type.Object({
      text: Type.String(),
      source: Type.String(),
      inReplyTo: optional(Id),
      ...Spoken,
    }),
    channelId: Id,
    roomId: Id,
    messageServerId: Id,
    serverId: Id,
    createdAt: Type.Integer({ description: 'Milliseconds since 1970.' }),
    updatedAt: optional(Type.Integer({ description: 'The message was changed: it has the same id.' })),
    source: Type.String(),
    ...Spoken,
    metadata: optional(Json),
    rawMessage: optional(Type.Unknown()),
    clientMessageId: optional(Type.String({ description: "Only in its sender's own copy." })),
  },
  { title: 'ElizaMessageBroadcast' },
);
export type MessageBroadcast = Static<typeof MessageBroadcast>;

const inRoom = { channelId: Id, roomId: Id };
export const Joined = Type.Object(
  { message: Type.String(), ...inRoom, agentId: optional(Id) },
  { title: 'ElizaJoined' },
);
export const MessageAck = Type.Object(
  {
    clientMessageId: optional(Type.String()),
    messageId: Id,
    status: Type.Literal('received_by_server_and_processing'),
    ...inRoom,
  },
  { title: 'ElizaMessageAck' },
);
export const MessageError = Type.Object({ error: Type.String() }, { title: 'ElizaMessageError' });
export const ErrorNews = Type.Object(
  { error: Type.String(), details: Type.Object({ code: Type.String(), event: Type.String() }) },
  { title: 'ElizaError' },
);
export const StreamChunk = Type.Object(
  { messageId: Id, chunk: Type.String(), index: Type.Integer({ minimum: 0 }), agentId: Id, channelId: Id },
  { title: 'ElizaStreamChunk' },
);
export const StreamError = Type.Object(
  { messageId: Id, channelId: Id, agentId: Id, error: Type.String() },
  { title: 'ElizaStreamError' },
);
export const MessageComplete = Type.Object(
  {
    ...{ ...inRoom, serverId: Id, messageId: Type.Optional(Id) },
    content: Type.Optional(Type.Object({ text: Type.String() })),
  },
  { title: 'ElizaMessageComplete' },
);
export const MessageDeleted = Type.Object({ messageId: Id, channelId: Id }, { title: 'ElizaMessageDeleted' });
export const ChannelNews = Type.Object({ channelId: Id }, { title: 'ElizaChannelNews' });
export const ChannelUpdated = Type.Object(
  { channelId: Id, updates: ChannelRow },
  { title: 'ElizaChannelUpdated' },
);
export const ControlMessage = Type.Object(
  {
    action: Type.Union([Type.Literal('enable_input'), Type.Literal('disable_input')]),
    target: optional(Id),
    ...inRoom,
  },
  { title: 'ElizaControlMessage' },
);
export const SessionWarning = Type.Object(
  { sessionId: Id, minutesRemaining: Type.Integer() },
  { title: 'ElizaSessionWarning' },
);
export const SessionExpired = Type.Object({ sessionId: Id }, { title: 'ElizaSessionExpired' });
export const SessionRenewed = Type.Object(
  { sessionId: Id, expiresAt: Type.String({ format: 'date-time' }) },
  { title: 'ElizaSessionRenewed' },
);
const Someone = Type.Object({ id: Id, name: Type.String() });
export const WorldState = Type.Object(
  {
    agents: Type.Record(Id, Someone),
    users: Type.Record(Id, Someone),
    channels: Type.Record(Id, ChannelRow),
    messages: Type.Record(Id, Type.Array(MessageBroadcast), { description: 'The newest, oldest first.' }),
  },
  { title: 'ElizaWorldState' },
);
export type WorldState = Static<typeof WorldState>;
export const LogLine = Type.Object(
  {
    level: Type.Integer({ description: 'trace 10, debug 20, info 30, warn 40, error 50, fatal 60.' }),
    time: Type.Integer({ description: 'Milliseconds since 1970.' }),
    msg: Type.String(),
    agentId: Id,
    agentName: Type.String(),
  },
  { title: 'ElizaLogLine' },
);
export type LogLine = Static<typeof LogLine>;
export const LogStream = Type.Object(
  { type: Type.Literal('log_entry'), payload: LogLine },
  { title: 'ElizaLogStream' },
);
export const LogSubscription = Type.Object(
  { subscribed: Type.Boolean(), message: Type.String() },
  { title: 'ElizaLogSubscription' },
);
export const LogFiltersUpdated = Type.Object(
  {
    success: Type.Boolean(),
    filters: optional(Type.Object({ agentName: Type.String(), level: Type.String() })),
    error: optional(Type.String()),
  },
  { title: 'ElizaLogFiltersUpdated' },
);
export const Authenticated = Type.Object(
  { entityId: Id, timestamp: Type.Integer({ description: 'Milliseconds since 1970.' }) },
  { title: 'ElizaAuthenticated' },
);
export const ConnectionEstablished = Type.Object(
  { message: Type.String(), socketId: Type.String() },
  { title: 'ElizaConnectionEstablished' },
);
