/** eliza.md §3, Servers. */
import type { Transcript } from '../../../kit/transcripts/step.ts';
import {
  answered,
  asked,
  channelRow,
  gone,
  nil,
  nothing,
  refusedInText,
  time,
  unknownCaller,
  uuid,
} from './shapes.ts';

const first = {
  ...{ id: nil, name: 'Default Server', sourceType: 'eliza_default', metadata: {} },
  ...{ createdAt: time, updatedAt: time },
};
const guild = {
  ...{ id: '{guild}', name: 'Guild', sourceType: 'discord', sourceId: 'guild-7', metadata: { tier: 1 } },
  ...{ createdAt: time, updatedAt: time },
};
const body = { name: 'Guild', sourceType: 'discord', sourceId: 'guild-7', metadata: { tier: 1 } };
const made = answered({ server: { ...guild, id: uuid } }, 201);
const noServer = refusedInText(404, `Server ${nothing} does not exist`);
const noAdministrator = refusedInText(403, 'Only services and administrators may change message servers');
const membership = (what: string) => ({
  ...{ messageServerId: '{guild}', agentId: '{iris}', message: `Agent ${what} message server successfully` },
});

export const servers: readonly Transcript[] = [
  {
    title: 'message servers',
    steps: [
      asked(
        'the current one',
        'GET /api/messaging/message-server/current',
        answered({ messageServerId: nil }),
      ),
      asked('another one is made', 'POST /api/messaging/message-servers', made, {
        ...{ as: 'hook', body, keep: { guild: 'data.server.id' } },
      }),
      asked(
        'they are listed',
        'GET /api/messaging/message-servers',
        answered({ messageServers: [first, guild] }),
        {
          as: 'ben',
        },
      ),
      asked(
        'as older clients ask',
        'GET /api/messaging/central-servers',
        answered({ servers: [first, guild] }),
      ),
      asked(
        'at its other address',
        'GET /api/messaging/servers/central',
        answered({ servers: [first, guild] }),
      ),
      asked(
        'name and source are needed',
        'POST /api/messaging/servers',
        refusedInText(400, 'Missing required fields: name, sourceType'),
        { body: { name: 'Guild' } },
      ),
      asked('not by members', 'POST /api/messaging/servers', noAdministrator, { as: 'ben', body }),
      asked(
        'not by strangers',
        'DELETE /api/messaging/message-servers/{guild}',
        refusedInText(404, 'Server {guild} does not exist'),
        {
          as: 'stranger',
        },
      ),
      asked('removed', 'DELETE /api/messaging/message-servers/{guild}', gone),
      asked(
        'once',
        'DELETE /api/messaging/servers/{guild}',
        refusedInText(404, 'Server {guild} does not exist'),
      ),
      asked(
        'the first one stays',
        `DELETE /api/messaging/message-servers/${nil}`,
        refusedInText(403, 'The default server cannot be deleted'),
      ),
      asked(
        'no UUID',
        'DELETE /api/messaging/message-servers/x',
        refusedInText(400, 'Invalid serverId format'),
      ),
      asked('nobody asks', 'GET /api/messaging/message-servers', unknownCaller, { as: 'nobody' }),
    ],
  },
  {
    title: 'agents of a message server',
    steps: [
      asked('it is made', 'POST /api/messaging/servers', made, { body, keep: { guild: 'data.server.id' } }),
      asked(
        'an agent belongs to it',
        'POST /api/messaging/message-servers/{guild}/agents',
        answered(membership('added to'), 201),
        { body: { agentId: '{iris}' }, times: 2 },
      ),
      asked(
        'as the documents have it',
        'POST /api/messaging/servers/{guild}/agents/{iris}',
        answered(membership('added to'), 201),
      ),
      asked(
        'they are listed',
        'GET /api/messaging/message-servers/{guild}/agents',
        answered({ messageServerId: '{guild}', agents: ['{iris}'] }),
      ),
      asked(
        'and its servers',
        'GET /api/messaging/agents/{iris}/message-servers',
        answered({ agentId: '{iris}', messageServers: ['{guild}'] }),
      ),
      asked(
        'no more',
        'DELETE /api/messaging/message-servers/{guild}/agents/{iris}',
        answered(membership('removed from')),
        { times: 2 },
      ),
      asked(
        'no id',
        'POST /api/messaging/message-servers/{guild}/agents',
        refusedInText(400, 'Invalid serverId or agentId format'),
        { body: {} },
      ),
      asked('no such server', `GET /api/messaging/message-servers/${nothing}/agents`, noServer),
      asked('not by members', 'POST /api/messaging/message-servers/{guild}/agents', noAdministrator, {
        ...{ as: 'ben', body: { agentId: '{iris}' } },
      }),
      asked(
        'no UUID',
        'GET /api/messaging/agents/x/message-servers',
        refusedInText(400, 'Invalid agentId format'),
      ),
    ],
  },
  {
    title: 'channels of a message server',
    steps: [
      asked('it is made', 'POST /api/messaging/servers', made, { body, keep: { guild: 'data.server.id' } }),
      asked(
        'a bridge names what it knows',
        'POST /api/messaging/message-servers/{guild}/sync-channels',
        answered({ synced: 1 }),
        { as: 'hook', body: { channels: [{ name: 'general', sourceId: '7' }] }, times: 2 },
      ),
      asked(
        'it is there once',
        'GET /api/messaging/message-servers/{guild}/channels',
        answered({
          channels: [
            channelRow('general', {
              ...{ id: uuid, messageServerId: '{guild}', sourceType: 'discord', sourceId: '7' },
              metadata: { participantCentralUserIds: ['{hook}'] },
            }),
          ],
        }),
        { as: 'hook', eventually: true },
      ),
      asked('not for others', 'GET /api/messaging/servers/{guild}/channels', answered({ channels: [] }), {
        as: 'ben',
      }),
      asked(
        'nor of another tenant',
        'GET /api/messaging/servers/{guild}/channels',
        answered({ channels: [] }),
        { as: 'stranger' },
      ),
      asked(
        'of an unknown one none',
        `GET /api/messaging/central-servers/${nothing}/channels`,
        answered({ channels: [] }),
      ),
      asked('no UUID', 'GET /api/messaging/servers/x/channels', refusedInText(400, 'Invalid serverId')),
      asked(
        'each needs its name',
        'POST /api/messaging/message-servers/{guild}/sync-channels',
        refusedInText(400, 'Each channel needs name and sourceId'),
        { as: 'hook', body: { channels: [{ sourceId: '8' }] } },
      ),
      asked('no such server', `POST /api/messaging/message-servers/${nothing}/sync-channels`, noServer, {
        ...{ as: 'hook', body: { channels: [] } },
      }),
    ],
  },
];
