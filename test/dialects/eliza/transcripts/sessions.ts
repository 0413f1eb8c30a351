/** eliza.md §4, Sessions. */
import type { Expected, Shape, Transcript } from '../../../kit/transcripts/step.ts';
import {
  asked,
  busMessage,
  millis,
  nothing,
  refusedBySession,
  startedAgent,
  text,
  time,
  unknownCaller,
  uuid,
} from './shapes.ts';

const timeouts = { timeoutMinutes: 30, autoRenew: true, maxDurationMinutes: 720, warningThresholdMinutes: 5 };
const begun = {
  ...{ sessionId: '{session}', channelId: '{channel}', agentId: '{agent}', userId: '{ada}' },
  ...{ createdAt: time, metadata: { plan: 'free' }, expiresAt: time, timeoutConfig: timeouts },
};
/** At most the half hour that it has from its last use on. */
const left = (value: unknown): boolean => Number(value) > 1_700_000 && Number(value) <= 1_800_000;
const info = (renewalCount: number, fields: Readonly<Record<string, Shape>> = {}): Expected => ({
  status: 200,
  body: {
    ...{ ...begun, lastActivity: time, renewalCount, timeRemaining: left, isNearExpiration: false },
    ...fields,
  },
});
const begin = (name: string) =>
  asked(
    name,
    'POST /api/messaging/sessions',
    { status: 201, body: { ...begun, sessionId: text, channelId: uuid } },
    {
      body: { agentId: '{agent}', userId: '{ada}', metadata: { plan: 'free' } },
      keep: { session: 'sessionId', channel: 'channelId' },
    },
  );
const noSession = refusedBySession(404, 'SESSION_NOT_FOUND', "Session with ID '{session}' not found", {
  sessionId: '{session}',
});
const status = (renewalCount: number) => ({
  ...{ expiresAt: time, renewalCount, wasRenewed: true, isNearExpiration: false },
});
const ofChannel = {
  ...{ sessionId: '{session}', agentId: '{agent}', userId: '{ada}', timeoutConfig: timeouts, plan: 'free' },
};
const sent = (content: string, renewals: number, beside: Readonly<Record<string, Shape>> = {}): Expected => {
  const said = {
    success: true,
    userMessage: busMessage(content, {
      ...{ source_type: 'user', raw_message: { content }, metadata: ofChannel },
    }),
    ...{ ...beside, sessionStatus: status(renewals) },
  };
  return { status: 201, body: { ...said, data: said } };
};
const answer = { text, providers: [], responseId: uuid, inReplyTo: uuid, agentId: '{agent}' };
const ended = { success: true, message: 'Session {session} deleted successfully' };

export const sessions: readonly Transcript[] = [
  {
    title: 'a session from its first word to its end',
    steps: [
      ...startedAgent('Sessile'),
      begin('it begins'),
      asked('it is shown', 'GET /api/messaging/sessions/{session}', info(0)),
      asked('it is listed', 'GET /api/messaging/sessions', {
        status: 200,
        body: {
          ...{ sessions: [info(0).body as Shape], total: 1 },
          stats: { totalSessions: 1, activeSessions: 1, expiredSessions: 0 },
        },
      }),
      asked('it is well', 'GET /api/messaging/sessions/health', {
        status: 200,
        body: {
          ...{ status: 'healthy', activeSessions: 1, timestamp: time, expiringSoon: 0 },
          uptime: (value) => Number(value) > 0,
        },
      }),
      asked('nothing was said', 'GET /api/messaging/sessions/{session}/messages', {
        ...{ status: 200, body: { messages: [], hasMore: false } },
      }),
      asked(
        'the agent is asked',
        'POST /api/messaging/sessions/{session}/messages',
        sent('Hello', 1, { agentResponse: answer }),
        { body: { content: 'Hello', transport: 'http' } },
      ),
      asked('what was said', 'GET /api/messaging/sessions/{session}/messages', {
        status: 200,
        body: {
          messages: [
            {
              ...{ id: uuid, content: text, authorId: '{agent}', isAgent: true, createdAt: time },
              metadata: (value) => value !== null,
            },
            {
              ...{ id: uuid, content: 'Hello', authorId: '{ada}', isAgent: false, createdAt: time },
              metadata: ofChannel,
            },
          ],
          ...{ hasMore: false, cursors: { before: millis, after: millis } },
        },
      }),
      asked('it is renewed', 'POST /api/messaging/sessions/{session}/renew', info(2)),
      asked('it is in use', 'POST /api/messaging/sessions/{session}/heartbeat', info(3)),
      asked(
        'it gets an hour',
        'PATCH /api/messaging/sessions/{session}/timeout',
        info(3, {
          timeoutConfig: { ...timeouts, timeoutMinutes: 60 },
          timeRemaining: (value) => Number(value) > 3_500_000 && Number(value) <= 3_600_000,
        }),
        { body: { timeoutMinutes: '60' } },
      ),
      asked('it is over', 'DELETE /api/messaging/sessions/{session}', {
        ...{ status: 200, body: { ...ended, data: ended } },
      }),
      asked('once', 'DELETE /api/messaging/sessions/{session}', noSession),
      asked('gone', 'GET /api/messaging/sessions/{session}', noSession),
      asked('nothing to renew', 'POST /api/messaging/sessions/{session}/renew', noSession),
      asked('nothing in use', 'POST /api/messaging/sessions/{session}/heartbeat', noSession),
      asked('nobody to talk to', 'POST /api/messaging/sessions/{session}/messages', noSession, {
        body: { content: 'x' },
      }),
    ],
  },
  {
    title: 'sessions that do not begin',
    steps: [
      asked(
        'nothing is said',
        'POST /api/messaging/sessions',
        refusedBySession(400, 'VALIDATION_ERROR', 'Missing required fields: agentId, userId', {
          missingFields: ['agentId', 'userId'],
        }),
        { body: {} },
      ),
      asked(
        'no UUID',
        'POST /api/messaging/sessions',
        refusedBySession(400, 'VALIDATION_ERROR', "Invalid UUID format for field 'agentId'", {
          ...{ field: 'agentId', providedValue: 'x', expectedFormat: 'UUID v4' },
        }),
        { body: { agentId: 'x', userId: '{ada}' } },
      ),
      asked(
        'an agent that does not run',
        'POST /api/messaging/sessions',
        refusedBySession(404, 'AGENT_NOT_FOUND', "Agent with ID '{iris}' not found", { agentId: '{iris}' }),
        { body: { agentId: '{iris}', userId: '{ada}' } },
      ),
      ...startedAgent('Waiting'),
      asked(
        'metadata that is none',
        'POST /api/messaging/sessions',
        refusedBySession(400, 'VALIDATION_ERROR', 'Invalid metadata: Metadata must be an object', {
          reason: 'Metadata must be an object',
        }),
        { body: { agentId: '{agent}', userId: '{ada}', metadata: [] } },
      ),
      asked(
        'for somebody else',
        'POST /api/messaging/sessions',
        refusedBySession(403, 'FORBIDDEN', 'The author must be the caller.'),
        { as: 'ben', body: { agentId: '{agent}', userId: '{ada}' } },
      ),
      asked('nobody asks', 'POST /api/messaging/sessions', unknownCaller, { as: 'nobody', body: {} }),
      asked('there is none', 'GET /api/messaging/sessions', {
        status: 200,
        body: {
          ...{ sessions: [], total: 0 },
          stats: { totalSessions: 0, activeSessions: 0, expiredSessions: 0 },
        },
      }),
    ],
  },
  {
    title: 'what a session refuses',
    steps: [
      ...startedAgent('Strict'),
      begin('it begins'),
      asked('not for others', 'GET /api/messaging/sessions/{session}', noSession, { as: 'ben' }),
      asked('nor of another tenant', 'DELETE /api/messaging/sessions/{session}', noSession, {
        as: 'stranger',
      }),
      asked(
        'an empty message',
        'POST /api/messaging/sessions/{session}/messages',
        refusedBySession(400, 'VALIDATION_ERROR', 'Invalid content: Content cannot be empty', {
          reason: 'Content cannot be empty',
        }),
        { body: { content: '' } },
      ),
      asked(
        'by pigeon',
        'POST /api/messaging/sessions/{session}/messages',
        refusedBySession(
          ...([400, 'VALIDATION_ERROR'] as const),
          'Invalid content: Invalid transport: "pigeon". Must be one of: http, sse, websocket',
          { reason: 'Invalid transport: "pigeon". Must be one of: http, sse, websocket' },
        ),
        { body: { content: 'x', transport: 'pigeon' } },
      ),
      asked(
        'no time',
        'GET /api/messaging/sessions/{session}/messages?before=yesterday',
        refusedBySession(
          ...([400, 'VALIDATION_ERROR'] as const),
          "Invalid pagination parameter 'before': Must be a valid timestamp",
          { parameter: 'before', value: 'yesterday', reason: 'Must be a valid timestamp' },
        ),
      ),
      asked(
        'too short a time',
        'PATCH /api/messaging/sessions/{session}/timeout',
        refusedBySession(
          ...([400, 'VALIDATION_ERROR'] as const),
          'Invalid timeout configuration: Timeout must be between 5 and 1440 minutes',
          { reason: 'Timeout must be between 5 and 1440 minutes' },
        ),
        { body: { timeoutMinutes: 1 } },
      ),
      asked(
        'an id that is none',
        'GET /api/messaging/sessions/nowhere',
        refusedBySession(404, 'SESSION_NOT_FOUND', "Session with ID 'nowhere' not found", {
          sessionId: 'nowhere',
        }),
      ),
      asked(
        'one of nobody',
        `PATCH /api/messaging/sessions/${nothing}/timeout`,
        {
          ...refusedBySession(404, 'SESSION_NOT_FOUND', `Session with ID '${nothing}' not found`, {
            sessionId: nothing,
          }),
        },
        { body: { timeoutMinutes: 30 } },
      ),
      asked('nothing of it renewed it', 'GET /api/messaging/sessions/{session}', info(0)),
    ],
  },
];
