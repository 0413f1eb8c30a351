/** eliza.md §4, Memory and rooms. */
import type { Shape, Transcript } from '../../../kit/transcripts/step.ts';
import {
  answered,
  asked,
  gone,
  millis,
  nil,
  nothing,
  refused,
  startedAgent,
  talkedWith,
  text,
  uuid,
} from './shapes.ts';

const room = {
  ...{ id: '{room}', name: 'Quay', channelId: '{channel}', agentId: '{agent}', messageServerId: nil },
  ...{ worldId: uuid, type: 'DM', source: 'client', metadata: {}, serverId: nil },
};
const { serverId: _, ...made } = room;

const run = {
  ...{ runId: uuid, status: 'completed', startedAt: millis, endedAt: millis },
  durationMs: (value: unknown): boolean => Number.isSafeInteger(value) && Number(value) >= 0,
  ...{ messageId: '{uuid.greeting}', roomId: uuid, entityId: '{ada}' },
  metadata: { agentName: 'Reminded', channelType: 'GROUP' },
  counts: { actions: 0, modelCalls: 1, errors: 0, evaluators: 0 },
};
const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null;
const happened = (type: string): Shape => ({ type, timestamp: millis, data: isObject });
const remembered = (entityId: string, content: Readonly<Record<string, Shape>>): Shape => ({
  ...{ id: uuid, type: 'messages', createdAt: millis, entityId, agentId: '{agent}', roomId: uuid },
  content: { source: 'parley', channelType: 'GROUP', ...content },
  ...{ unique: true, metadata: { type: 'message', source: 'parley', timestamp: millis, runId: '{run}' } },
});

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
    title: 'what an agent did and remembers',
    steps: [
      ...startedAgent('Reminded'),
      talkedWith(),
      asked('its run', 'GET /api/agents/{agent}/runs', answered({ runs: [run], total: 1, hasMore: false }), {
        keep: { run: 'data.runs.0.runId' },
        eventually: true,
      }),
      asked(
        'what was done in it',
        'GET /api/agents/{agent}/runs/{run}',
        answered({ summary: run, events: ['RUN_STARTED', 'MODEL_USED', 'RUN_ENDED'].map(happened) }),
      ),
      asked(
        'what was said',
        'GET /api/memory/{agent}/memories?channelId={uuid.talk}',
        answered({
          memories: [
            remembered('{agent}', { text, inReplyTo: uuid }),
            remembered('{ada}', { text: 'Hello' }),
          ],
        }),
        { keep: { memory: 'data.memories.0.id' }, eventually: true },
      ),
      asked(
        'it is put right',
        'PATCH /api/memory/{agent}/memories/{memory}',
        answered({ id: '{memory}', message: 'Memory updated successfully' }),
        { body: { content: { text: 'Hallo' } } },
      ),
      asked(
        'and forgotten',
        'DELETE /api/memory/{agent}/memories/{memory}',
        answered({ message: 'Memory deleted successfully' }),
      ),
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
