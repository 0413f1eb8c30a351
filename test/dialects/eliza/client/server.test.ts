/** The official client, every method of its `server`, `system`, `runs` and `jobs`. */
import t from 'tap';
import { until } from '../../../kit/log-entries.ts';
import { eliza, openOfficialClient, person } from './official-client.ts';

t.setTimeout(120_000);

const { client, uncalled } = await openOfficialClient(t);
const { server, system, runs, jobs } = client;
const fast = { interval: 50, initialInterval: 50, maxInterval: 100, maxAttempts: 600 };

t.test('the server tells how it is', async (t) => {
  t.match(await server.checkHealth(), { status: 'OK', timestamp: String });
  t.match(await server.ping(), { pong: true, timestamp: Number });
  t.match(await server.hello(), { message: String });
  t.match(await server.getStatus(), { status: 'ok', agentCount: 1, timestamp: String });
  await t.resolves(server.getDebugInfo());
  t.match(await server.submitLogs([{ level: 'info', message: 'of a client' }]), {
    ...{ logs: Array, count: Number, total: Number },
  });
  t.match(await system.getGlobalLogs({ level: 'all', limit: 5 }), {
    ...{ logs: Array, count: Number, total: Number, level: 'all' },
    levels: ['fatal', 'error', 'warn', 'info', 'log', 'progress', 'success', 'debug', 'trace'],
  });
  t.match(await server.clearLogs(), { status: 'success', message: String });
  t.match(await system.deleteGlobalLogs(), { status: 'success', message: String });
  await t.rejects(system.deleteLog('any'), /not supported/);
});

t.test('only a super admin stops the server', async (t) => {
  await t.rejects(server.stopServer(), { name: 'ApiError', status: 403 });
  t.match(await server.ping(), { pong: true });
});

t.test('settings are those of the tenant, never of the process', async (t) => {
  const before = await system.getEnvironment<object>();
  t.notOk('PATH' in before || 'ELIZA_SERVER_AUTH_TOKEN' in before);
  for (const given of [
    { variables: { OPENAI_API_KEY: 'one' } },
    { content: { OPENAI_API_KEY: 'two' } },
    { OPENAI_API_KEY: 'three' },
  ]) {
    await system.updateLocalEnvironment(given);
  }
  t.ok('OPENAI_API_KEY' in (await system.getEnvironment<object>()));
});

t.test('a job ends with what the agent says', async (t) => {
  const created = await jobs.create<{ jobId: string }>({
    ...{ userId: person(1), content: 'what is a bus?', agentId: eliza },
  });
  t.match(created, { jobId: String, status: 'processing', createdAt: Number, expiresAt: Number });
  const done = {
    ...{ jobId: created.jobId, status: 'completed', agentId: eliza, prompt: 'what is a bus?' },
    result: { message: { content: /./, authorId: eliza }, processingTimeMs: Number },
  };
  t.match(await jobs.poll(created.jobId, fast), { success: true, job: done });
  t.match(await jobs.getJob(created.jobId), done);
  const asked = { userId: person(1), content: 'and again?' };
  t.match(await jobs.createAndPoll(asked, fast), { success: true, job: { status: 'completed' } });
  t.match(await jobs.createAndPollWithBackoff(asked, fast), { success: true });
  t.match(await jobs.ask(person(1), 'and now?', eliza, fast), /./);
  t.match(await jobs.list({ limit: 2 }), { jobs: [{ status: 'completed' }, {}], total: 4 });
  t.match(await jobs.health(), { healthy: true, totalJobs: 4, statusCounts: { completed: 4 } });
  await t.rejects(jobs.getJob(person(9)), { name: 'ApiError', status: 404 });
  await t.rejects(jobs.create({ userId: person(1), content: '' }), { name: 'ApiError', status: 400 });
});

t.test('what an agent did is told run by run', async (t) => {
  type Runs = { readonly runs: readonly { readonly runId: string; readonly roomId: string }[] };
  const list = () => runs.listRuns<Runs>(eliza, { limit: 2, status: 'completed' });
  // What an agent did is written down after its answer.
  await until(async () => (await list()).runs.length === 2);
  const listed = await list();
  t.match(listed, {
    runs: [{ status: 'completed', startedAt: Number, endedAt: Number, counts: { modelCalls: Number } }, {}],
    ...{ total: Number, hasMore: Boolean },
  });
  const { runId, roomId } = listed.runs[0]!;
  for (const room of [undefined, roomId]) {
    t.match(await runs.getRun(eliza, runId, room), {
      summary: { runId, status: 'completed' },
      events: [{ type: 'RUN_STARTED' }],
    });
  }
});

t.test('every method was called', async (t) => {
  t.same(uncalled('server', 'system', 'runs', 'jobs'), []);
});
