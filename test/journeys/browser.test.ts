/** A browser stays signed in by its cookie, wherever it goes, and only as long as it should. */
import t, { type Test } from 'tap';
import { WebSocket } from 'ws';
import { signUp, signUpInto } from '../kit/clients/accounts.ts';
import { handshakeStatus } from '../kit/clients/handshake.ts';
import { call, type HttpAnswer } from '../kit/clients/http-client.ts';
import { NativeClient } from '../kit/clients/native-client.ts';
import { startNats } from '../kit/servers/nats.ts';
import { startNode } from '../kit/servers/node.ts';
import { startPostgres } from '../kit/servers/postgres.ts';

t.setTimeout(120_000);

async function start(t: Test, env: Record<string, string> = {}) {
  const servers = { nats: await startNats(t), database: await startPostgres(t), env };
  const node = await startNode(servers, t);
  const ann = await signUp(node);
  const login = (headers: Record<string, string> = {}) =>
    call(node, 'POST', '/auth/login', { body: { email: ann.email, password: ann.password }, headers });
  return { servers, node, ann, login };
}

/** The `name=value` pairs that a browser would send back. */
const kept = (answer: HttpAnswer): string =>
  answer.headers
    .getSetCookie()
    .map((line) => line.split(';')[0] ?? '')
    .filter((pair) => !pair.endsWith('='))
    .join('; ');

t.test('login, signup and a new password set a cookie that no script reads; logout clears it', async (t) => {
  const { node, ann, login } = await start(t);
  const attributes = /^token=sc_[A-Za-z0-9_-]{43}; Path=\/; HttpOnly; SameSite=Lax; Max-Age=7776000$/;
  const loggedIn = await login();
  t.match(loggedIn.headers.getSetCookie(), [attributes]);
  const body = { email: `x-${ann.email}`, password: ann.password };
  t.match((await call(node, 'POST', '/auth/signup', { body })).headers.getSetCookie(), [attributes]);
  const change = { current_password: ann.password, new_password: 'another good password' };
  const changed = await call(node, 'POST', '/auth/change-password', {
    body: change,
    headers: { cookie: kept(loggedIn), origin: node.url },
  });
  t.equal(changed.status, 200);
  t.match(changed.headers.getSetCookie(), [attributes]);
  const me = (cookie: string) => call(node, 'GET', '/auth/me', { headers: { cookie } });
  t.equal((await me(kept(loggedIn))).status, 401, 'the old cookie ended with the old password');
  t.equal((await me(kept(changed))).status, 200);
  const out = await call(node, 'POST', '/auth/logout', {
    headers: { cookie: kept(changed), origin: node.url },
  });
  t.equal(out.status, 200);
  t.same(out.headers.getSetCookie(), [
    'token=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0',
    'symbia_session=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0',
  ]);
  t.equal((await me(kept(changed))).status, 401);
  t.equal((await call(node, 'GET', '/auth/me', { token: changed.body.access_token })).status, 401);
});

t.test('behind TLS the cookie is Secure', async (t) => {
  const { login } = await start(t, { PARLEY_PUBLIC_URL: 'https://chat.example' });
  t.match((await login()).headers.getSetCookie(), [/; Secure$/]);
});

t.test('behind a trusted proxy that speaks TLS it is Secure, on its word alone it is not', async (t) => {
  const forwarded = { 'x-forwarded-proto': 'https' };
  const trusting = await start(t, { PARLEY_TRUSTED_PROXIES: '127.0.0.1' });
  t.match((await trusting.login(forwarded)).headers.getSetCookie(), [/; Secure$/]);
  const wary = await start(t);
  t.notMatch((await wary.login(forwarded)).headers.getSetCookie().join(), /Secure/);
});

t.test('the cookie opens every door to a page of ours, and none to a page of others', async (t) => {
  const { node, login } = await start(t);
  const cookie = kept(await login());
  const own = { cookie, origin: node.url };
  const foreign = { cookie, origin: 'https://evil.example' };
  const create = (headers: Record<string, string>) =>
    call(node, 'POST', '/api/conversations', { body: { type: 'group', name: 'mine' }, headers });
  t.equal((await create(own)).status, 201);
  for (const headers of [
    foreign,
    { cookie, origin: 'null' },
    { cookie, origin: `${node.url}.evil.example` },
  ]) {
    t.equal((await create(headers)).status, 401, headers.origin);
    const invite = await call(node, 'POST', '/auth/invites', { body: {}, headers });
    t.equal(invite.status, 401, headers.origin);
    const out = await call(node, 'POST', '/auth/logout', { headers });
    t.equal(out.status, 401, headers.origin);
  }
  for (const path of ['/auth/me', '/auth/users', '/api/conversations', '/api/admin/audit']) {
    t.equal((await call(node, 'GET', path, { headers: { cookie } })).status, 200, path);
  }
  t.equal((await call(node, 'GET', '/api/conversations', { headers: own })).body.length, 1);
  t.equal(await handshakeStatus(node, own), 101);
  t.equal(await handshakeStatus(node, foreign), 403);
});

t.test('what is in the cookie is nothing anywhere else, also once it was verified', async (t) => {
  const { node, login } = await start(t);
  const cookie = kept(await login());
  const secret = cookie.slice('token='.length);
  t.equal((await call(node, 'GET', '/auth/me', { headers: { cookie } })).status, 200);
  t.equal((await call(node, 'GET', '/auth/me', { token: secret })).status, 401);
  t.equal((await call(node, 'GET', '/auth/me', { headers: { 'x-api-key': secret } })).status, 401);
  const socket = new WebSocket(`${node.url.replace(/^http/, 'ws')}/v1/socket`, 'parley.v1');
  const client = new NativeClient(socket);
  await new Promise((resolve) => socket.once('open', resolve));
  client.send({ op: 'hello', id: '1', token: secret });
  t.equal((await client.closed).code, 4401);
});

t.test(
  'the first valid of bearer, key and cookies counts; an earlier cookie hides a later one',
  async (t) => {
    const { node, ann, login } = await start(t);
    const ben = await signUpInto(node, ann, 'ben');
    const cookie = kept(await login());
    const value = cookie.slice('token='.length);
    const who = async (headers: Record<string, string>) => {
      const { status, body } = await call(node, 'GET', '/auth/me', { headers });
      return status === 200 ? (body.user.id === ann.id ? 'ann' : 'ben') : status;
    };
    t.equal(await who({ cookie, authorization: `Bearer ${ben.token}` }), 'ben');
    t.equal(await who({ cookie, authorization: 'Bearer rubbish' }), 'ann');
    t.equal(await who({ cookie, authorization: 'Bearer rubbish', 'x-api-key': 'pk_rubbish' }), 'ann');
    t.equal(await who({ cookie: `symbia_session=${value}` }), 'ann');
    t.equal(await who({ cookie: `symbia_session=${ben.token}` }), 'ben', 'an access token');
    t.equal(await who({ cookie: `token=${ben.token}` }), 'ben');
    t.equal(await who({ cookie: `symbia_session=${ben.token}; token=${value}` }), 'ann');
    t.equal(await who({ cookie: `symbia_session=${ben.token}; token=rubbish` }), 401);
    t.equal(await who({ cookie: `other=1; token="${value}"; more=2` }), 'ann');
    t.equal(await who({ cookie: 'token=' }), 401);
    t.equal(await who({ cookie: `token=${'x'.repeat(5_000)}` }), 401);
  },
);

/** Promised is a second, which revocations.test.ts measures; a cookie that nobody ends lives for weeks. */
const endsMsMax = 20_000;

t.test('a cookie dies soon after its session, on the other node, too', async (t) => {
  const { servers, node, ann, login } = await start(t);
  const other = await startNode(servers, t);
  const ben = await signUpInto(node, ann, 'ben');
  const benIn = await call(node, 'POST', '/auth/login', {
    body: { email: ben.email, password: ben.password },
  });
  const annIn = await login();
  const status = async (cookie: string) =>
    (await call(other, 'GET', '/auth/me', { headers: { cookie } })).status;
  t.same([await status(kept(annIn)), await status(kept(benIn))], [200, 200]);
  const gone = async (cookie: string, expected: number) => {
    const since = performance.now();
    while ((await status(cookie)) !== expected) {
      if (performance.now() - since > endsMsMax) break;
    }
    t.ok(performance.now() - since < endsMsMax, `${Math.round(performance.now() - since)} ms`);
  };
  const suspended = { token: ann.token, body: { status: 'suspended' } };
  t.equal((await call(node, 'PATCH', `/auth/users/${ben.id}`, suspended)).status, 200);
  await gone(kept(benIn), 403);
  t.equal((await call(node, 'POST', '/auth/logout', { token: annIn.body.access_token })).status, 200);
  await gone(kept(annIn), 401);
  t.equal(
    (await call(other, 'GET', '/auth/me', { token: ann.token })).status,
    200,
    'another session of hers',
  );
});
