/** eliza.md §4, Memory and rooms. */
import type { Transcript } from '../../../kit/transcripts/step.ts';
import { answered, asked, gone, millis, nil, nothing, refused, startedAgent, uuid } from './shapes.ts';

const room = {
  ...{ id: '{room}', name: 'Quay', channelId: '{channel}', agentId: '{agent}', messageServerId: nil },
  ...{ worldId: uuid, type: 'DM', source: 'client', metadata: {}, serverId: nil },
};
const { serverId: _, ...made } = room;

export const memory: readonly Transcript[] = [
  {
    title: 'rooms',
    steps: [
      ...startedAgent('Roomy'),
      asked(
        'a room is made',
        'POST /api/memory/{agent}/rooms',
        answered({ ...made, id: uuid, channelId: uuid, createdAt: millis }, 201),
        { body: { name: 'Quay' }, keep: { room: 'data.id', channel: 'data.channelId' } },
      ),
      asked(
        'a name is needed',
        'POST /api/rooms/{agent}',
        refused(400, 'MISSING_PARAM', 'Room name is required'),
        {
          body: {},
        },
      ),
      asked('they are listed', 'GET /api/memory/{agent}/rooms', answered({ rooms: [room] })),
      asked('one is read', 'GET /api/memory/{agent}/rooms/{room}', answered(room)),
      asked('its memories', 'GET /api/memory/{agent}/rooms/{channel}/memories', answered({ memories: [] })),
      asked('renamed', 'PATCH /api/memory/{agent}/rooms/{room}', answered({ ...room, name: 'Pier' }), {
        body: { name: 'Pier' },
      }),
      asked('not seen by who is not in it', 'GET /api/rooms/{agent}/{room}', refused(404, 'NOT_FOUND'), {
        as: 'ben',
      }),
      asked('left', 'DELETE /api/agents/{agent}/rooms/{room}', gone),
      asked('gone', 'GET /api/rooms/{agent}/{room}', refused(404, 'NOT_FOUND', 'Room not found')),
    ],
  },
  {
    title: 'memories',
    steps: [
      ...startedAgent('Mindful'),
      asked('none', 'GET /api/memory/{agent}/memories', answered({ memories: [] })),
      asked(
        'an unknown one is not changed',
        `PATCH /api/memory/{agent}/memories/${nothing}`,
        refused(404, 'NOT_FOUND', 'Memory not found'),
        { body: { content: { text: 'x' } } },
      ),
      asked('nor deleted', `DELETE /api/memory/{agent}/memories/${nothing}`, refused(404, 'NOT_FOUND')),
      asked('those of a room', `DELETE /api/memory/{agent}/memories/all/${nothing}`, gone),
      asked('all', 'DELETE /api/memory/{agent}/memories', {
        ...answered({ deleted: 0, message: 'All agent memories cleared successfully' }),
      }),
      asked('not for members', 'GET /api/memory/{agent}/memories', refused(403, 'FORBIDDEN'), { as: 'ben' }),
      asked('nor of agents that do not run', 'GET /api/memory/{iris}/memories', refused(404, 'NOT_FOUND')),
    ],
  },
  {
    title: 'groups',
    steps: [
      ...startedAgent('Grouped'),
      asked(
        'one agent, and one that does not run',
        `POST /api/memory/groups/${nil}`,
        {
          status: 207,
          body: {
            success: false,
            data: [
              { id: uuid, name: 'Crew', source: 'client', worldId: uuid, type: 'API', agentId: '{agent}' },
            ],
            errors: [{ agentId: '{iris}', code: 'NOT_FOUND', message: 'Agent not found' }],
          },
        },
        { body: { agentIds: ['{agent}', '{iris}'], name: 'Crew' } },
      ),
      asked('agents are needed', `POST /api/memory/groups/${nil}`, refused(400, 'BAD_REQUEST'), { body: {} }),
      asked('what they remember', `DELETE /api/memory/groups/${nil}/memories`, gone),
      asked('its end', `DELETE /api/memory/groups/${nil}`, gone),
      asked('once', `DELETE /api/memory/groups/${nil}`, refused(404, 'NOT_FOUND', 'Group not found')),
    ],
  },
];
