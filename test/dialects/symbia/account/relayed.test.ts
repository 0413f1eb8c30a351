/** /api/auth on a whole node whose accounts are at an identity service (PARLEY_IDENTITY_URL). */
import t from 'tap';
import { signUp } from '../../../kit/clients/accounts.ts';
import { call, type HttpCall } from '../../../kit/clients/http-client.ts';
import { person, startIdentityServer } from '../../../kit/outside/identity-server.ts';
import { startNats } from '../../../kit/servers/nats.ts';
import { startNode } from '../../../kit/servers/node.ts';
import { startPostgres } from '../../../kit/servers/postgres.ts';

const service = await startIdentityServer(t);
const servers = {
  ...{ nats: await startNats(t), database: await startPostgres(t) },
  env: { PARLEY_IDENTITY_URL: service.url, PARLEY_IDENTITY_CACHE_SEC: '30' },
};
const node = await startNode(servers, t);
const credentials = { email: 'ben@example.org', password: 'ben has a long password', remember: true };
const login = (more: HttpCall = {}) => call(node, 'POST', '/api/auth/login', { body: credentials, ...more });
const logout = (cookie: string) =>
  call(node, 'POST', '/api/auth/logout', { headers: { cookie, origin: node.url } });
const session = async (headers: Record<string, string>) =>
  (await call(node, 'GET', '/api/auth/session', { headers })).body;
const away = { error: 'Identity service unavailable', message: 'Identity service unavailable' };
const seen: { headers: Record<string, unknown>; body: string }[] = [];
const user = { id: 'ben', email: 'ben@example.org' };

service.tokens.set('ben-token', person('ben'));
service.signIn.login = ({ headers }, body) => {
  seen.push({ headers, body });
  return {
    headers: {
      'set-cookie': ['token=ben-token; Path=/; HttpOnly; SameSite=Lax', 'seen=1; Path=/'],
      'x-powered-by': 'Express',
      location: '/elsewhere',
      'retry-after': '7',
      connection: 'x-hop',
      'x-hop': 'by hop',
    },
    body: { token: 'ben-token', user },
  };
};
service.signIn.logout = ({ headers }, body) => {
  seen.push({ headers, body });
  service.tokens.delete('other-token');
  return { headers: { 'set-cookie': 'token=; Path=/; Max-Age=0' }, body: { success: true } };
};

t.test('a login is answered as the service answers it, and its cookie signs in here', async (t) => {
  const answer = await login();
  t.match([answer.status, answer.body], [200, { token: 'ben-token', user }]);
  t.same(answer.headers.getSetCookie(), [
    'token=ben-token; Path=/; HttpOnly; SameSite=Lax',
    'seen=1; Path=/',
  ]);
  t.equal(answer.headers.get('retry-after'), '7');
  for (const name of ['x-powered-by', 'location', 'x-hop']) t.equal(answer.headers.get(name), null, name);
  const asked = seen.pop();
  t.same(JSON.parse(asked?.body ?? ''), credentials, 'the body goes on as it is');
  t.match(asked?.headers, { 'x-forwarded-for': '127.0.0.1', 'content-type': 'application/json' });
  t.equal(asked?.headers['cookie'], undefined);
  for (const headers of [{ cookie: 'token=ben-token; seen=1' }, { authorization: 'Bearer ben-token' }]) {
    t.match(await session(headers as Record<string, string>), {
      authenticated: true,
      user: {
        id: 'ben',
        name: 'Name of ben',
        type: 'user',
        orgId: 'acme',
        organizations: [{ name: 'Acme', role: 'member' }],
      },
    });
  }
  const body = { type: 'group', name: 'by cookie' };
  const headers = { cookie: 'token=ben-token', origin: node.url };
  const made = await call(node, 'POST', '/api/conversations', { headers, body });
  t.match(made, { status: 201, body: { created_by: 'ben', org_id: 'acme' } });
});

t.test('a cookie that is no token is shown to /api/users/me', async (t) => {
  const organizations = [{ id: 'acme', name: 'Acme', role: 'admin' }];
  service.cookies.set('s%3Aopaque.sig', { id: 'cleo', name: 'Cleo', email: null, organizations });
  service.cookies.set('wrapped', { user: { id: 'dan', name: 'Dan', isSuperAdmin: true }, organizations });
  t.match(await session({ cookie: 'token=s%3Aopaque.sig' }), { user: { id: 'cleo', roles: ['admin'] } });
  t.match(await session({ cookie: 'symbia_session=wrapped' }), { user: { id: 'dan', isSuperAdmin: true } });
  t.same(await session({ cookie: 'token=nobody' }), { authenticated: false });
  t.same(await session({ authorization: 'Bearer wrapped' }), { authenticated: false }, 'in a cookie only');
});

t.test('a logout shows the cookies, and nothing else, to the service', async (t) => {
  const out = await logout('token=ben-token; seen=1');
  t.match([out.status, out.body], [200, { success: true }]);
  t.same(out.headers.getSetCookie(), ['token=; Path=/; Max-Age=0']);
  const asked = seen.pop();
  t.match([asked?.headers['cookie'], asked?.body], ['token=ben-token; seen=1', '']);
  t.equal(asked?.headers['authorization'], undefined);
  await call(node, 'POST', '/api/auth/logout', {
    headers: { cookie: 'token=ben-token', origin: 'https://evil.example' },
  });
  t.equal(seen.pop()?.headers['cookie'], undefined, 'the page of a stranger ends nothing');
});

t.test('after a logout the cookie is nobody’s at once, whatever was known of it', async (t) => {
  service.tokens.set('other-token', person('other'));
  t.match(await session({ cookie: 'token=other-token' }), { authenticated: true });
  await logout('token=other-token');
  t.same(await session({ cookie: 'token=other-token' }), { authenticated: false });
});

t.test('an empty answer to a logout is {ok}', async (t) => {
  const { logout: usual } = service.signIn;
  service.signIn.logout = () => ({ body: undefined });
  t.match(await logout('token=x'), { status: 200, body: { ok: true } });
  service.signIn.logout = () => ({ status: 500, body: undefined });
  t.match(await logout('token=x'), { status: 500, body: { ok: false } });
  service.signIn.logout = () => ({ status: 204, body: undefined });
  t.match(await logout('token=x'), { status: 204, body: null });
  service.signIn.logout = () => ({ headers: { 'content-type': 'text/html' }, body: 'bye' });
  const html = await logout('token=x');
  t.match([html.body, html.headers.get('content-type')], ['bye', 'text/html']);
  service.signIn.logout = usual;
});

t.test('refusals are passed on in the words of the service', async (t) => {
  const { login: usual } = service.signIn;
  service.signIn.login = () => ({ status: 401, body: { error: 'Invalid credentials' } });
  t.match(await login(), { status: 401, body: { error: 'Invalid credentials' } });
  const tooMany = () => ({ status: 429, headers: { 'retry-after': '30' }, body: { error: 'Slow down' } });
  service.signIn.login = tooMany;
  const limited = await login();
  t.match([limited.status, limited.headers.get('retry-after')], [429, '30']);
  service.signIn.login = () => ({
    headers: {
      'set-cookie': [...Array.from({ length: 30 }, (_, n) => `c${n}=1`), `long=${'x'.repeat(5_000)}`],
    },
    body: {},
  });
  t.equal((await login()).headers.getSetCookie().length, 10, 'not more cookies than anybody needs');
  service.signIn.login = usual;
  t.equal((await login({ body: { email: 'x', password: 'y'.repeat(20_000) } })).status, 413);
  t.equal((await login({ body: '{' })).status, 400);
});

t.test('a service that is away, or answers what cannot be passed on, is 502', async (t) => {
  for (const mood of ['gone', 'silent', 'redirect', 'garbage', 'huge', 'cut'] as const) {
    await service.be(mood);
    t.match(await login(), { status: 502, body: away }, `login ${mood}`);
    if (mood !== 'silent')
      t.match(await logout('token=ben-token'), { status: 502, body: away }, `logout ${mood}`);
  }
  await service.be('well');
  t.equal((await login()).status, 200);
});

t.test('clients are told of the service, accounts of our own go on beside it', async (t) => {
  const config = await call(node, 'GET', '/api/auth/config');
  t.same(config.body, {
    identityServiceUrl: service.url,
    loginUrl: '/api/auth/login',
    logoutUrl: '/api/auth/logout',
  });
  const ann = await signUp(node, 'ann');
  t.match(await session({ authorization: `Bearer ${ann.token}` }), { user: { id: ann.id } });
});
