/** The server itself, as clients of ElizaOS ask it (eliza.md §4, System). */
import t from 'tap';
import { signUp, signUpInto } from '../../kit/clients/accounts.ts';
import { call } from '../../kit/clients/http-client.ts';
import { startNats } from '../../kit/servers/nats.ts';
import { startNode } from '../../kit/servers/node.ts';
import { openOwner } from '../../kit/servers/owner.ts';
import { startPostgres } from '../../kit/servers/postgres.ts';

t.setTimeout(120_000);
const servers = { nats: await startNats(t), database: await startPostgres(t) };
const administrator = { email: 'root@example.org', password: 'a long password of root' };
const env = {
  PARLEY_MASTER_KEY: 'ab'.repeat(32),
  ELIZA_SERVER_AUTH_TOKEN: 'the key of the server',
  PARLEY_ADMIN_EMAIL: administrator.email,
  PARLEY_ADMIN_PASSWORD: administrator.password,
};
const node = await startNode({ ...servers, env }, t);
const sql = openOwner(t, servers.database.url);
const owner = await signUp(node, 'owner');
const member = await signUpInto(node, owner, 'member');
const stranger = await signUp(node, 'stranger');
const withKey = { headers: { 'x-api-key': env.ELIZA_SERVER_AUTH_TOKEN } };
const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/;

t.test('every address of it is asked with a credential, and answers the same under both', async (t) => {
  const pairs = ['ping', 'hello', 'status'].map((name) => [`/api/server/${name}`, `/api/${name}`]);
  pairs.push(['/api/system/version', '/api/version'], ['/api/system/config', '/api/config']);
  pairs.push(['/api/server/debug/servers', '/api/debug']);
  for (const [real = '', documented = ''] of pairs) {
    const answers = await Promise.all([real, documented].map((path) => call(node, 'GET', path, withKey)));
    t.same(
      answers.map(({ status }) => status),
      [200, 200],
      real,
    );
    t.same(...(answers.map(({ body }) => Object.keys(body)) as [string[], string[]]));
    const nobody = await call(node, 'GET', documented);
    t.equal(nobody.status, 401);
    t.same(nobody.body, { error: 'API key required', message: 'Missing or invalid X-API-KEY header' });
  }
});

t.test('it says that it lives, in which version, and whether it asks for a key', async (t) => {
  const get = async (path: string) => (await call(node, 'GET', path, { token: member.token })).body;
  t.match(await get('/api/server/ping'), { pong: true, timestamp: Number });
  t.same(await get('/api/server/hello'), { message: 'Hello World!' });
  t.match(await get('/api/server/status'), { status: 'ok', agentCount: 1, timestamp: time });
  const version = await get('/api/system/version');
  t.ok(version.uptime > 0 && version.uptime < 600, 'seconds');
  t.match(version, {
    ...{ version: /^\d+\.\d+\.\d+/, source: 'parley', timestamp: time, environment: 'production' },
  });
  t.same(await get('/api/system/config'), { success: true, data: { requiresAuth: true } });
  const nil = '00000000-0000-0000-0000-000000000000';
  t.match(await get('/api/debug'), { success: true, servers: [{ id: nil }], count: 1 });
});

t.test('health is of the own tenant, and of nobody for who shows no credential', async (t) => {
  const well = { status: 'ok', timestamp: time, version: String };
  for (const path of ['/api/health', '/health']) {
    const nobody = await call(node, 'GET', path);
    t.match(nobody, { status: 200, body: { ...well, dependencies: { agents: 'unknown' } } }, path);
    t.notOk('agentCount' in nobody.body);
    const known = await call(node, 'GET', path, { token: owner.token });
    t.match(known.body, { ...well, dependencies: { agents: 'healthy' }, agentCount: 1 }, path);
  }
  const asked = () => call(node, 'GET', '/api/server/health', { token: stranger.token });
  const healthy = { status: 'OK', version: String, timestamp: time, dependencies: { agents: 'healthy' } };
  t.match(await asked(), { status: 200, body: healthy });
  await sql`update principals set runs = false where tenant_id = ${stranger.tenant}`;
  t.match(await asked(), { status: 503, body: { ...healthy, dependencies: { agents: 'no_agents' } } });
  t.equal((await call(node, 'GET', '/api/status', { token: stranger.token })).body.agentCount, 0);
  t.equal((await call(node, 'GET', '/api/status', { token: owner.token })).body.agentCount, 1);
});

t.test('what is at no path, and below no other API, is refused with a number for a code', async (t) => {
  const lost = await call(node, 'GET', '/api/nothing/here', withKey);
  t.equal(lost.status, 404);
  t.same(lost.body, { success: false, error: { message: 'API endpoint not found', code: 404 } });
});

t.test('settings are kept for a tenant, sealed, and told to who may change them', async (t) => {
  const values = { OPENAI_API_KEY: 'sk-canary', OPENAI_SMALL_MODEL: 'gpt-5-mini' };
  const empty = await call(node, 'GET', '/api/env', { token: owner.token });
  t.same(empty.body, { success: true, data: {} });
  const kept = await call(node, 'POST', '/api/system/env/local', {
    token: owner.token,
    body: { content: values },
  });
  t.same(kept.body, { success: true, message: 'Local env updated' });
  for (const path of ['/api/env', '/api/system/env/local']) {
    t.same((await call(node, 'GET', path, { token: owner.token })).body, { success: true, data: values });
  }
  const [stored] = await sql`select sealed from tenant_settings where tenant_id = ${owner.tenant}`;
  t.notMatch(JSON.stringify(stored), /canary|gpt/);
  const audited = await sql`
    select detail from audit_entries where tenant_id = ${owner.tenant} and action = 'settings.replaced'`;
  t.same(
    audited.map(({ detail }) => detail),
    [{ names: 'OPENAI_API_KEY OPENAI_SMALL_MODEL' }],
  );
  t.same((await call(node, 'GET', '/api/env', { token: stranger.token })).body.data, {}, 'of one tenant');
  t.same((await call(node, 'GET', '/api/env', withKey)).body.data, {}, 'a service may read its own');

  const replaced = await call(node, 'PUT', '/api/env', { token: owner.token, body: { XAI_API_KEY: 'x' } });
  t.equal(replaced.status, 200);
  const now = await call(node, 'GET', '/api/env', { token: owner.token });
  t.same(now.body.data, { XAI_API_KEY: 'x' }, 'the names themselves do as well; what was there is gone');
});

t.test('settings of others, of other names, of other shapes are refused', async (t) => {
  const refused = { success: false, error: { code: 'FORBIDDEN', message: String } };
  for (const [method, body] of [['GET'], ['PUT', { content: {} }]] as const) {
    const answer = await call(node, method, '/api/env', {
      token: member.token,
      ...(body === undefined ? {} : { body }),
    });
    t.match(answer, { status: 403, body: refused }, method);
  }
  const before = (await call(node, 'GET', '/api/env', { token: owner.token })).body;
  const strange: unknown[] = [
    {},
    [],
    { content: null },
    { content: [] },
    { content: 'A=b' },
    { content: { PATH: 'x' } },
  ];
  strange.push({ content: { OPENAI_API_KEY: 1 } }, { content: { OPENAI_API_KEY: 'x'.repeat(4_097) } });
  strange.push({ content: { __proto__x: 'y' } }, { NODE_OPTIONS: '--inspect' });
  for (const body of strange) {
    const answer = await call(node, 'PUT', '/api/env', { token: owner.token, body });
    t.equal(answer.status, 400, JSON.stringify(body).slice(0, 60));
    t.equal(answer.body.success, false);
  }
  t.same((await call(node, 'GET', '/api/env', { token: owner.token })).body, before, 'nothing was changed');
  const unknown = await call(node, 'PUT', '/api/env', { token: owner.token, body: { PATH: '/bin' } });
  t.match(unknown.body.error, { code: 'INVALID_INPUT', message: /^PATH is no setting/ });
});

t.test('only administrators of the platform stop it, and it answers before it ends', async (t) => {
  for (const path of ['/api/stop', '/api/server/stop']) {
    for (const who of [{ token: owner.token }, withKey]) {
      const answer = await call(node, 'POST', path, who);
      t.match(answer, { status: 403, body: { success: false, error: { code: 403, message: String } } });
    }
  }
  const login = await call(node, 'POST', '/auth/login', { body: administrator });
  const answer = await call(node, 'POST', '/api/stop', { token: login.body.access_token });
  t.match(answer, { status: 200, body: { message: 'Server stopping...' } });
  await node.close();
  await t.rejects(fetch(`${node.url}/healthz`), 'it does not listen any more');
});
