/** Jobs: one prompt, and the answer that counts, whichever node is asked. */
import t from 'tap';
import { tokenSecrets } from '../../../src/adapters/jose/token-secrets.ts';
import { openJobStore } from '../../../src/adapters/postgres/agents/job-store.ts';
import { openIdSource } from '../../../src/adapters/system/id-source.ts';
import { openAnswers } from '../../../src/core/agents/answers/open-answers.ts';
import { tellEndedTurn } from '../../../src/core/agents/turns/turn-news.ts';
import { openJobs } from '../../../src/core/jobs/open-jobs.ts';
import type { DataClass } from '../../../src/domain/event.ts';
import { limits } from '../../../src/domain/limits.ts';
import type { Principal } from '../../../src/domain/principal.ts';
import { Problem } from '../../../src/domain/problem.ts';
import type { JobRecord } from '../../../src/ports/agents/jobs.ts';
import { must } from '../../kit/clients/reader.ts';
import { movableClock, named, openTestPools } from '../../kit/identity.ts';
import { NodeLinks } from '../../kit/links/node-links.ts';
import { until } from '../../kit/log-entries.ts';
import { post } from '../../kit/memory/memory-commands.ts';
import type { CoreNode } from '../../kit/servers/core-node.ts';
import { startTwoNodes } from '../../kit/servers/two-nodes.ts';

const { here, there, one, databaseUrl, send } = await startTwoNodes(t);
const pools = await openTestPools(t, databaseUrl);
const { sql } = pools;
const store = openJobStore(pools);
const ids = openIdSource();
const links = new NodeLinks();
const far = links.open('far');
const [ada, ben, iris] = [one('ada'), one('ben'), one('iris', 'agent')];
const hook = one('hook', 'service');
const directory = {
  principalsOf: async () =>
    new Map([
      [
        'iris',
        {
          ...{
            id: 'iris',
            kind: 'agent' as const,
            displayName: 'Iris',
            status: 'active' as const,
            runs: true,
          },
          ...{ avatarUrl: null, jobTitle: null, bio: null, isDefaultAgent: false },
        },
      ],
    ]),
};

function jobsOf(node: CoreNode, name: string) {
  const { bus, live } = node.core;
  const clock = movableClock();
  const answers = openAnswers({ bus, live, directory, ids, link: links.open(name), clock });
  const { sealer } = node.sealing;
  const jobs = openJobs({ store, bus, answers, secrets: tokenSecrets, ids, sealer, clock });
  t.teardown(() => jobs.close());
  return { jobs, clock };
}
const [near, other] = [jobsOf(here, 'near'), jobsOf(there, 'other')];

async function create(
  by: Principal = ada,
  { timeoutMs = 30_000, dataClass = 'none' }: { timeoutMs?: number; dataClass?: DataClass } = {},
  { jobs } = near,
): Promise<JobRecord> {
  const job = await jobs.create(by, {
    ...{ agent: 'iris', content: 'how deep is it?', metadata: { from: 'a test' }, timeoutMs },
    conversationMetadata: (id) => ({ jobId: id }),
    promptMetadata: (id) => ({ jobId: id }),
    context: { dataClass },
  });
  return must(job);
}

const say = (job: JobRecord, content: string) => send(here, iris, job.conversation, post(content)).then(must);

const find = async (job: JobRecord, caller: Principal = ada, { jobs } = other) => {
  const found = await jobs.find(caller, job.id);
  if (found instanceof Problem) throw new Error(found.code);
  return found;
};
const statusOf = async ({ tenant, id }: JobRecord): Promise<string | undefined> => {
  const [row] = await sql<{ status: string }[]>`
    select status from jobs where tenant_id = ${tenant} and id = ${id}`;
  return row?.status;
};

t.test('a job has its prompt posted to the agent, and is complete with the answer', async (t) => {
  const job = await create();
  t.match(job, { status: 'processing', agent: 'iris', user: 'ada', endedAt: null });
  t.equal(job.expiresAt - job.createdAt, 30_000_000);
  t.match(await find(job), {
    ...{ status: 'processing', prompt: 'how deep is it?', answer: null, metadata: { from: 'a test' } },
  });
  const page = must(
    await here.core.bus.historyOf(ada.tenant, job.conversation, { limit: 5, keep: 'oldest' }),
  );
  t.match(page?.state, { name: `job-${job.id}`, type: 'private', metadata: { jobId: job.id } });
  t.match(page?.entries[0]?.event, {
    ...{
      actor: { id: 'ada' },
      data: { content: 'how deep is it?', to: ['iris'], metadata: { jobId: job.id } },
    },
  });
  await say(job, 'Executing action: sounding');
  await say(job, 'twelve fathoms');
  await say(job, 'or so');
  t.match(await find(job), {
    status: 'completed',
    answer: { data: { content: 'twelve fathoms' } },
    error: null,
  });
});

t.test('the node that began a job settles it without being asked', async (t) => {
  const job = await create();
  await say(job, 'twelve');
  await until(async () => (await statusOf(job)) === 'completed');
  const found = await find(job);
  t.ok((found?.endedAt ?? 0) > job.createdAt);
  t.equal(found?.answer?.data.content, 'twelve');
});

t.test('a job whose node died is settled by whoever asks for it, or by the sweep', async (t) => {
  const dying = jobsOf(here, 'dying');
  const [asked, swept] = [await create(ada, {}, dying), await create(ada, {}, dying)];
  await dying.jobs.close();
  for (const job of [asked, swept]) await say(job, 'twelve');
  t.equal(await statusOf(swept), 'processing');
  t.match(await find(asked), { status: 'completed' });
  t.equal(await statusOf(asked), 'completed');
  other.clock.move(31);
  await other.jobs.sweep();
  t.equal(await statusOf(swept), 'completed', 'what was said in time counts, however late it is found');
  other.clock.move(-31);
});

t.test('without an answer in time it is over', async (t) => {
  const job = await create(ada, { timeoutMs: 1_000 });
  await until(async () => (await statusOf(job)) === 'timeout');
  await say(job, 'too late');
  t.match(await find(job), {
    ...{ status: 'timeout', answer: null, error: 'Job timed out waiting for agent response' },
  });
});

t.test('a job fails when the model of its agent does', async (t) => {
  const job = await create();
  const turn = { tenant: job.tenant, conversation: job.conversation, message: job.prompt, agent: 'iris' };
  tellEndedTurn(far, turn, 'failed');
  await until(async () => (await statusOf(job)) === 'failed');
  t.ok((await find(job))?.error);
});

t.test('its user, services and administrators see a job', async (t) => {
  const job = await create();
  const boss: Principal = { ...ben, role: 'admin' };
  for (const caller of [ada, hook, boss]) t.equal((await find(job, caller))?.id, job.id, caller.id);
  t.equal(await find(job, ben), null);
  t.equal(await find(job, { ...hook, tenant: 'other' }), null);
  t.equal(await near.jobs.find(ada, 'no uuid'), null);
  const bens = await create(ben);
  const listed = async (caller: Principal) =>
    must(await near.jobs.list(caller, { limit: 100, status: null }));
  const [ofBen, ofAll] = [await listed(ben), await listed(boss)];
  t.same([ofBen.jobs.map(({ id }) => id), ofBen.total], [[bens.id], 1]);
  t.ok(ofAll.total > 5);
  t.equal(ofAll.jobs[0]?.id, bens.id, 'the newest first');
  const some = must(await near.jobs.list(boss, { limit: 1, status: 'completed' }));
  t.match(some, { jobs: [{ status: 'completed' }], total: ofAll.total });
  t.match(must(await near.jobs.counts(ben)), { byStatus: { processing: 1, completed: 0 }, averageMs: 0 });
  const counts = must(await near.jobs.counts(boss));
  t.ok(counts.averageMs > 0);
  t.ok(counts.byStatus.completed >= 4);
});

t.test('a tenant has so many jobs; those that are over make room', async (t) => {
  const record = (id: string, endedAt: number | null): JobRecord => ({
    ...{ tenant: 'full', id, conversation: 'c', agent: 'iris', user: 'ada', prompt: 'p', answer: null },
    ...{ status: endedAt === null ? 'processing' : 'completed', error: null, metadata: 'c{}' },
    ...{ createdAt: endedAt ?? 5, expiresAt: 9, endedAt },
  });
  const add = async (endedAt: number | null) =>
    named(await store.add(record(tokenSecrets.randomId(), endedAt), 10));
  for (let count = 0; count < 9; count += 1) t.equal(await add(null), 'ok');
  t.equal(await add(1), 'ok');
  t.equal(await add(null), 'ok', 'that which is over is gone');
  t.equal(await add(null), 'overloaded');
  const [row] = await sql<
    { jobs: number }[]
  >`select count(*)::int as jobs from jobs where tenant_id = 'full'`;
  t.equal(row?.jobs, 10);
  await sql`delete from jobs where tenant_id = 'full'`;
});

t.test('nothing is left of a job whose prompt cannot be posted', async (t) => {
  const count = () => sql<{ jobs: number }[]>`select count(*)::int as jobs from jobs`;
  const [before] = await count();
  const { bus } = here.core;
  const full = jobsOf(
    {
      ...here,
      core: {
        ...here.core,
        bus: {
          ...bus,
          dispatch: async (who, command, context) =>
            command.op === 'post' ? new Problem('storage_full') : await bus.dispatch(who, command, context),
        },
      },
    },
    'full',
  );
  await t.rejects(create(ada, {}, full), /storage_full|no room/);
  t.same([...(await count())], [before]);
});

t.test('metadata of a secret job is stored sealed, and what is long over is forgotten', async (t) => {
  const job = await create(ada, { dataClass: 'secret' });
  const [row] = await sql<{ metadata: string }[]>`select metadata from jobs where id = ${job.id}`;
  t.match(row?.metadata, /^s/);
  await say(job, 'twelve');
  t.match(await find(job), { status: 'completed', metadata: { from: 'a test' }, prompt: 'how deep is it?' });
  other.clock.move(limits.jobKeptMs / 1000 + 60);
  await other.jobs.sweep();
  t.equal(await statusOf(job), undefined);
});
