/** Jobs of ElizaOS over HTTP, against two whole nodes: by hand, and by the official client. */
import { randomUUID } from 'node:crypto';
import t from 'tap';
import { makeService, signUp, signUpInto } from '../../kit/clients/accounts.ts';
import { call, type HttpAnswer } from '../../kit/clients/http-client.ts';
import { until } from '../../kit/log-entries.ts';
import { SteppedModel } from '../../kit/memory/stepped-model.ts';
import { startNats } from '../../kit/servers/nats.ts';
import { startNode, type TestNode } from '../../kit/servers/node.ts';
import { openOwner } from '../../kit/servers/owner.ts';
import { startPostgres } from '../../kit/servers/postgres.ts';
import { clientOf, eliza, key, person } from './client/official-client.ts';

t.setTimeout(180_000);

const agentModel = new SteppedModel();
const database = await startPostgres(t);
const servers = { nats: await startNats(t), database, env: { ELIZA_SERVER_AUTH_TOKEN: key }, agentModel };
const [node, other] = [await startNode(servers, t), await startNode(servers, t)];
const sql = openOwner(t, database.url);
const userId = person(1);
const path = '/api/messaging/jobs';

function ask(
  at: TestNode,
  method: string,
  to: string,
  body?: unknown,
  token: string = key,
): Promise<HttpAnswer> {
  return call(at, method, to, { token, ...(body === undefined ? {} : { body }) });
}

async function answer(prompt: string, ...words: string[]): Promise<void> {
  const asked = await agentModel.askedAbout(prompt);
  asked.say(...words);
  asked.end();
}

t.test('a job is complete with the answer of its agent, on whichever node it is asked for', async (t) => {
  const metadata = { origin: 'form' };
  const made = await ask(node, 'POST', path, {
    userId,
    content: 'How deep is it?',
    metadata,
    timeoutMs: 60_000,
  });
  t.equal(made.status, 201);
  const { jobId, createdAt, expiresAt } = made.body;
  t.strictSame(made.body, { jobId, status: 'processing', createdAt, expiresAt });
  t.equal(expiresAt - createdAt, 60_000);
  const open = await ask(other, 'GET', `${path}/${jobId}`);
  t.strictSame(open.body, {
    ...{
      jobId,
      status: 'processing',
      agentId: eliza,
      userId,
      prompt: 'How deep is it?',
      createdAt,
      expiresAt,
    },
    metadata,
  });
  await answer('How deep is it?', 'Twelve ', 'fathoms.');
  const find = async () => (await ask(other, 'GET', `/api/jobs/${jobId}`)).body;
  await until(async () => (await find()).status === 'completed', 30_000);
  const { result, ...rest } = await find();
  t.match(rest, { jobId, status: 'completed', prompt: 'How deep is it?', metadata });
  t.match(result, { message: { content: 'Twelve fathoms.', authorId: eliza }, processingTimeMs: Number });
  t.ok(result.message.createdAt >= createdAt);
});

t.test('what is wrong with a job is told in order', async (t) => {
  const good = { userId, content: 'x' };
  const cases: readonly (readonly [object, number, string | RegExp])[] = [
    [{ agentId: 7 }, 400, 'agentId must be a valid UUID string'],
    [{}, 400, /^userId is required/],
    [{ userId: 'x' }, 400, /^content is required/],
    [{ userId, content: '' }, 400, 'content cannot be empty'],
    [{ userId, content: 'x'.repeat(50_001) }, 400, /maximum length of 50000/],
    [{ ...good, metadata: [] }, 400, 'metadata must be an object'],
    [{ ...good, metadata: { a: 'x'.repeat(10_000) } }, 400, /maximum size of 10000/],
    [{ ...good, timeoutMs: '1' }, 400, 'timeoutMs must be a positive number'],
    [{ ...good, timeoutMs: 999 }, 400, 'timeoutMs must be at least 1000ms'],
    [{ ...good, timeoutMs: 300_001 }, 400, 'timeoutMs cannot exceed 300000ms'],
    [{ userId: 'x', content: 'x' }, 400, /^Invalid userId format/],
    [{ ...good, agentId: 'x' }, 400, /^Invalid agentId format/],
    [{ ...good, agentId: userId }, 404, `Agent ${userId} not found`],
  ];
  const [before] = await sql`select count(*) from jobs`;
  for (const [body, status, error] of cases) {
    const refused = await ask(node, 'POST', path, body);
    t.match([refused.status, refused.body], [status, { success: false, error }], String(error));
  }
  t.same([...(await sql`select count(*) from jobs`)], [before]);
  for (const id of [randomUUID(), 'no-uuid']) {
    const { status, body } = await ask(node, 'GET', `${path}/${id}`);
    t.strictSame([status, body], [404, { success: false, error: 'Job not found' }]);
  }
});

t.test('a job whose agent says nothing in time is over', async (t) => {
  const { body } = await ask(node, 'POST', path, { userId, content: 'silence', timeoutMs: 1_000 });
  const find = async () => (await ask(other, 'GET', `${path}/${body.jobId}`)).body;
  await until(async () => (await find()).status === 'timeout', 20_000);
  t.match(await find(), { error: 'Job timed out waiting for agent response', prompt: 'silence' });
  t.notOk('result' in (await find()));
  await answer('silence', 'too late');
});

t.test('its user, services and administrators see a job; a person asks for itself', async (t) => {
  const ada = await signUp(node, 'ada');
  const [ben, cleo] = [await signUpInto(node, ada, 'ben'), await signUpInto(node, ada, 'cleo')];
  const hook = await makeService(node, ada);
  const foreign = await ask(node, 'POST', path, { userId: cleo.id, content: 'x' }, ben.token);
  t.strictSame([foreign.status, foreign.body.success], [403, false]);
  const { body } = await ask(node, 'POST', path, { userId: ben.id, content: 'mine' }, ben.token);
  await answer('mine', 'yours');
  for (const [who, status] of [
    ...([
      [ben.token, 200],
      [ada.token, 200],
      [hook.token, 200],
      [cleo.token, 404],
      [key, 404],
    ] as const),
  ] as const) {
    t.equal((await ask(other, 'GET', `${path}/${body.jobId}`, undefined, who)).status, status);
  }
  const listed = await ask(node, 'GET', `${path}?limit=5`, undefined, hook.token);
  t.match(listed.body, { jobs: [{ jobId: body.jobId, prompt: 'mine' }], total: 1, filtered: 1 });
  t.strictSame((await ask(node, 'GET', '/api/jobs', undefined, cleo.token)).body, {
    jobs: [],
    total: 0,
    filtered: 0,
  });
});

t.test('the official client calls all of it', async (t) => {
  const { jobs } = clientOf(node.url, key);
  const asking = jobs.ask<string>(userId, 'What is it?', eliza);
  await answer('What is it?', 'A ship.');
  t.equal(await asking, 'A ship.');
  const job = await jobs.create<{ jobId: string }>({ userId, content: 'And that?', agentId: eliza });
  t.match(await jobs.getJob(job.jobId), { status: 'processing', prompt: 'And that?' });
  await answer('And that?', 'Another.');
  t.match(await jobs.poll(job.jobId), {
    success: true,
    job: { result: { message: { content: 'Another.' } } },
  });
  t.match(await jobs.list({ limit: 1, status: 'completed' }), { jobs: [{ jobId: job.jobId }], filtered: 1 });
  const health = await jobs.health<{ totalJobs: number }>();
  t.match(health, {
    healthy: true,
    statusCounts: { timeout: 1 },
    maxJobs: 10_000,
    metrics: { timeoutRate: Number },
  });
  t.equal(health.totalJobs, 4);
});
