/** eliza.md §3, Jobs. */
import type { Transcript } from '../../../kit/transcripts/step.ts';
import { asked, millis, nothing, refusedInText, startedAgent, text, unknownCaller, uuid } from './shapes.ts';

const job = {
  ...{ jobId: '{job}', agentId: '{agent}', userId: '{ada}', prompt: 'How deep is it?' },
  ...{ createdAt: millis, expiresAt: millis, metadata: { origin: 'form' } },
};
const answered = {
  ...{ ...job, status: 'completed' },
  result: {
    message: {
      ...{ id: uuid, content: text, authorId: '{agent}', createdAt: millis },
      metadata: (value: unknown) => value !== null,
    },
    processingTimeMs: (value: unknown) => Number.isSafeInteger(value) && Number(value) >= 0,
  },
};
const body = {
  userId: '{ada}',
  agentId: '{agent}',
  content: 'How deep is it?',
  metadata: { origin: 'form' },
};
const none = { pending: 0, processing: 0, completed: 0, failed: 0, timeout: 0 };

export const jobs: readonly Transcript[] = [
  {
    title: 'a job from its question to its answer',
    steps: [
      ...startedAgent('Diligent'),
      asked(
        'it is given',
        'POST /api/messaging/jobs',
        { status: 201, body: { jobId: uuid, status: 'processing', createdAt: millis, expiresAt: millis } },
        { body, keep: { job: 'jobId' } },
      ),
      asked(
        'it is done',
        'GET /api/messaging/jobs/{job}',
        { status: 200, body: answered },
        { eventually: true },
      ),
      asked('at its other address', 'GET /api/jobs/{job}', { status: 200, body: answered }),
      asked('it is listed', 'GET /api/messaging/jobs?status=completed&limit=5', {
        ...{ status: 200, body: { jobs: [answered], total: 1, filtered: 1 } },
      }),
      asked('none has failed', 'GET /api/jobs?status=failed', {
        ...{ status: 200, body: { jobs: [], total: 1, filtered: 0 } },
      }),
      asked('it is counted', 'GET /api/messaging/jobs/health', {
        status: 200,
        body: {
          ...{ healthy: true, timestamp: millis, totalJobs: 1, statusCounts: { ...none, completed: 1 } },
          metrics: {
            averageProcessingTimeMs: (value) => Number.isSafeInteger(value),
            ...{ successRate: 1, failureRate: 0, timeoutRate: 0 },
          },
          maxJobs: 10_000,
        },
      }),
      asked('not for others', 'GET /api/messaging/jobs/{job}', refusedInText(404, 'Job not found'), {
        as: 'ben',
      }),
      asked(
        'nor listed',
        'GET /api/messaging/jobs',
        { status: 200, body: { jobs: [], total: 0, filtered: 0 } },
        {
          as: 'ben',
        },
      ),
    ],
  },
  {
    title: 'jobs that are not taken',
    steps: [
      asked(
        'of nobody',
        'POST /api/messaging/jobs',
        refusedInText(400, 'userId is required and must be a valid UUID string'),
        { body: {} },
      ),
      asked('of nothing', 'POST /api/messaging/jobs', refusedInText(400, 'content cannot be empty'), {
        body: { userId: '{ada}', content: '' },
      }),
      asked(
        'in no time',
        'POST /api/messaging/jobs',
        refusedInText(400, 'timeoutMs must be at least 1000ms'),
        { body: { userId: '{ada}', content: 'x', timeoutMs: 1 } },
      ),
      asked('of somebody else', 'POST /api/jobs', refusedInText(403, 'The author must be the caller.'), {
        as: 'ben',
        body: { userId: '{ada}', content: 'x' },
      }),
      asked('by nobody', 'POST /api/messaging/jobs', refusedInText(404, 'Agent {iris} not found'), {
        body: { userId: '{ada}', content: 'x', agentId: '{iris}' },
      }),
      asked('no such job', `GET /api/messaging/jobs/${nothing}`, refusedInText(404, 'Job not found')),
      asked('nobody asks', 'GET /api/messaging/jobs', unknownCaller, { as: 'nobody' }),
    ],
  },
];
