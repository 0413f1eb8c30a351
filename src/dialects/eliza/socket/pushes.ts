/** What clients are sent, as the documents show it. */
import { exampleValues as example } from '../../../contract/examples/values.ts';
import type { PushDeclaration } from '../../../contract/sockets/frame.ts';
import { defaultServer } from '../wire.ts';
import {
  Authenticated,
  ChannelNews,
  ChannelUpdated,
  ConnectionEstablished,
  ControlMessage,
  ErrorNews,
  Joined,
  LogFiltersUpdated,
  LogLine,
  LogStream,
  LogSubscription,
  MessageAck,
  MessageBroadcast,
  MessageComplete,
  MessageDeleted,
  MessageError,
  SessionExpired,
  SessionRenewed,
  SessionWarning,
  StreamChunk,
  StreamError,
  WorldState,
} from './wire.ts';

const { conversation: channelId, message: messageId, user, at } = example;
const agentId = '0193a1e2-1c42-7c11-8d20-9e0f1a2b3c4d';
const inRoom = { channelId, roomId: channelId };
const createdAt = Date.parse(at);
const sessionId = '5f0c1d2e-3b4a-4c5d-8e6f-7a8b9c0d1e2f';
const text = 'The ship is in.';
const broadcast = {
  ...{ id: messageId, senderId: agentId, senderName: 'Eliza', sender: 'Eliza', text },
  content: { text, source: 'agent_response' },
  ...inRoom,
  ...{ messageServerId: defaultServer, serverId: defaultServer },
  ...{ createdAt, source: 'agent_response' },
};
const channel = {
  ...{ id: channelId, messageServerId: defaultServer, name: 'Harbour', type: 'GROUP' },
  ...{ metadata: {}, createdAt: at, updatedAt: at },
};
const line = { level: 30, time: createdAt, msg: 'Answered in 812 ms', agentId, agentName: 'Eliza' };

export const elizaPushes: readonly PushDeclaration[] = [
  {
    name: 'authenticated',
    summary: 'The first event: who the client speaks for.',
    schema: Authenticated,
    example: { entityId: user, timestamp: createdAt },
  },
  {
    name: 'connection_established',
    summary: 'The second event.',
    schema: ConnectionEstablished,
    example: { message: 'Connected to Eliza Socket.IO server', socketId: 'f3yOdEFyNqo2oOq1AAAB' },
  },
  {
    name: 'channel_joined',
    summary: 'What was asked for is joined, be it there or not.',
    schema: Joined,
    example: { message: `Socket joined channel ${channelId}.`, ...inRoom },
  },
  {
    name: 'room_joined',
    summary: 'The same once more.',
    schema: Joined,
    example: { message: `Socket joined channel ${channelId}.`, ...inRoom },
  },
  {
    name: 'messageBroadcast',
    summary: 'A message, in the order of the channel; the same id again: it was changed.',
    schema: MessageBroadcast,
    example: broadcast,
  },
  {
    name: 'messageAck',
    summary: 'What the client sent is durable; after its own messageBroadcast.',
    schema: MessageAck,
    example: {
      clientMessageId: 'draft-1',
      messageId,
      status: 'received_by_server_and_processing',
      ...inRoom,
    },
  },
  {
    name: 'messageError',
    summary: 'What the client sent was refused; nothing of it is stored.',
    schema: MessageError,
    example: { error: 'channelId is required for joining.' },
  },
  {
    name: 'error',
    summary: 'The same, with details.',
    schema: ErrorNews,
    example: {
      error: 'channelId is required for joining.',
      details: { code: 'invalid_request', event: 'join' },
    },
  },
  {
    name: 'messageStreamChunk',
    summary: 'A piece of what an agent says; messageBroadcast with the same id ends it.',
    schema: StreamChunk,
    example: { messageId, chunk: 'The ship', index: 0, agentId, channelId },
  },
  {
    name: 'messageStreamError',
    summary: 'What was being streamed will not be said.',
    schema: StreamError,
    example: { messageId, channelId, agentId, error: 'The agent stopped before it was done' },
  },
  {
    name: 'messageComplete',
    summary:
      'An agent has said what it has to say, after its messageBroadcast; or somebody says so (POST /complete).',
    schema: MessageComplete,
    example: { ...inRoom, serverId: defaultServer, messageId, content: { text } },
  },
  {
    name: 'messageDeleted',
    summary: 'A message was deleted.',
    schema: MessageDeleted,
    example: { messageId, channelId },
  },
  {
    name: 'channelCleared',
    summary: 'Every message of the channel was deleted.',
    schema: ChannelNews,
    example: { channelId },
  },
  { name: 'channelDeleted', summary: 'The channel is gone.', schema: ChannelNews, example: { channelId } },
  {
    name: 'channelUpdated',
    summary: 'Name or metadata of the channel were changed.',
    schema: ChannelUpdated,
    example: { channelId, updates: channel },
  },
  {
    name: 'controlMessage',
    summary: 'stream.pause and stream.resume: agents are silent, or may speak again.',
    schema: ControlMessage,
    example: { action: 'disable_input', ...inRoom },
  },
  {
    name: 'world-state',
    summary: 'Answers request-world-state.',
    schema: WorldState,
    example: {
      agents: { [agentId]: { id: agentId, name: 'Eliza' } },
      users: { [user]: { id: user, name: example.person } },
      channels: { [channelId]: channel },
      messages: { [channelId]: [broadcast] },
    },
  },
  {
    name: 'sessionExpirationWarning',
    summary: 'A session that was joined by its id ends soon.',
    schema: SessionWarning,
    example: { sessionId, minutesRemaining: 5 },
  },
  { name: 'sessionExpired', summary: 'It has ended.', schema: SessionExpired, example: { sessionId } },
  {
    name: 'sessionRenewed',
    summary: 'It ends later.',
    schema: SessionRenewed,
    example: { sessionId, expiresAt: at },
  },
  {
    name: 'log_stream',
    summary: 'What an agent of the tenant did, for who subscribed to logs.',
    schema: LogStream,
    example: { type: 'log_entry', payload: line },
  },
  { name: 'logEntry', summary: 'The same.', schema: LogLine, example: line },
  {
    name: 'log_subscription_confirmed',
    summary: 'Answers subscribe_logs and unsubscribe_logs.',
    schema: LogSubscription,
    example: { subscribed: true, message: 'Successfully subscribed to log stream' },
  },
  {
    name: 'log_filters_updated',
    summary: 'Answers update_log_filters.',
    schema: LogFiltersUpdated,
    example: { success: true, filters: { agentName: 'all', level: 'info' } },
  },
];
