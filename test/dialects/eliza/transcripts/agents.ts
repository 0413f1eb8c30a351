/** eliza.md §2. */
import type { Transcript } from '../../../kit/transcripts/step.ts';
import {
  answered,
  asked,
  gone,
  millis,
  nil,
  nothing,
  refused,
  startedAgent,
  text,
  time,
  unknownCaller,
  uuid,
} from './shapes.ts';

const row = {
  ...{ id: '{agent}', enabled: true, server_id: null, createdAt: millis, updatedAt: millis },
  ...{ username: null, system: null, bio: ['Knows every ship.'], messageExamples: [], postExamples: [] },
  ...{ topics: [], adjectives: [], knowledge: [], plugins: [], settings: {}, style: {}, status: 'active' },
};
const world = { id: '{world}', agentId: '{agent}', name: 'Harbours', metadata: {}, createdAt: time };
const isList = (value: unknown): boolean => Array.isArray(value);

export const agents: readonly Transcript[] = [
  {
    title: 'an agent from its character to its end',
    steps: [
      ...startedAgent('Transcribed'),
      asked(
        'a change is laid over the character',
        'PATCH /api/agents/{agent}',
        answered({ ...row, name: 'Transcribed' }),
        { body: { bio: ['Knows every ship.'] } },
      ),
      asked('it is read by a member', 'GET /api/agents/{agent}', answered({ ...row, name: 'Transcribed' }), {
        as: 'ben',
      }),
      asked('it is listed', 'GET /api/agents', answered({ agents: isList })),
      asked('it has no panels', 'GET /api/agents/{agent}/panels', answered([])),
      asked('a member does not stop it', 'POST /api/agents/{agent}/stop', refused(403, 'FORBIDDEN'), {
        as: 'ben',
      }),
      asked('it is stopped', 'POST /api/agents/{agent}/stop', answered({ message: 'Agent stopped' })),
      asked(
        'what does not run is not stopped',
        'POST /api/agents/{agent}/stop',
        refused(404, 'NOT_FOUND', 'Agent not found'),
      ),
      asked('it is deleted', 'DELETE /api/agents/{agent}', gone),
      asked('it is gone', 'GET /api/agents/{agent}', refused(404, 'NOT_FOUND', 'Agent not found')),
    ],
  },
  {
    title: 'agents that there are not',
    steps: [
      asked(
        'no character',
        'POST /api/agents',
        refused(400, 'CREATE_ERROR', 'No character configuration provided'),
        {
          body: {},
        },
      ),
      asked('no UUID', 'GET /api/agents/x', refused(400, 'INVALID_ID', 'Invalid agent ID format')),
      asked('nobody asks', 'GET /api/agents', unknownCaller, { as: 'nobody' }),
      asked('of another tenant', 'GET /api/agents/{iris}', refused(404, 'NOT_FOUND'), { as: 'stranger' }),
      asked(
        'no JSON',
        'POST /api/agents',
        { status: 400, body: { success: false, error: { message: text, code: 400 } } },
        {
          body: '{',
        },
      ),
    ],
  },
  {
    title: 'worlds',
    steps: [
      ...startedAgent('Worldly'),
      asked(
        'a world is made',
        'POST /api/agents/{agent}/worlds',
        answered({ world: { ...world, id: uuid } }, 201),
        { body: { name: 'Harbours' }, keep: { world: 'data.world.id' } },
      ),
      asked(
        'a name is needed',
        'POST /api/agents/{agent}/worlds',
        refused(400, 'BAD_REQUEST', 'World name is required'),
        {
          body: {},
        },
      ),
      asked('they are listed', 'GET /api/agents/{agent}/worlds', answered({ worlds: [world] })),
      asked('of all agents, too', 'GET /api/agents/worlds', answered({ worlds: [world] })),
      asked(
        'settings are metadata',
        'PATCH /api/agents/{agent}/worlds/{world}',
        answered({
          ...{
            world: { ...world, metadata: { settings: { a: 1 } } },
            worldId: '{world}',
            settings: { a: 1 },
          },
        }),
        { body: { settings: { a: 1 } } },
      ),
      asked(
        'an unknown world',
        `PATCH /api/agents/{agent}/worlds/${nothing}`,
        refused(404, 'NOT_FOUND', 'World not found'),
        { body: { name: 'x' } },
      ),
      asked('an unknown message server', 'POST /api/agents/{agent}/worlds', refused(404, 'NOT_FOUND'), {
        body: { name: 'x', messageServerId: nothing },
      }),
      asked(
        'the default message server',
        'POST /api/agents/{agent}/worlds',
        answered({ world: { ...world, id: uuid, name: 'Default', messageServerId: nil } }, 201),
        { body: { name: 'Default', messageServerId: nil } },
      ),
    ],
  },
  {
    title: 'runs and log entries',
    steps: [
      ...startedAgent('Logged'),
      asked('no runs', 'GET /api/agents/{agent}/runs', answered({ runs: [], total: 0, hasMore: false })),
      asked('an unknown run', `GET /api/runs/{agent}/${nothing}`, refused(404, 'NOT_FOUND', 'Run not found')),
      asked(
        'the same',
        `GET /api/agents/{agent}/runs/${nothing}`,
        refused(404, 'NOT_FOUND', 'Run not found'),
      ),
      asked('no entries', 'GET /api/agents/{agent}/logs', answered([])),
      asked('none is deleted', `DELETE /api/agents/{agent}/logs/${nothing}`, gone),
      asked('a room that is none', 'GET /api/logs/{agent}?roomId=x', refused(400, 'INVALID_ID')),
      asked('not for members', 'GET /api/agents/{agent}/logs', refused(403, 'FORBIDDEN'), { as: 'ben' }),
    ],
  },
];
