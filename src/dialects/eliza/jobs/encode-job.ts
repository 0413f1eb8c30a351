/** A job -> its form on the wire. */
import type { EventOf } from '../../../domain/event.ts';
import { msOf } from '../../../domain/time.ts';
import type { Job } from '../../../ports/agents/jobs.ts';
import { shownMetadata } from '../messaging/kept.ts';
import type { JobDetails } from './wire.ts';

export function jobDetails(job: Job): JobDetails {
  const { answer, error } = job;
  return {
    jobId: job.id,
    status: job.status,
    agentId: job.agent,
    userId: job.user,
    prompt: job.prompt,
    createdAt: msOf(job.createdAt),
    expiresAt: msOf(job.expiresAt),
    ...(answer === null ? {} : { result: resultOf(job, answer) }),
    ...(error === null ? {} : { error }),
    metadata: { ...job.metadata },
  };
}

function resultOf(job: Job, { actor, at, data }: EventOf<'message.posted'>): JobDetails['result'] & object {
  const { message_id: id, content, metadata } = data;
  return {
    message: {
      ...{ id, content, authorId: actor.id, createdAt: Date.parse(at) },
      metadata: { ...shownMetadata(metadata) },
    },
    processingTimeMs: Math.max(0, msOf((job.endedAt ?? job.createdAt) - job.createdAt)),
  };
}
