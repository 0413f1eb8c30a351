/** eliza.md §4, System. */
import type { Transcript } from '../../../kit/transcripts/step.ts';
import {
  answered,
  asked,
  millis,
  nil,
  refused,
  refusedByServer,
  text,
  time,
  unknownCaller,
} from './shapes.ts';

const count = (value: unknown): boolean => Number.isSafeInteger(value);
const seconds = (value: unknown): boolean => typeof value === 'number' && value > 0;
const levels = ['fatal', 'error', 'warn', 'info', 'log', 'progress', 'success', 'debug', 'trace'];
const logs = {
  ...{ logs: [], count: 0, total: 0, requestedLevel: 'error', agentName: 'all', agentId: 'all', levels },
};
const version = {
  version: text,
  source: 'parley',
  timestamp: time,
  environment: 'production',
  uptime: seconds,
};
const firstServer = {
  ...{ id: nil, name: text, sourceType: text, metadata: {}, createdAt: time, updatedAt: time },
};

export const server: readonly Transcript[] = [
  {
    title: 'what it says of itself',
    steps: [
      asked('it answers', 'GET /api/server/ping', { status: 200, body: { pong: true, timestamp: millis } }),
      asked('it greets', 'GET /api/server/hello', { status: 200, body: { message: 'Hello World!' } }),
      asked('it counts', 'GET /api/server/status', {
        ...{ status: 200, body: { status: 'ok', agentCount: count, timestamp: time } },
      }),
      asked('it is well', 'GET /api/server/health', {
        status: 200,
        body: { status: 'OK', version: text, timestamp: time, dependencies: { agents: 'healthy' } },
      }),
      asked('its version', 'GET /api/system/version', { status: 200, body: version }),
      asked('what it asks for', 'GET /api/system/config', answered({ requiresAuth: true })),
      asked('its message servers', 'GET /api/server/debug/servers', {
        ...{ status: 200, body: { success: true, servers: [firstServer], count: 1 } },
      }),
      asked('nobody asks', 'GET /api/ping', unknownCaller, { as: 'nobody' }),
      asked('no such path', 'GET /api/nowhere', refusedByServer(404)),
      asked('not for everybody', 'POST /api/server/stop', refusedByServer(403), { as: 'hook' }),
    ],
  },
  {
    title: 'settings',
    steps: [
      asked('none', 'GET /api/system/env/local', answered({})),
      asked(
        'some are kept',
        'POST /api/system/env/local',
        {
          ...{ status: 200, body: { success: true, message: 'Local env updated' } },
        },
        { body: { content: { OPENAI_SMALL_MODEL: 'small' } } },
      ),
      asked('they are read', 'GET /api/env', answered({ OPENAI_SMALL_MODEL: 'small' }), { as: 'hook' }),
      asked(
        'others take their place',
        'PUT /api/env',
        {
          ...{ status: 200, body: { success: true, message: 'Local env updated' } },
        },
        { body: { content: {} } },
      ),
      asked(
        'an unknown name',
        'PUT /api/env',
        {
          status: 400,
          body: {
            success: false,
            error: { code: 'INVALID_INPUT', message: text, details: [{ path: 'PATH', reason: 'unknown' }] },
          },
        },
        { body: { PATH: 'x' } },
      ),
      asked('not for members', 'GET /api/env', refused(403, 'FORBIDDEN'), { as: 'ben' }),
    ],
  },
  {
    title: 'log entries of all agents',
    steps: [
      asked('read', 'GET /api/server/logs?level=error', { status: 200, body: logs }),
      asked(
        'a POST reads, too',
        'POST /api/server/logs?level=error',
        { status: 200, body: logs },
        {
          body: { logs: [{ level: 'error', message: 'x' }] },
        },
      ),
      asked('cleared', 'DELETE /api/server/logs', {
        ...{ status: 200, body: { status: 'success', message: 'Logs cleared successfully' } },
      }),
      asked('not for members', 'GET /api/logs/system', refused(403, 'FORBIDDEN'), { as: 'ben' }),
    ],
  },
];
