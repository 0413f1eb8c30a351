/** eliza.md §3, Messages: what agents that run elsewhere and other messengers say. */
import type { Transcript } from '../../../kit/transcripts/step.ts';
import {
  answered,
  asked,
  listedRow,
  madeChannel,
  messageRow,
  nil,
  nothing,
  refusedInText,
  unknownCaller,
  uuid,
} from './shapes.ts';

const missing =
  'Missing required fields: channel_id, message_server_id, author_id, content, source_type, raw_message';
const noChannel = refusedInText(404, 'Channel not found');
const badPayload = refusedInText(400, 'Invalid external message payload');
const said = (fields: object = {}) => ({
  ...{ channel_id: '{channel}', message_server_id: nil, author_id: '{iris}', content: 'She is in.' },
  ...{ source_type: 'agent_response', raw_message: { text: 'She is in.', thought: 'hm' }, ...fields },
});
const submitted = messageRow('She is in.', {
  ...{ id: '{uuid.said}', authorId: '{iris}', sourceType: 'agent_response' },
  rawMessage: { text: 'She is in.', thought: 'hm' },
});
const doing = { authorId: '{iris}', id: '{uuid.done}', sourceType: 'agent_action' };
const external = {
  ...{ channel_id: '{uuid.guild}', message_server_id: nil, author_id: '{uuid.ann}', content: 'Ahoy' },
  ...{ source_id: 'discord-77', source_type: 'discord', author_display_name: 'Ann' },
};
const ingested = (processed: number) => ({
  status: 202,
  body: {
    ...{ success: true, message: 'Message ingested and published to bus' },
    data: { messageId: uuid, processed },
  },
});
const completed = {
  status: 200,
  body: { success: true, message: 'Completion event emitted', data: { success: true } },
};

export const bridges: readonly Transcript[] = [
  {
    title: 'what agents say that run elsewhere',
    steps: [
      madeChannel('Pier'),
      asked('something is said, once', 'POST /api/messaging/submit', answered(submitted, 201), {
        ...{ as: 'iris', body: said({ messageId: '{uuid.said}' }), times: 2 },
      }),
      asked('another text under its id is not said', 'POST /api/messaging/submit', answered(submitted, 201), {
        as: 'iris',
        body: said({ messageId: '{uuid.said}', content: 'She is out.' }),
      }),
      asked(
        'as the official client writes it',
        'POST /api/messaging/submit',
        answered(
          messageRow('Still.', {
            ...{ authorId: '{iris}', sourceType: 'agent_response', rawMessage: { text: 'Still.' } },
          }),
          201,
        ),
        { as: 'hook', body: { agentId: '{iris}', channelId: '{channel}', content: 'Still.' } },
      ),
      asked('all of it is needed', 'POST /api/messaging/submit', refusedInText(400, missing), {
        ...{ as: 'iris', body: said({ raw_message: '' }) },
      }),
      asked(
        'for others',
        'POST /api/messaging/submit',
        refusedInText(403, 'The author must be the caller.'),
        { as: 'iris', body: said({ author_id: '{ada}' }) },
      ),
      asked('into nothing', 'POST /api/messaging/submit', noChannel, {
        ...{ as: 'iris', body: said({ channel_id: nothing }) },
      }),
      asked('its end', 'POST /api/messaging/complete', completed, {
        ...{ as: 'iris', body: { channel_id: '{channel}', server_id: nil } },
      }),
      asked(
        'of what',
        'POST /api/messaging/complete',
        refusedInText(400, 'Missing required fields: channel_id, server_id'),
        { as: 'iris', body: {} },
      ),
      asked('not for others', 'POST /api/messaging/complete', noChannel, {
        ...{ as: 'cleo', body: { channel_id: '{channel}' } },
      }),
      asked('by nobody', 'POST /api/messaging/submit', unknownCaller, { as: 'nobody', body: said() }),
    ],
  },
  {
    title: 'what agents do',
    steps: [
      madeChannel('Dock'),
      asked(
        'it begins',
        'POST /api/messaging/action',
        answered(messageRow('Loading', { ...doing, rawMessage: { actions: ['LOAD'] } }), 201),
        {
          as: 'iris',
          body: said({
            ...{ messageId: '{uuid.done}', content: 'Loading', source_type: 'agent_action' },
            raw_message: { actions: ['LOAD'] },
          }),
        },
      ),
      asked(
        'it is over',
        'PATCH /api/messaging/action/{uuid.done}',
        answered(messageRow('Loaded', { ...doing, rawMessage: { actions: ['LOADED'] } })),
        { as: 'iris', body: { content: 'Loaded', raw_message: { actions: ['LOADED'] } } },
      ),
      asked(
        'as it is read',
        'GET /api/messaging/channels/{channel}/messages',
        answered({
          messages: [
            listedRow('Loaded', {
              ...{ ...doing, rawMessage: { actions: ['LOADED'] }, metadata: { actions: ['LOADED'] } },
            }),
          ],
        }),
      ),
      asked('all of it is needed', 'POST /api/messaging/action', refusedInText(400, missing), {
        ...{ as: 'iris', body: said({ source_type: '' }) },
      }),
      asked(
        'not by others',
        'PATCH /api/messaging/action/{uuid.done}',
        refusedInText(403, 'Only the sender may edit a message.'),
        {
          body: { content: 'x' },
        },
      ),
      asked(
        'what is not there',
        `PATCH /api/messaging/action/${nothing}`,
        refusedInText(404, 'Message not found'),
        { as: 'iris', body: { content: 'x' } },
      ),
      asked('no UUID', 'PATCH /api/messaging/action/x', refusedInText(400, 'Invalid message id'), {
        body: { content: 'x' },
      }),
    ],
  },
  {
    title: 'what other messengers bring',
    steps: [
      asked('one message', 'POST /api/messaging/ingest-external', ingested(1), {
        as: 'hook',
        body: external,
      }),
      asked('once, at any address', 'POST /api/messaging/ingest', ingested(1), {
        as: 'hook',
        body: external,
      }),
      asked('as in the documents', 'POST /api/messaging/external', ingested(1), {
        as: 'hook',
        body: external,
      }),
      asked(
        'it is there',
        'GET /api/messaging/channels/{uuid.guild}/messages',
        answered({
          messages: [
            listedRow('Ahoy', {
              ...{ channelId: '{uuid.guild}', authorId: '{uuid.ann}', sourceType: 'discord' },
              sourceId: 'discord-77',
            }),
          ],
        }),
        { as: 'hook' },
      ),
      asked('several of a platform', 'POST /api/messaging/external-messages', ingested(2), {
        as: 'hook',
        body: {
          ...{ platform: 'discord', channelId: 'general' },
          messages: ['1', '2'].map((id) => ({ id, authorId: 'ann#7', content: `number ${id}` })),
        },
      }),
      asked('none', 'POST /api/messaging/ingest-external', badPayload, {
        ...{ as: 'hook', body: { ...external, messages: [] } },
      }),
      asked('empty', 'POST /api/messaging/ingest-external', badPayload, {
        ...{ as: 'hook', body: { ...external, content: '' } },
      }),
      asked(
        'not by people',
        'POST /api/messaging/ingest-external',
        refusedInText(403, 'The author must be the caller.'),
        { as: 'ben', body: external },
      ),
    ],
  },
];
