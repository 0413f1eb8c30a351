/** eliza.md §3, Messages: posted, read, found, changed, deleted. */
import type { Transcript } from '../../../kit/transcripts/step.ts';
import {
  answered,
  asked,
  busMessage,
  gone,
  listedRow,
  madeChannel,
  messageRow,
  nil,
  nothing,
  refusedInText,
  startedAgent,
  text,
  unknownCaller,
  uuid,
} from './shapes.ts';

const missing = 'Missing required fields: channelId, message_server_id, author_id, content';
const noChannel = refusedInText(404, 'Channel not found');
const noMessage = refusedInText(404, 'Message not found');
const from = (content: string) => ({ author_id: '{ada}', message_server_id: nil, content });
const answer = {
  ...{ text, providers: [], responseId: uuid, inReplyTo: '{uuid.asked}', agentId: '{agent}' },
};

export const messages: readonly Transcript[] = [
  {
    title: 'messages of a channel',
    steps: [
      madeChannel('Harbour'),
      asked(
        'one is posted',
        'POST /api/messaging/channels/{channel}/messages',
        {
          status: 201,
          body: {
            success: true,
            userMessage: busMessage('Ahoy', {
              ...{ id: '{uuid.ahoy}', raw_message: { text: 'Ahoy', thought: 'hm' } },
              ...{ metadata: { user_display_name: 'Ada' }, author_display_name: 'Ada' },
            }),
          },
        },
        {
          times: 2,
          body: {
            ...{ ...from('Ahoy'), messageId: '{uuid.ahoy}', raw_message: { text: 'Ahoy', thought: 'hm' } },
            metadata: { user_display_name: 'Ada' },
          },
        },
      ),
      asked(
        'it is answered',
        'POST /api/messaging/central-channels/{channel}/messages',
        {
          status: 201,
          body: {
            success: true,
            userMessage: busMessage('Aye', { author_id: '{ben}', in_reply_to_message_id: '{uuid.ahoy}' }),
          },
        },
        { as: 'ben', body: { content: 'Aye', in_reply_to_message_id: '{uuid.ahoy}' } },
      ),
      asked(
        'they are read, the newest first',
        'GET /api/messaging/channels/{channel}/messages?limit=2',
        answered({
          messages: [
            listedRow('Aye', { authorId: '{ben}', inReplyToRootMessageId: '{uuid.ahoy}' }),
            listedRow('Ahoy', {
              ...{ id: '{uuid.ahoy}', rawMessage: { text: 'Ahoy', thought: 'hm' } },
              metadata: { user_display_name: 'Ada', thought: 'hm' },
            }),
          ],
        }),
        { as: 'ben' },
      ),
      asked(
        'not at no time',
        'GET /api/messaging/channels/{channel}/messages?before=yesterday',
        refusedInText(400, 'before and after must be milliseconds or timestamps'),
      ),
      asked('not by others', 'GET /api/messaging/channels/{channel}/messages', answered({ messages: [] }), {
        as: 'cleo',
      }),
      asked(
        'one is not deleted by others',
        'DELETE /api/messaging/channels/{channel}/messages/{uuid.ahoy}',
        noChannel,
        {
          as: 'cleo',
        },
      ),
      asked(
        'nor by members',
        'DELETE /api/messaging/channels/{channel}/messages/{uuid.ahoy}',
        refusedInText(403, 'Only the sender, an owner or an admin may delete a message.'),
        {
          as: 'ben',
        },
      ),
      asked('one is deleted', 'DELETE /api/messaging/channels/{channel}/messages/{uuid.ahoy}', gone, {
        times: 2,
      }),
      asked('there is none', `DELETE /api/messaging/channels/{channel}/messages/${nothing}`, noMessage),
      asked(
        'those of Ada are not for Ben',
        'DELETE /api/messaging/channels/{channel}/messages/all?userId={ada}',
        refusedInText(403, 'Only an owner or an admin may delete the messages of others'),
        { as: 'ben' },
      ),
      asked(
        'those of nobody',
        'DELETE /api/messaging/channels/{channel}/messages/all',
        refusedInText(400, 'userId must be the UUID of whose messages are to be deleted'),
      ),
      asked('those of Ben', 'DELETE /api/messaging/channels/{channel}/messages/all?userId={ben}', {
        ...{ status: 200, body: { success: true, deleted: 1 } },
      }),
      asked(
        'in no channel',
        `DELETE /api/messaging/channels/${nothing}/messages/all?userId={ben}`,
        noChannel,
      ),
      asked(
        'cleared not by members',
        'DELETE /api/messaging/channels/{channel}/messages',
        refusedInText(403, 'Only an owner or an admin may clear the channel'),
        {
          as: 'ben',
        },
      ),
      asked('cleared', 'DELETE /api/messaging/channels/{channel}/messages', gone),
      asked('nothing is left', 'GET /api/messaging/channels/{channel}/messages', answered({ messages: [] })),
      asked('nothing to clear', `DELETE /api/messaging/channels/${nothing}/messages`, noChannel),
    ],
  },
  {
    title: 'messages that are refused',
    steps: [
      madeChannel('Quiet'),
      asked(
        'by pigeon',
        'POST /api/messaging/channels/{channel}/messages',
        refusedInText(400, 'Invalid transport: "pigeon". Must be one of: http, sse, websocket'),
        { body: { transport: 'pigeon' } },
      ),
      asked('empty', 'POST /api/messaging/channels/{channel}/messages', refusedInText(400, missing), {
        body: from(''),
      }),
      asked('into no channel', 'POST /api/messaging/channels/x/messages', refusedInText(400, missing), {
        body: from('x'),
      }),
      asked(
        'of another author',
        'POST /api/messaging/channels/{channel}/messages',
        refusedInText(403, 'The author must be the caller.'),
        { as: 'ben', body: from('x') },
      ),
      asked(
        'of another server',
        'POST /api/messaging/channels/{channel}/messages',
        refusedInText(403, 'Forbidden: message_server_id does not match current server'),
        { body: { ...from('x'), message_server_id: nothing } },
      ),
      asked(
        'to no message',
        'POST /api/messaging/channels/{channel}/messages',
        refusedInText(404, 'Message to reply to not found'),
        { body: { ...from('x'), in_reply_to_message_id: nothing } },
      ),
      asked('into that of others', 'POST /api/messaging/channels/{channel}/messages', noChannel, {
        ...{ as: 'cleo', body: { content: 'x' } },
      }),
      asked(
        'to nobody',
        'POST /api/messaging/channels/{uuid.alone}/messages',
        refusedInText(400, 'No agent found in channel participants'),
        { body: from('x') },
      ),
      asked(
        'a new channel of no server',
        'POST /api/messaging/channels/{uuid.alone}/messages',
        refusedInText(404, `Server ${nothing} does not exist`),
        { body: { content: 'x', message_server_id: nothing } },
      ),
      asked('by nobody', 'POST /api/messaging/channels/{channel}/messages', unknownCaller, {
        ...{ as: 'nobody', body: from('x') },
      }),
      asked('nothing was left', 'GET /api/messaging/channels/{channel}/messages', answered({ messages: [] })),
    ],
  },
  {
    title: 'the answer of an agent, with the reply',
    steps: [
      ...startedAgent('Prompt'),
      asked(
        'a first message makes the channel',
        'POST /api/messaging/channels/{uuid.talk}/messages',
        {
          status: 201,
          body: {
            success: true,
            userMessage: busMessage('Hello', {
              ...{ id: '{uuid.asked}', channel_id: '{uuid.talk}', metadata: { targetAgentId: '{agent}' } },
            }),
            agentResponse: answer,
          },
        },
        {
          body: {
            ...{ ...from('Hello'), messageId: '{uuid.asked}', transport: 'http' },
            metadata: { targetAgentId: '{agent}' },
          },
        },
      ),
      asked(
        'as it is spoken',
        'POST /api/messaging/channels/{uuid.talk}/messages',
        {
          status: 200,
          headers: { 'content-type': /^text\/event-stream/ },
          body: /^event: user_message\ndata: \{"id":"[^\n]+\n\n(event: chunk\ndata: \{"messageId":[^\n]+\n\n)+event: done\ndata: \{"text":[^\n]+\n\n$/,
        },
        { body: { ...from('How are you?'), mode: 'stream' } },
      ),
      asked(
        'of nobody who answers',
        'POST /api/messaging/channels/{uuid.note}/messages',
        refusedInText(400, 'No agent found in channel participants'),
        { body: { content: 'x', transport: 'sse' } },
      ),
    ],
  },
  {
    title: 'messages by their ids alone, and by their words',
    steps: [
      madeChannel('Fleet'),
      asked(
        'one is posted',
        'POST /api/messaging/channels/{channel}/messages',
        {
          status: 201,
          body: { success: true, userMessage: busMessage('A schooner', { id: '{uuid.ship}' }) },
        },
        { body: { ...from('A schooner'), messageId: '{uuid.ship}' } },
      ),
      asked(
        'shown',
        'GET /api/messaging/messages/{uuid.ship}',
        answered(listedRow('A schooner', { id: '{uuid.ship}' })),
        {
          as: 'ben',
        },
      ),
      asked('not to others', 'GET /api/messaging/messages/{uuid.ship}', noMessage, { as: 'cleo' }),
      asked('no UUID', 'GET /api/messaging/messages/x', refusedInText(400, 'Invalid message id')),
      asked(
        'changed',
        'PATCH /api/messaging/messages/{uuid.ship}',
        answered(messageRow('A tall schooner', { id: '{uuid.ship}', metadata: { masts: 2 } })),
        { body: { content: 'A tall schooner', metadata: { masts: 2 } } },
      ),
      asked(
        'only by its author',
        'PATCH /api/messaging/messages/{uuid.ship}',
        refusedInText(403, 'Only the sender may edit a message.'),
        {
          ...{ as: 'ben', body: { content: 'A sloop' } },
        },
      ),
      asked('what is not there', `PATCH /api/messaging/messages/${nothing}`, noMessage, {
        body: { content: 'x' },
      }),
      asked(
        'found',
        'POST /api/messaging/messages/search',
        answered({
          messages: [listedRow('A tall schooner', { id: '{uuid.ship}', metadata: { masts: 2 } })],
        }),
        { as: 'ben', body: { query: 'schooner', channelId: '{channel}' }, eventually: true },
      ),
      asked('not by others', 'POST /api/messaging/messages/search', answered({ messages: [] }), {
        ...{ as: 'cleo', body: { query: 'schooner' } },
      }),
      asked(
        'words are needed',
        'POST /api/messaging/messages/search',
        refusedInText(400, 'query is required'),
        {
          body: {},
        },
      ),
      asked('no such channel', 'POST /api/messaging/messages/search', noChannel, {
        body: { query: 'x', channelId: nothing },
      }),
    ],
  },
];
