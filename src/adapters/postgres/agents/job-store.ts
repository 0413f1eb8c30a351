/** The JobStore port on PostgreSQL. */
import type { PrincipalId, TenantId } from '../../../domain/ids.ts';
import { overloaded } from '../../../domain/limiting/overload.ts';
import type { JobCounts, JobRecord, JobStatus, JobStore } from '../../../ports/agents/jobs.ts';
import type { IdentityPools } from '../identity/identity-store.ts';
import type { Sql, Transaction } from '../pool.ts';

interface JobRow {
  readonly tenant_id: string;
  readonly id: string;
  readonly conversation_id: string;
  readonly agent_id: string;
  readonly user_id: string;
  readonly prompt_id: string;
  readonly answer_id: string | null;
  readonly status: JobStatus;
  readonly error: string | null;
  readonly metadata: string;
  readonly created_us: number;
  readonly expires_us: number;
  readonly ended_us: number | null;
}

export function openJobStore({ requests, identity }: IdentityPools): JobStore {
  return {
    add: (job, max) => requests.transacting(job.tenant, (tx) => addJob(tx, job, max)),

    find: (tenant, id) =>
      requests.answering(tenant, async (sql) => {
        const [row] = await sql<JobRow[]>`select * from jobs where tenant_id = ${tenant} and id = ${id}`;
        return row === undefined ? null : toJob(row);
      }),

    list: (tenant, user, { limit, status }) =>
      requests.answering(tenant, async (sql) => {
        const ofStatus = status === null ? sql`true` : sql`status = ${status}`;
        const rows = await sql<JobRow[]>`
          select * from jobs where tenant_id = ${tenant} and ${ofUser(sql, user)} and ${ofStatus}
          order by created_us desc, id limit ${limit}`;
        return rows.map(toJob);
      }),

    counts: (tenant, user) => requests.answering(tenant, (sql) => countJobs(sql, tenant, user)),

    start: (tenant, id) =>
      requests.answering(tenant, async (sql) => {
        await sql`
          update jobs set status = 'processing'
          where tenant_id = ${tenant} and id = ${id} and status = 'pending'`;
        return null;
      }),

    settle: (tenant, id, { status, answer, error, endedAt }) =>
      requests.answering(tenant, async (sql) => {
        await sql`
          update jobs set status = ${status}, answer_id = ${answer}, error = ${error}, ended_us = ${endedAt}
          where tenant_id = ${tenant} and id = ${id} and ended_us is null`;
        return null;
      }),

    remove: (tenant, id) =>
      requests.answering(tenant, async (sql) => {
        await sql`delete from jobs where tenant_id = ${tenant} and id = ${id}`;
        return null;
      }),

    overdue: (now, limit) =>
      identity.answering(async (sql) => {
        const rows = await sql<JobRow[]>`
          select * from jobs where ended_us is null and expires_us < ${now} order by expires_us limit ${limit}`;
        return rows.map(toJob);
      }),

    sweep: (before, limit) =>
      identity.answering(async (sql) => {
        const { count } = await sql`
          delete from jobs where (tenant_id, id) in (
            select tenant_id, id from jobs where ended_us < ${before}
            order by ended_us limit ${limit}
          )`;
        return count;
      }),
  };
}

/** Jobs at once may be a few more than `max`: nobody waits for a lock to be the last one. */
async function addJob(tx: Transaction, job: JobRecord, max: number): Promise<null> {
  const { tenant } = job;
  const [row] = await tx<{ present: number }[]>`
    select count(*) as present from (
      select 1 from jobs where tenant_id = ${tenant} limit ${max}
    ) as counted`;
  if ((row?.present ?? 0) >= max) {
    // A tenth of them, so that not every job has to make room.
    const { count } = await tx`
      delete from jobs where tenant_id = ${tenant} and id in (
        select id from jobs where tenant_id = ${tenant} and ended_us is not null
        order by created_us limit ${Math.ceil(max / 10)}
      )`;
    if (count === 0) throw overloaded('jobs', 'Too many jobs are under way.');
  }
  await tx`
    insert into jobs (
      tenant_id, id, conversation_id, agent_id, user_id, prompt_id, answer_id, status, error, metadata,
      created_us, expires_us, ended_us
    ) values (
      ${tenant}, ${job.id}, ${job.conversation}, ${job.agent}, ${job.user}, ${job.prompt}, ${job.answer},
      ${job.status}, ${job.error}, ${job.metadata}, ${job.createdAt}, ${job.expiresAt}, ${job.endedAt}
    )`;
  return null;
}

async function countJobs(sql: Sql, tenant: TenantId, user: PrincipalId | null): Promise<JobCounts> {
  const rows = await sql<{ status: JobStatus; jobs: number; average_us: number | null }[]>`
    select status, count(*) as jobs, avg(ended_us - created_us)::float8 as average_us
    from jobs where tenant_id = ${tenant} and ${ofUser(sql, user)} group by status`;
  const byStatus = { pending: 0, processing: 0, completed: 0, failed: 0, timeout: 0 };
  for (const { status, jobs } of rows) byStatus[status] = jobs;
  const completed = rows.find(({ status }) => status === 'completed');
  return { byStatus, averageMs: (completed?.average_us ?? 0) / 1_000 };
}

function ofUser(sql: Sql, user: PrincipalId | null) {
  return user === null ? sql`true` : sql`user_id = ${user}`;
}

function toJob(row: JobRow): JobRecord {
  return {
    ...{ tenant: row.tenant_id, id: row.id, conversation: row.conversation_id, agent: row.agent_id },
    ...{ user: row.user_id, prompt: row.prompt_id, answer: row.answer_id, status: row.status },
    ...{ error: row.error, metadata: row.metadata, createdAt: row.created_us, expiresAt: row.expires_us },
    endedAt: row.ended_us,
  };
}
