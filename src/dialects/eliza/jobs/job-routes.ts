/** Jobs: begun, asked for, counted (eliza.md §3). */
import type { Static } from '@sinclair/typebox';
import { type Operation, operation } from '../../../contract/operation.ts';
import { limits } from '../../../domain/limits.ts';
import type { Principal } from '../../../domain/principal.ts';
import { Problem } from '../../../domain/problem.ts';
import { msOf } from '../../../domain/time.ts';
import type { JobCounts, JobStatus } from '../../../ports/agents/jobs.ts';
import { alsoAt } from '../also-at.ts';
import { authorOf, callerOf } from '../caller.ts';
import type { ElizaDeps } from '../deps.ts';
import { contextOf, refuseAuthor, saidIn } from '../messaging/acting.ts';
import { withChannelFacts, withMessageFacts } from '../messaging/kept.ts';
import { errors } from '../messaging/refusals.ts';
import { type AgentInUse, firstRunningAgent, runningAgent } from '../running-agent.ts';
import { decodeLimit } from '../sessions/decode-session.ts';
import { elizaBodyBytesMax } from '../wire.ts';
import { type DecodedJob, decodeJob } from './decode-job.ts';
import { jobDetails } from './encode-job.ts';
import { ByJob, CreatedJob, JobDetails, JobList, JobRequest, JobsHealth, JobsQuery } from './wire.ts';

const path = '/api/messaging/jobs';

export function jobRoutes(deps: ElizaDeps): readonly Operation[] {
  return [create(deps), list(deps), health(deps), get(deps)].flatMap((one) =>
    alsoAt(one, one.path.replace(path, '/api/jobs')),
  );
}

function create(deps: ElizaDeps): Operation {
  return operation(
    {
      id: 'eliza.createJob',
      method: 'POST',
      path,
      summary: 'Asks an agent, in a channel of its own; its answer is asked for later',
      access: 'principal',
      rate: 'send',
      bodyBytesMax: elizaBodyBytesMax,
      schemas: { body: JobRequest },
      responses: {
        201: { description: 'The prompt is stored', schema: CreatedJob },
        ...errors(400, 401, 403, 404, 413, 429, 503),
      },
    },
    async (request) => {
      const wanted = decodeJob(request.body);
      if (wanted instanceof Problem) return wanted;
      const caller = callerOf(request);
      const refused = refuseAuthor(caller, wanted.user);
      if (refused !== null) return refused;
      const agent = await agentFor(deps, caller, wanted);
      if (agent instanceof Problem) return agent;
      const author = await authorOf(deps, caller, wanted.user);
      if (author instanceof Problem) return author;
      const job = await deps.jobs.create(author, {
        ...{ agent: agent.id, ...textsOf(wanted, agent) },
        context: contextOf(saidIn(request)),
      });
      if (job instanceof Problem) return job;
      const { id: jobId, createdAt, expiresAt } = job;
      const body: Static<typeof CreatedJob> = {
        ...{ jobId, status: 'processing', createdAt: msOf(createdAt), expiresAt: msOf(expiresAt) },
      };
      return { status: 201, body };
    },
  );
}

async function agentFor(
  deps: ElizaDeps,
  caller: Principal,
  { agent: named }: DecodedJob,
): Promise<Pick<AgentInUse, 'id'> | Problem> {
  const found =
    named === null ? await firstRunningAgent(deps, caller) : await runningAgent(deps, caller, named);
  if (!(found instanceof Problem) || found.code !== 'not_found') return found;
  return new Problem(
    'not_found',
    named === null ? 'No agents available on server' : `Agent ${named} not found`,
  );
}

function textsOf(
  { content, metadata, timeoutMs, user }: DecodedJob,
  { id: agentId }: Pick<AgentInUse, 'id'>,
) {
  return {
    ...{ content, metadata, timeoutMs },
    conversationMetadata: (jobId: string) =>
      withChannelFacts({ jobId, agentId, userId: user, isJobChannel: true, ...metadata }, { type: 'DM' }),
    promptMetadata: (jobId: string) =>
      withMessageFacts({ jobId, isJobMessage: true, ...metadata }, { sourceType: 'job_request' }, content),
  };
}

function get(deps: ElizaDeps): Operation {
  return operation(
    {
      id: 'eliza.getJob',
      method: 'GET',
      path: `${path}/:jobId`,
      summary: 'A job, and the answer when it is there',
      access: 'principal',
      schemas: { params: ByJob },
      responses: { 200: { description: 'As it is now', schema: JobDetails }, ...errors(401, 404, 429, 503) },
    },
    async (request) => {
      const job = await deps.jobs.find(callerOf(request), request.params.jobId);
      if (job instanceof Problem) return job;
      return job === null
        ? new Problem('not_found', 'Job not found')
        : { status: 200, body: jobDetails(job) };
    },
  );
}

function list(deps: ElizaDeps): Operation {
  return operation(
    {
      id: 'eliza.listJobs',
      method: 'GET',
      path,
      summary: 'The own jobs; for services and administrators those of the tenant',
      access: 'principal',
      schemas: { query: JobsQuery },
      responses: { 200: { description: 'The newest of them', schema: JobList }, ...errors(401, 429, 503) },
    },
    async (request) => {
      const { limit, status = '' } = request.query;
      const found = await deps.jobs.list(callerOf(request), {
        limit: decodeLimit(limit, { max: limits.jobsListedMax, otherwise: 50 }),
        status: statuses.find((one) => one === status) ?? null,
      });
      if (found instanceof Problem) return found;
      const jobs = found.jobs.map(jobDetails);
      return { status: 200, body: { jobs, total: found.total, filtered: jobs.length } };
    },
  );
}

const statuses: readonly JobStatus[] = ['pending', 'processing', 'completed', 'failed', 'timeout'];

function health(deps: ElizaDeps): Operation {
  return operation(
    {
      id: 'eliza.jobsHealth',
      method: 'GET',
      path: `${path}/health`,
      summary: 'How many jobs the caller may see are in which state, and how they ended',
      access: 'principal',
      schemas: {},
      responses: { 200: { description: 'Healthy', schema: JobsHealth }, ...errors(401, 429, 503) },
    },
    async (request) => {
      const counts = await deps.jobs.counts(callerOf(request));
      if (counts instanceof Problem) return counts;
      return { status: 200, body: healthOf(counts, deps.clock.nowMicros()) };
    },
  );
}

function healthOf({ byStatus, averageMs }: JobCounts, now: number): Static<typeof JobsHealth> {
  const { completed, failed, timeout, pending, processing } = byStatus;
  const over = completed + failed + timeout;
  const rate = (count: number): number => (over === 0 ? 0 : Math.round((count / over) * 100) / 100);
  return {
    ...{ healthy: true, timestamp: msOf(now), totalJobs: over + pending + processing },
    statusCounts: { ...byStatus },
    metrics: {
      averageProcessingTimeMs: Math.round(averageMs),
      ...{ successRate: rate(completed), failureRate: rate(failed), timeoutRate: rate(timeout) },
    },
    maxJobs: limits.jobsPerTenantMax,
  };
}
