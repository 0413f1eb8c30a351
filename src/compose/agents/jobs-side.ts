/** Jobs: prompts for agents, whose answers are asked for later. */
import { tokenSecrets } from '../../adapters/jose/token-secrets.ts';
import { openJobStore } from '../../adapters/postgres/agents/job-store.ts';
import type { IdentityPools } from '../../adapters/postgres/identity/identity-store.ts';
import type { Bus } from '../../core/bus.ts';
import { openJobs } from '../../core/jobs/open-jobs.ts';
import { regularly } from '../../core/regularly.ts';
import type { Sealing } from '../../core/sealing/sealing.ts';
import { limits } from '../../domain/limits.ts';
import type { AgentAnswers } from '../../ports/agents/agent-answers.ts';
import type { Jobs } from '../../ports/agents/jobs.ts';
import type { Clock } from '../../ports/clock.ts';
import type { IdSource } from '../../ports/id-source.ts';
import type { Releases } from '../releases.ts';

export interface JobsSideOptions {
  readonly pools: IdentityPools;
  readonly bus: Bus;
  readonly answers: AgentAnswers;
  readonly sealing: Pick<Sealing, 'sealer'>;
  readonly clock: Clock;
  readonly ids: IdSource;
}

/** Settles what is overdue from now on. */
export function openJobsSide(options: JobsSideOptions, releases: Releases): Jobs {
  const { pools, sealing, ...rest } = options;
  const jobs = openJobs({
    ...{ ...rest, store: openJobStore(pools), secrets: tokenSecrets, sealer: sealing.sealer },
  });
  releases.add('jobs', () => jobs.close());
  releases.add(
    'sweep of jobs',
    regularly(options.clock, limits.jobSweepMs, () => jobs.sweep()),
  );
  return jobs;
}
