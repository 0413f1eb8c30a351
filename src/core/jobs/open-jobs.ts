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
import { isUuid, type PrincipalId } from '../../domain/ids.ts';
import { limits } from '../../domain/limits.ts';
import { isManager, type Principal } from '../../domain/principal.ts';
import { Problem } from '../../domain/problem.ts';
import type { Job, JobRecord, JobStore, Jobs } from '../../ports/agents/jobs.ts';
import type { Sealer } from '../sealing/sealer.ts';
import { BegunJobs, type BegunJobsDeps } from './begun-jobs.ts';
import { readJob, resolveJob } from './resolve-job.ts';

export interface JobDeps extends BegunJobsDeps {
  readonly store: JobStore;
  readonly sealer: Pick<Sealer, 'sealText' | 'opener'>;
}

export interface OpenedJobs extends Jobs {
  /** Settles those of all tenants whose time is up, and forgets what was over long ago. */
  sweep(): Promise<void>;
  /** Waits for no answers any more. */
  close(): Promise<void>;
}

export function openJobs(deps: JobDeps): OpenedJobs {
  const { store, clock } = deps;
  const begun = new BegunJobs(deps);
  return {
    create: (author, wanted) => begun.create(author, wanted),

    async find(caller, id) {
      if (!isUuid(id)) return null;
      const job = await store.find(caller.tenant, id.toLowerCase());
      if (job === null || job instanceof Problem) return job;
      return isManager(caller) || job.user === caller.id ? await readJob(deps, job) : null;
    },

    async list(caller, query) {
      const records = await store.list(caller.tenant, scopeOf(caller), query);
      if (records instanceof Problem) return records;
      const jobs = await readAll(deps, records);
      if (jobs instanceof Problem) return jobs;
      const counts = await store.counts(caller.tenant, scopeOf(caller));
      if (counts instanceof Problem) return counts;
      const total = Object.values(counts.byStatus).reduce((sum, count) => sum + count, 0);
      return { jobs, total };
    },

    counts: (caller) => store.counts(caller.tenant, scopeOf(caller)),

    async sweep() {
      const late = await store.overdue(clock.nowMicros(), limits.jobSweepMax);
      if (!(late instanceof Problem)) for (const job of late) await resolveJob(deps, job);
      await store.sweep(clock.nowMicros() - limits.jobKeptMs * 1000, limits.jobSweepMax);
    },

    close: () => begun.close(),
  };
}

const scopeOf = (caller: Principal): PrincipalId | null => (isManager(caller) ? null : caller.id);

/** A few at once: each is a read of its conversation. */
async function readAll(deps: JobDeps, records: readonly JobRecord[]): Promise<Job[] | Problem> {
  const jobs: Job[] = [];
  for (let from = 0; from < records.length; from += limits.jobsReadAtOnce) {
    const some = records.slice(from, from + limits.jobsReadAtOnce).map((record) => readJob(deps, record));
    for (const one of await Promise.all(some)) {
      if (one instanceof Problem) return one;
      jobs.push(one);
    }
  }
  return jobs;
}
