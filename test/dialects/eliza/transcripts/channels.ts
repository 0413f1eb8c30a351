/** eliza.md §3, Channels. */
import type { Transcript } from '../../../kit/transcripts/step.ts';
import {
  answered,
  asked,
  channelRow,
  gone,
  madeChannel,
  nil,
  nothing,
  refusedInText,
  startedAgent,
  unknownCaller,
  uuid,
} from './shapes.ts';

const badPayload =
  'Invalid payload. Required: name, message_server_id (UUID or "0"), participantCentralUserIds (array of UUIDs). Optional: type, metadata.';
const noChannel = refusedInText(404, 'Channel not found');
const badId = refusedInText(400, 'Invalid channelId');
const agentOf = (agentId: string, what: string) => ({
  ...{ channelId: '{channel}', agentId, message: `Agent ${what} channel successfully` },
});

/** A form as browsers send it, with one file of three bytes. */
const form = {
  headers: { 'content-type': 'multipart/form-data; boundary=quay' },
  body: [
    ...[
      '--quay',
      'content-disposition: form-data; name="file"; filename="log.txt"',
      'content-type: text/plain',
    ],
    ...['', 'fog', '--quay--', ''],
  ].join('\r\n'),
};

export const channels: readonly Transcript[] = [
  {
    title: 'a channel from its name to its end',
    steps: [
      madeChannel('Harbour'),
      asked('it is shown', 'GET /api/messaging/channels/{channel}/details', answered(channelRow('Harbour')), {
        as: 'ben',
      }),
      asked('as the documents have it', 'GET /api/messaging/channels/{channel}/info', {
        ...answered(channelRow('Harbour')),
      }),
      asked('as older clients do', 'GET /api/messaging/central-channels/{channel}/details', {
        ...answered(channelRow('Harbour')),
      }),
      asked(
        'it is changed',
        'PATCH /api/messaging/channels/{channel}',
        answered(
          channelRow('Port', {
            metadata: { tide: 'low', participantCentralUserIds: ['{ada}', '{ben}', '{cleo}'] },
          }),
        ),
        {
          body: {
            ...{ name: 'Port', metadata: { tide: 'low' } },
            participantCentralUserIds: ['{ada}', '{ben}', '{cleo}'],
          },
        },
      ),
      asked(
        'not by members',
        'PATCH /api/messaging/channels/{channel}',
        refusedInText(403, 'Only an owner or an admin may change the conversation.'),
        {
          ...{ as: 'ben', body: { name: 'Mine' } },
        },
      ),
      asked(
        'somebody stays',
        'PATCH /api/messaging/channels/{channel}',
        refusedInText(400, 'participantCentralUserIds must be an array of at least one UUID'),
        { body: { participantCentralUserIds: [] } },
      ),
      asked('not for who is not in it', 'GET /api/messaging/channels/{channel}/details', noChannel, {
        as: 'iris',
      }),
      asked('nor to delete', 'DELETE /api/messaging/channels/{channel}', noChannel, { as: 'stranger' }),
      asked(
        'nor by members',
        'DELETE /api/messaging/channels/{channel}',
        refusedInText(403, 'Only an owner or an admin can delete this conversation.'),
        {
          as: 'ben',
        },
      ),
      asked('deleted', 'DELETE /api/messaging/channels/{channel}', gone, { times: 2 }),
      asked('gone', 'GET /api/messaging/channels/{channel}/details', noChannel),
    ],
  },
  {
    title: 'channels that there are not',
    steps: [
      asked('no name', 'POST /api/messaging/channels/central', refusedInText(400, badPayload), { body: {} }),
      asked('no UUIDs', 'POST /api/messaging/group-channels', refusedInText(400, badPayload), {
        body: { name: 'x', participantCentralUserIds: ['x'], message_server_id: nil },
      }),
      asked(
        'no such server',
        'POST /api/messaging/channels',
        refusedInText(404, `Server ${nothing} does not exist`),
        { body: { name: 'x', participantCentralUserIds: [], server_id: nothing } },
      ),
      asked('no UUID', 'GET /api/messaging/channels/x/details', badId),
      asked('nothing to show', `GET /api/messaging/channels/${nothing}/details`, noChannel),
      asked('to change', `PATCH /api/messaging/channels/${nothing}`, noChannel, { body: { name: 'x' } }),
      asked('to delete', `DELETE /api/messaging/channels/${nothing}`, noChannel),
      asked('nobody asks', 'POST /api/messaging/channels', unknownCaller, { as: 'nobody', body: {} }),
    ],
  },
  {
    title: 'who takes part',
    steps: [
      madeChannel('Crew'),
      asked(
        'all',
        'GET /api/messaging/channels/{channel}/participants',
        answered(['{ada}', '{ben}', '{iris}']),
      ),
      asked(
        'another agent does',
        'POST /api/messaging/channels/{channel}/agents',
        answered(agentOf('{juno}', 'added to'), 201),
        { body: { agentId: '{juno}' }, times: 2 },
      ),
      asked(
        'all in another wrapping',
        'GET /api/messaging/channels/{channel}/agents',
        answered({ channelId: '{channel}', participants: ['{ada}', '{ben}', '{iris}', '{juno}'] }),
      ),
      asked(
        'it goes',
        'DELETE /api/messaging/channels/{channel}/agents/{juno}',
        answered(agentOf('{juno}', 'removed from')),
      ),
      asked(
        'once',
        'DELETE /api/messaging/channels/{channel}/agents/{juno}',
        refusedInText(404, 'Agent is not a participant in this channel'),
      ),
      asked(
        'no id',
        'POST /api/messaging/channels/{channel}/agents',
        refusedInText(400, 'Invalid channelId or agentId format'),
        { body: {} },
      ),
      asked(
        'not by members',
        'POST /api/messaging/channels/{channel}/agents',
        refusedInText(403, 'Only an owner or an admin may manage participants.'),
        {
          ...{ as: 'ben', body: { agentId: '{juno}' } },
        },
      ),
      asked('not for strangers', 'DELETE /api/messaging/channels/{channel}/agents/{iris}', noChannel, {
        as: 'stranger',
      }),
      asked('of none nobody', `GET /api/messaging/channels/${nothing}/participants`, answered([])),
      asked('no UUID', 'GET /api/messaging/channels/x/participants', badId),
    ],
  },
  {
    title: 'the channel of two',
    steps: [
      asked(
        'found or made',
        'GET /api/messaging/dm-channel?currentUserId={ada}&targetUserId={iris}',
        answered({
          ...(channelRow('x') as object),
          ...{ id: uuid, name: /^DM-[0-9a-f-]{36}-[0-9a-f-]{36}$/, type: 'DM' },
          metadata: {
            ...{ user1: uuid, user2: uuid, isDm: true },
            participantCentralUserIds: [uuid, uuid],
          },
        }),
        { keep: { channel: 'data.id', name: 'data.name' } },
      ),
      asked(
        'the same one from the other end',
        'POST /api/messaging/dm/{iris}/{ada}',
        answered({
          ...(channelRow('{name}') as object),
          type: 'DM',
          metadata: {
            ...{ user1: uuid, user2: uuid, isDm: true },
            participantCentralUserIds: [uuid, uuid],
          },
        }),
      ),
      asked(
        'with somebody',
        'GET /api/messaging/dm-channel?currentUserId={ada}',
        refusedInText(400, 'Missing targetUserId or currentUserId'),
      ),
      asked(
        'with oneself',
        'GET /api/messaging/dm-channel?currentUserId={ada}&targetUserId={ada}',
        refusedInText(400, 'Cannot create DM channel with oneself'),
      ),
      asked(
        'of others',
        'GET /api/messaging/dm-channel?currentUserId={ada}&targetUserId={iris}',
        refusedInText(403, 'The channel must be one of the caller.'),
        { as: 'ben' },
      ),
    ],
  },
  {
    title: 'a title',
    steps: [
      ...startedAgent('Titled'),
      madeChannel('Nameless'),
      asked(
        'of too little',
        'POST /api/messaging/channels/{channel}/generate-title',
        answered({
          ...{ title: null, channelId: '{channel}', reason: 'Not enough messages to generate a title' },
        }),
        { body: { agentId: '{agent}' } },
      ),
      asked(
        'something is said',
        'POST /api/messaging/submit',
        { status: 201, body: { success: true, data: (value) => value !== null } },
        {
          times: 4,
          body: {
            ...{ channel_id: '{channel}', message_server_id: nil, author_id: '{ada}' },
            ...{ content: 'Ships come at noon {n}', source_type: 'note', raw_message: {} },
          },
        },
      ),
      asked(
        'of enough',
        'POST /api/messaging/channels/{channel}/generate-title',
        answered({ title: /Ships/i, channelId: '{channel}' }),
        { body: { agentId: '{agent}' } },
      ),
      asked(
        'no agent is named',
        'POST /api/messaging/channels/{channel}/generate-title',
        refusedInText(400, 'Valid agent ID is required'),
        { body: {} },
      ),
      asked(
        'none that runs',
        'POST /api/messaging/channels/{channel}/generate-title',
        refusedInText(404, 'Agent not found or not active'),
        { body: { agentId: '{iris}' } },
      ),
      asked('no such channel', `POST /api/messaging/channels/${nothing}/generate-title`, noChannel, {
        body: { agentId: '{agent}' },
      }),
      asked(
        'no UUID',
        'POST /api/messaging/channels/x/generate-title',
        refusedInText(400, 'Invalid channel ID format'),
        { body: { agentId: '{agent}' } },
      ),
    ],
  },
  {
    title: 'files',
    steps: [
      madeChannel('Archive'),
      asked(
        'one is kept',
        'POST /api/messaging/channels/{channel}/upload-media',
        answered({
          ...{ url: /^\/media\/uploads\/channels\/[0-9a-f-]{36}\/[^/?]+\.txt\?./, type: 'text/plain' },
          ...{ filename: /^\d{13}-[0-9a-f-]{36}\.txt$/, originalName: 'log.txt', size: 3 },
        }),
        form,
      ),
      asked(
        'no form',
        'POST /api/messaging/channels/{channel}/upload-media',
        refusedInText(400, 'The Content-Type must be multipart/form-data'),
        {
          body: { file: 'fog' },
        },
      ),
      asked('nobody', 'POST /api/messaging/channels/{channel}/upload-media', unknownCaller, {
        as: 'nobody',
        ...form,
      }),
    ],
  },
];
