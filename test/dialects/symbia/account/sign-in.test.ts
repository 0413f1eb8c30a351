/** /api/auth over a whole node with accounts of its own. */
import t from 'tap';
import { makeAgent, makeService, signUp, signUpInto } from '../../../kit/clients/accounts.ts';
import { call, type HttpAnswer } from '../../../kit/clients/http-client.ts';
import { startNats } from '../../../kit/servers/nats.ts';
import { startNode } from '../../../kit/servers/node.ts';
import { startPostgres } from '../../../kit/servers/postgres.ts';

const servers = {
  ...{ nats: await startNats(t), database: await startPostgres(t) },
  env: {
    PARLEY_ADMIN_EMAIL: 'root@example.org',
    PARLEY_ADMIN_PASSWORD: 'root has a long password',
    PARLEY_RATE_LIMIT: 'on',
  },
};
const node = await startNode(servers, t);
const ann = await signUp(node, 'ann');
const bob = await signUpInto(node, ann, 'bob');

const login = (body: unknown, headers: Record<string, string> = {}) =>
  call(node, 'POST', '/api/auth/login', { body, headers });
const ask = (path: string, headers: Record<string, string> = {}) =>
  call(node, 'GET', `/api/auth/${path}`, { headers });
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const refused = (status: number, sentence: string) => ({
  status,
  body: { error: sentence, message: sentence },
});
const kept = (answer: HttpAnswer): string => answer.headers.getSetCookie()[0]?.split(';')[0] ?? '';
const annIs = {
  id: ann.id,
  email: ann.email,
  name: 'ann',
  type: 'user',
  orgId: ann.tenant,
  organizations: [{ id: ann.tenant, name: String, slug: String, role: 'admin' }],
  entitlements: ['cap:messaging.interrupt', 'cap:messaging.route', 'cap:messaging.observe'],
  roles: ['admin'],
  isSuperAdmin: false,
};

t.test('login answers token and user and sets the cookie; both sign in', async (t) => {
  const answer = await login({ email: ann.email, password: ann.password });
  t.match(answer, { status: 200, body: { token: String, user: annIs } });
  t.same(Object.keys(answer.body), ['token', 'user']);
  t.match(answer.headers.getSetCookie(), [
    /^token=sc_[^;]{43}; Path=\/; HttpOnly; SameSite=Lax; Max-Age=\d+$/,
  ]);
  for (const headers of [bearer(answer.body.token), { cookie: kept(answer) }]) {
    t.match(await ask('me', headers), {
      status: 200,
      body: { user: annIs, organizations: annIs.organizations },
    });
    t.same((await ask('session', headers)).body, { authenticated: true, user: answer.body.user });
    t.equal((await call(node, 'GET', '/api/conversations', { headers })).status, 200);
  }
  t.equal(answer.headers.get('cache-control'), 'no-cache, no-store, must-revalidate');
});

t.test('a login that is not right is refused in the words of this API', async (t) => {
  const wrong = await login({ email: bob.email, password: 'not the password' });
  t.match(wrong, refused(401, 'Invalid credentials'));
  t.match(await login({ email: 'nobody@example.org', password: 'x' }), refused(401, 'Invalid credentials'));
  for (const body of [{}, { email: ann.email }, { password: 'x' }, { email: '', password: '' }]) {
    t.match(await login(body), refused(400, 'Email and password are required'), JSON.stringify(body));
  }
  for (const body of [
    { email: 1, password: 'x' },
    { email: [], password: {} },
    [],
    '"x"',
    '{',
    { email: 'x'.repeat(600), password: 'x' },
  ]) {
    t.match(
      await login(body),
      { status: 400, body: { error: String, message: String } },
      JSON.stringify(body),
    );
  }
  t.equal((await login({ email: 'x', password: 'y'.repeat(20_000) })).status, 413);
  t.same(wrong.headers.getSetCookie(), []);
});

t.test('a form of a stranger signs nobody in', async (t) => {
  const body = `email=${encodeURIComponent(ann.email)}&password=${encodeURIComponent(ann.password)}`;
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  t.equal((await login(body, headers)).status, 415);
});

t.test('who guesses is told to wait', async (t) => {
  const guessed = await signUpInto(node, ann, 'guessed');
  for (let guess = 0; guess < 10; guess++) {
    t.equal((await login({ email: guessed.email, password: `guess ${guess}` })).status, 401);
  }
  const answer = await login({ email: guessed.email, password: guessed.password });
  t.match(answer, { status: 429, body: { error: String, message: String } });
  t.ok(Number(answer.headers.get('retry-after')) > 0);
});

t.test('logout ends the session of a cookie, and of a bearer', async (t) => {
  const here = { origin: node.url };
  const first = await login({ email: ann.email, password: ann.password });
  const cookie = kept(first);
  const foreign = await call(node, 'POST', '/api/auth/logout', {
    headers: { cookie, origin: 'https://evil.example' },
  });
  t.same([foreign.status, foreign.headers.getSetCookie()], [200, []], 'a stranger ends nothing');
  t.equal((await ask('me', { cookie })).status, 200);
  const out = await call(node, 'POST', '/api/auth/logout', { headers: { cookie, ...here } });
  t.match(out, { status: 200, body: { ok: true } });
  t.match(out.headers.getSetCookie(), [/^token=; .*Max-Age=0$/, /^symbia_session=; .*Max-Age=0$/]);
  t.equal((await ask('me', { cookie })).status, 401);
  t.same((await ask('session', { cookie })).body, { authenticated: false });
  t.equal((await ask('me', bearer(first.body.token))).status, 401, 'its bearer ended with it');
  const second = await login({ email: ann.email, password: ann.password });
  const byBearer = await call(node, 'POST', '/api/auth/logout', { token: second.body.token, body: {} });
  t.match(byBearer, { status: 200, body: { ok: true } });
  t.equal((await ask('me', { cookie: kept(second) })).status, 401);
  t.match(await call(node, 'POST', '/api/auth/logout'), { status: 200, body: { ok: true } });
});

t.test('nobody, and whoever shows nothing valid, is not signed in', async (t) => {
  for (const headers of [
    {},
    bearer('rubbish'),
    { 'x-api-key': 'pk_rubbish' },
    { cookie: 'token=rubbish' },
    { cookie: `token=${'x'.repeat(5_000)}` },
    { ...bearer('rubbish'), 'x-org-id': ann.tenant },
  ] as Record<string, string>[]) {
    t.match(await ask('session', headers), { status: 200, body: { authenticated: false } });
    t.match(await ask('me', headers), refused(401, 'Authentication required'));
  }
});

t.test('members, agents, services and super admins are shown as what they are', async (t) => {
  const shown = async (headers: Record<string, string>) => (await ask('session', headers)).body.user;
  t.match(await shown(bearer(bob.token)), {
    ...{
      type: 'user',
      roles: [],
      entitlements: [],
      organizations: [{ role: 'member' }],
      isSuperAdmin: false,
    },
  });
  const agent = await makeAgent(node, ann, 'iris');
  t.match(await shown({ 'x-api-key': agent.token }), {
    id: agent.id,
    email: null,
    name: 'iris',
    type: 'agent',
  });
  const service = await makeService(node, ann);
  const byService = await shown({ 'x-api-key': service.token, 'x-as-user-id': bob.id });
  t.match(byService, { id: service.id, type: 'agent' }, 'X-As-User-Id does not count here');
  t.ok(byService.entitlements.includes('cap:messaging.impersonate'));
  t.match(await ask('me', { 'x-api-key': service.token, 'x-as-user-id': bob.id }), {
    body: { user: { id: service.id } },
  });
  const { body } = await login({ email: 'root@example.org', password: 'root has a long password' });
  t.match(body.user, { isSuperAdmin: true, roles: ['admin'] });
  t.match(await shown(bearer(body.token)), body.user);
});

t.test('a suspended account is told so, at the door and behind it', async (t) => {
  const sue = await signUpInto(node, ann, 'sue');
  const status = { token: ann.token, body: { status: 'suspended' } };
  t.equal((await call(node, 'PATCH', `/auth/users/${sue.id}`, status)).status, 200);
  t.equal((await login({ email: sue.email, password: sue.password })).status, 403);
  t.equal((await ask('me', bearer(sue.token))).status, 403);
});

t.test('clients are told where to sign in', async (t) => {
  const answer = await ask('config');
  t.match(answer, { status: 200, body: { loginUrl: '/api/auth/login', logoutUrl: '/api/auth/logout' } });
  t.match(answer.body.identityServiceUrl, /^http:\/\//);
});

t.test('what is unknown below /api/auth is refused in the words of this API', async (t) => {
  t.match(await ask('nowhere'), { status: 404, body: { error: String, message: String } });
  t.match(await ask('login'), { status: 405, body: { error: String, message: String } });
});
