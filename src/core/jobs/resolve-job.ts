/** What became of a job, found out from its conversation; and the job with the texts that are in there. */
import { limits } from '../../domain/limits.ts';
import { Problem } from '../../domain/problem.ts';
import { entryId, type TimelineEntry } from '../../domain/timeline.ts';
import type { Job, JobEnd, JobMetadata, JobRecord, JobStore } from '../../ports/agents/jobs.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Bus } from '../bus.ts';
import { openText } from '../sealing/kept-text.ts';
import type { Sealer } from '../sealing/sealer.ts';
import { findAnswer, saidAt } from './find-answer.ts';

export interface ResolveJobDeps {
  readonly store: Pick<JobStore, 'settle'>;
  readonly bus: Pick<Bus, 'historyOf'>;
  readonly clock: Pick<Clock, 'nowMicros'>;
}

/** The job as it is now, with the entries of its conversation. One that ended meanwhile is settled. */
export async function resolveJob(
  { store, bus, clock }: ResolveJobDeps,
  job: JobRecord,
): Promise<{ readonly job: JobRecord; readonly entries: readonly TimelineEntry[] } | Problem> {
  const range = { limit: limits.jobAnswerSoughtMax, keep: 'oldest' } as const;
  const page = await bus.historyOf(job.tenant, job.conversation, range);
  if (page instanceof Problem) return page;
  const entries = page?.entries ?? [];
  if (job.endedAt !== null) return { job, entries };
  const answer = findAnswer(entries, job);
  const now = clock.nowMicros();
  const end =
    answer !== null
      ? { ...jobEnd('completed', saidAt(answer)), answer: answer.data.message_id }
      : now > job.expiresAt
        ? jobEnd('timeout', job.expiresAt, 'Job timed out waiting for agent response')
        : null;
  if (end === null) return { job, entries };
  const refused = await store.settle(job.tenant, job.id, end);
  return refused ?? { job: { ...job, ...end }, entries };
}

export function jobEnd(status: JobEnd['status'], endedAt: number, error: string | null = null): JobEnd {
  return { status, endedAt, error, answer: null };
}

/** The job as it is now, with its prompt, its answer and its metadata in the clear. */
export async function readJob(
  deps: ResolveJobDeps & { readonly sealer: Pick<Sealer, 'opener'> },
  record: JobRecord,
): Promise<Job | Problem> {
  const found = await resolveJob(deps, record);
  if (found instanceof Problem) return found;
  const { job, entries } = found;
  const text = await openText(deps.sealer, metadataPlace(job), job.metadata);
  if (text instanceof Problem) return text;
  const metadata = text === null ? {} : (JSON.parse(text) as JobMetadata);
  const message = (id: string | null) => {
    const event = id === null ? undefined : entries.find((entry) => entryId(entry) === id)?.event;
    return event?.type === 'message.posted' ? event : null;
  };
  const prompt = message(job.prompt)?.data.content ?? '';
  return { ...job, metadata, prompt, answer: message(job.answer) };
}

/** Where the metadata of a job is kept: it is sealed for this place. */
export function metadataPlace({ tenant, id }: Pick<JobRecord, 'tenant' | 'id'>) {
  return { tenant, kind: 'job', id };
}
