/**
 * Jobs, on any node:
 *
 *   pending --prompt posted--> processing --answer in time--> completed
 *                                  |  \---- the agent was stopped, or its model failed --> failed
 *                                  \------- its time is up ----------------------------> timeout
 *
 * The node that began a job waits for its answer. Should it die, whoever asks for the job, or the sweep, finds the
 * answer in the conversation: how a job ends depends on what is in there, not on who looks, or when.
 */
import type { CreateCommand } from '../../domain/command.ts';
import { plainPost } from '../../domain/command.ts';
import { isSealedClass } from '../../domain/event.ts';
import { isUuid, type PrincipalId } from '../../domain/ids.ts';
import { limits } from '../../domain/limits.ts';
import { isManager, type Principal } from '../../domain/principal.ts';
import { Problem } from '../../domain/problem.ts';
import { entryId, type TimelineEntry } from '../../domain/timeline.ts';
import type { AgentAnswers, ExpectedAnswer } from '../../ports/agents/agent-answers.ts';
import type { Job, JobEnd, JobMetadata, JobRecord, JobStore, Jobs, NewJob } from '../../ports/agents/jobs.ts';
import type { Clock } from '../../ports/clock.ts';
import type { IdSource } from '../../ports/id-source.ts';
import type { TokenSecrets } from '../../ports/identity/token-secrets.ts';
import type { Bus } from '../bus.ts';
import { keepText, openText } from '../sealing/kept-text.ts';
import type { Sealer } from '../sealing/sealer.ts';
import { findAnswer, saidAt } from './find-answer.ts';

export interface JobDeps {
  readonly store: JobStore;
  readonly bus: Pick<Bus, 'dispatch' | 'context' | 'newConversationId' | 'historyOf'>;
  readonly answers: AgentAnswers;
  readonly secrets: Pick<TokenSecrets, 'randomId'>;
  readonly ids: Pick<IdSource, 'fromName'>;
  readonly sealer: Pick<Sealer, 'sealText' | 'opener'>;
  readonly clock: Pick<Clock, 'nowMicros'>;
}

export interface OpenedJobs extends Jobs {
  /** Settles those of all tenants whose time is up, and forgets what was over long ago. */
  sweep(): Promise<void>;
  /** Waits for no answers any more. */
  close(): Promise<void>;
}

export function openJobs(deps: JobDeps): OpenedJobs {
  const { store, bus, clock } = deps;
  /** Answers that are waited for here. Bounded by limits.jobsWatchedMax. */
  const watched = new Map<ExpectedAnswer, Promise<void>>();

  async function create(author: Principal, wanted: NewJob): Promise<JobRecord | Problem> {
    const job = await newRecord(deps, author, wanted);
    if (job instanceof Problem) return job;
    const refused = await store.add(job, limits.jobsPerTenantMax);
    if (refused !== null) return refused;
    const begun = await begin(author, job, wanted);
    if (begun !== null) {
      await store.remove(job.tenant, job.id);
      return begun;
    }
    return { ...job, status: 'processing' };
  }

  /** The answer is expected before the prompt is posted: so none is missed. */
  async function begin(author: Principal, job: JobRecord, wanted: NewJob): Promise<Problem | null> {
    const { conversation, agent, prompt: message } = job;
    const made = await bus.dispatch(author, createOf(job, wanted), bus.context(conversation, wanted.context));
    if (made instanceof Problem) return made;
    const timeoutMs = Math.min(wanted.timeoutMs, limits.answerWaitMsMax);
    const expected =
      watched.size < limits.jobsWatchedMax
        ? await deps.answers.expect(author, { conversation, message, agent, timeoutMs })
        : null;
    const post = {
      ...plainPost(wanted.content),
      ...{ messageId: message, clientId: message, to: [agent] },
      metadata: { ...wanted.promptMetadata(job.id) },
    };
    const posted = await bus.dispatch(author, post, bus.context(conversation, wanted.context));
    const isWatched = expected !== null && !(expected instanceof Problem);
    if (posted instanceof Problem) {
      if (isWatched) expected.cancel();
      return posted;
    }
    if (isWatched) watched.set(expected, watch(job, expected));
    return await store.start(job.tenant, job.id);
  }

  /** What fails here is settled by whoever asks next. */
  async function watch(job: JobRecord, expected: ExpectedAnswer): Promise<void> {
    const answer = await expected.answer;
    const failure = answer instanceof Problem ? failureOf(answer) : null;
    if (failure === null) await resolved(job);
    else await store.settle(job.tenant, job.id, ended('failed', clock.nowMicros(), failure));
    watched.delete(expected);
  }

  /** The job as it is now, with the entries of its conversation. */
  async function resolved(
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
        ? { ...ended('completed', saidAt(answer)), answer: answer.data.message_id }
        : now > job.expiresAt
          ? ended('timeout', job.expiresAt, 'Job timed out waiting for agent response')
          : null;
    if (end === null) return { job, entries };
    const refused = await store.settle(job.tenant, job.id, end);
    return refused ?? { job: { ...job, ...end }, entries };
  }

  async function whole(record: JobRecord): Promise<Job | Problem> {
    const found = await resolved(record);
    if (found instanceof Problem) return found;
    const { job, entries } = found;
    const text = await openText(deps.sealer, placeOf(job), job.metadata);
    if (text instanceof Problem) return text;
    const metadata = text === null ? {} : (JSON.parse(text) as JobMetadata);
    const message = (id: string | null) => {
      const event = id === null ? undefined : entries.find((entry) => entryId(entry) === id)?.event;
      return event?.type === 'message.posted' ? event : null;
    };
    const prompt = message(job.prompt)?.data.content ?? '';
    return { ...job, metadata, prompt, answer: message(job.answer) };
  }

  return {
    create,

    async find(caller, id) {
      if (!isUuid(id)) return null;
      const job = await store.find(caller.tenant, id.toLowerCase());
      if (job === null || job instanceof Problem) return job;
      return isManager(caller) || job.user === caller.id ? await whole(job) : null;
    },

    async list(caller, query) {
      const records = await store.list(caller.tenant, scopeOf(caller), query);
      if (records instanceof Problem) return records;
      const jobs: Job[] = [];
      for (let from = 0; from < records.length; from += limits.jobsReadAtOnce) {
        const some = await Promise.all(records.slice(from, from + limits.jobsReadAtOnce).map(whole));
        for (const one of some) {
          if (one instanceof Problem) return one;
          jobs.push(one);
        }
      }
      const counts = await store.counts(caller.tenant, scopeOf(caller));
      if (counts instanceof Problem) return counts;
      const total = Object.values(counts.byStatus).reduce((sum, count) => sum + count, 0);
      return { jobs, total };
    },

    counts: (caller) => store.counts(caller.tenant, scopeOf(caller)),

    async sweep() {
      const late = await store.overdue(clock.nowMicros(), limits.jobSweepMax);
      if (!(late instanceof Problem)) for (const job of late) await resolved(job);
      await store.sweep(clock.nowMicros() - limits.jobKeptMs * 1000, limits.jobSweepMax);
    },

    async close() {
      const ends = [...watched.values()];
      for (const expected of watched.keys()) expected.cancel();
      await Promise.all(ends);
    },
  };
}

const scopeOf = (caller: Principal): PrincipalId | null => (isManager(caller) ? null : caller.id);

const placeOf = ({ tenant, id }: Pick<JobRecord, 'tenant' | 'id'>) => ({ tenant, kind: 'job', id });

async function newRecord(
  deps: JobDeps,
  { tenant, id: user }: Principal,
  { agent, metadata, timeoutMs, context }: NewJob,
): Promise<JobRecord | Problem> {
  const id = deps.secrets.randomId();
  const isSealed = isSealedClass(context.dataClass ?? 'none');
  const kept = await keepText(deps.sealer, placeOf({ tenant, id }), JSON.stringify(metadata), isSealed);
  if (kept instanceof Problem) return kept;
  const createdAt = deps.clock.nowMicros();
  return {
    ...{ id, tenant, agent, user, status: 'pending', error: null, answer: null, endedAt: null },
    ...{ createdAt, expiresAt: createdAt + timeoutMs * 1000, metadata: kept },
    conversation: deps.bus.newConversationId(),
    prompt: deps.ids.fromName(JSON.stringify(['prompt of a job', tenant, id])),
  };
}

function createOf({ id, agent }: JobRecord, { conversationMetadata, context }: NewJob): CreateCommand {
  return {
    ...{ op: 'create', type: 'private', name: `job-${id}`, description: null },
    metadata: { ...conversationMetadata(id) },
    ...{ env: context.env ?? 'dev', service: null },
    participants: [{ id: agent, kind: 'agent', role: 'member' }],
  };
}

/** Why it will have no answer; null: it may still have one. */
function failureOf({ code, reason, message }: Problem): string | null {
  if (code === 'run_preempted') return 'The agent was stopped';
  if (reason === 'failed' || reason === 'not_answered') return message;
  return null;
}

function ended(status: JobEnd['status'], endedAt: number, error: string | null = null): JobEnd {
  return { status, endedAt, error, answer: null };
}
