/** Jobs that begin here: a conversation of its own and a prompt for each, and its answer, which this node waits for. */
import { type CreateCommand, plainPost } from '../../domain/command.ts';
import { isSealedClass } from '../../domain/event.ts';
import { limits } from '../../domain/limits.ts';
import type { Principal } from '../../domain/principal.ts';
import { Problem } from '../../domain/problem.ts';
import type { AgentAnswers, ExpectedAnswer } from '../../ports/agents/agent-answers.ts';
import type { JobRecord, JobStore, NewJob } from '../../ports/agents/jobs.ts';
import type { IdSource } from '../../ports/id-source.ts';
import type { TokenSecrets } from '../../ports/identity/token-secrets.ts';
import type { Bus } from '../bus.ts';
import { keepText } from '../sealing/kept-text.ts';
import type { Sealer } from '../sealing/sealer.ts';
import { jobEnd, metadataPlace, type ResolveJobDeps, resolveJob } from './resolve-job.ts';

export interface BegunJobsDeps extends ResolveJobDeps {
  readonly store: Pick<JobStore, 'add' | 'remove' | 'start' | 'settle'>;
  readonly bus: Pick<Bus, 'dispatch' | 'context' | 'newConversationId' | 'historyOf'>;
  readonly answers: AgentAnswers;
  readonly secrets: Pick<TokenSecrets, 'randomId'>;
  readonly ids: Pick<IdSource, 'fromName'>;
  readonly sealer: Pick<Sealer, 'sealText'>;
}

export class BegunJobs {
  readonly #deps: BegunJobsDeps;
  /** Answers that are waited for here. Bounded by limits.jobsWatchedMax. */
  readonly #watched = new Map<ExpectedAnswer, Promise<void>>();

  constructor(deps: BegunJobsDeps) {
    this.#deps = deps;
  }

  /** `overloaded`: limits.jobsPerTenantMax are under way. One that cannot begin is not kept. */
  async create(author: Principal, wanted: NewJob): Promise<JobRecord | Problem> {
    const { store } = this.#deps;
    const job = await newRecord(this.#deps, author, wanted);
    if (job instanceof Problem) return job;
    const refused = await store.add(job, limits.jobsPerTenantMax);
    if (refused !== null) return refused;
    const begun = await this.#begin(author, job, wanted);
    if (begun !== null) {
      await store.remove(job.tenant, job.id);
      return begun;
    }
    return { ...job, status: 'processing' };
  }

  /** Waits for no answers any more. */
  async close(): Promise<void> {
    const ends = [...this.#watched.values()];
    for (const expected of this.#watched.keys()) expected.cancel();
    await Promise.all(ends);
  }

  /** The answer is expected before the prompt is posted: so none is missed. */
  async #begin(author: Principal, job: JobRecord, wanted: NewJob): Promise<Problem | null> {
    const { bus, store } = this.#deps;
    const { conversation, prompt: message } = job;
    const made = await bus.dispatch(author, createOf(job, wanted), bus.context(conversation, wanted.context));
    if (made instanceof Problem) return made;
    const expected = await this.#expect(author, job, wanted);
    const post = {
      ...plainPost(wanted.content),
      ...{ messageId: message, clientId: message, to: [job.agent] },
      metadata: { ...wanted.promptMetadata(job.id) },
    };
    const posted = await bus.dispatch(author, post, bus.context(conversation, wanted.context));
    if (posted instanceof Problem) {
      expected?.cancel();
      return posted;
    }
    if (expected !== null) this.#watched.set(expected, this.#watch(job, expected));
    return await store.start(job.tenant, job.id);
  }

  /** Null: it is not waited for here, and settled by whoever asks for the job. */
  async #expect(author: Principal, job: JobRecord, wanted: NewJob): Promise<ExpectedAnswer | null> {
    if (this.#watched.size >= limits.jobsWatchedMax) return null;
    const { conversation, agent, prompt: message } = job;
    const timeoutMs = Math.min(wanted.timeoutMs, limits.answerWaitMsMax);
    const expected = await this.#deps.answers.expect(author, { conversation, message, agent, timeoutMs });
    return expected instanceof Problem ? null : expected;
  }

  /** What fails here is settled by whoever asks next. */
  async #watch(job: JobRecord, expected: ExpectedAnswer): Promise<void> {
    const { store, clock } = this.#deps;
    const answer = await expected.answer;
    const failure = answer instanceof Problem ? failureOf(answer) : null;
    if (failure === null) await resolveJob(this.#deps, job);
    else await store.settle(job.tenant, job.id, jobEnd('failed', clock.nowMicros(), failure));
    this.#watched.delete(expected);
  }
}

async function newRecord(
  deps: BegunJobsDeps,
  { tenant, id: user }: Principal,
  { agent, metadata, timeoutMs, context }: NewJob,
): Promise<JobRecord | Problem> {
  const id = deps.secrets.randomId();
  const isSealed = isSealedClass(context.dataClass ?? 'none');
  const kept = await keepText(deps.sealer, metadataPlace({ tenant, id }), JSON.stringify(metadata), isSealed);
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
