import t, { type Test } from 'tap';
import { veroDialect } from '../../../src/dialects/vero/index.ts';
import { startFront } from '../../kit/clients/http-front.ts';
import { password, startIdentity } from '../../kit/identity.ts';

// biome-ignore lint/suspicious/noExplicitAny: whatever came over the wire
type Body = Record<string, any>;

interface Answer {
  readonly status: number;
  readonly body: Body;
  readonly headers: Headers;
}

async function start(t: Test) {
  const started = await startIdentity(t);
  const { identity } = started;
  const front = await startFront(t, [veroDialect({ identity, isSecure: false })], {
    authenticate: (credentials) => identity.authenticator.authenticate(credentials),
  });
  const call = async (
    line: string,
    body?: unknown,
    bearer?: string,
    headers: Record<string, string> = {},
  ): Promise<Answer> => {
    const [method = 'GET', path = '/'] = line.split(' ');
    const response = await fetch(front.url + path, {
      method,
      headers: {
        'Content-Type': 'application/json',
        ...(bearer === undefined ? {} : { Authorization: `Bearer ${bearer}` }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: text === '' ? {} : JSON.parse(text), headers: response.headers };
  };
  const signup = async (email: string, more: object = {}) => {
    const answer = await call('POST /auth/signup', { email, password, ...more });
    t.equal(answer.status, 201);
    return answer.body;
  };
  return { ...started, call, signup };
}

const code = ({ status, body }: Answer) => `${status} ${body['error']?.code}`;
const fields = ({ body }: Answer) => body['error']?.details?.fields;

t.test('signup, login, refresh, me and logout answer in the shapes of the contract', async (t) => {
  const { call, signup } = await start(t);
  const first = await signup('Ada@Example.org', {
    display_name: 'Ada',
    tenant_name: 'Engines',
    timezone: 'Europe/London',
  });
  t.match(first, {
    user: {
      id: /^[0-9a-f-]{36}$/,
      email: 'ada@example.org',
      display_name: 'Ada',
      avatar_url: null,
      timezone: 'Europe/London',
      phone: null,
      tenant_id: first['tenant'].id,
      role: 'owner',
      status: 'active',
      v2_roles: ['pmc_admin'],
      created_at: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/,
    },
    tenant: { id: String, name: 'Engines', slug: /^engines-/, created_at: String },
    token_type: 'Bearer',
    expires_in: 900,
  });
  const login = await call('POST /auth/login', { email: 'ada@example.org', password });
  t.equal(login.status, 200);
  t.same(login.body['user'], first['user']);
  t.equal(login.headers.get('cache-control'), 'no-store');
  t.equal(login.headers.get('x-content-type-options'), 'nosniff');
  const refreshed = await call('POST /auth/refresh', { refresh_token: login.body['refresh_token'] });
  t.same(Object.keys(refreshed.body), ['access_token', 'refresh_token', 'token_type', 'expires_in']);
  const me = await call('GET /auth/me', undefined, refreshed.body['access_token']);
  t.same(me.body, { user: first['user'], tenant: first['tenant'] });
  const out = await call('POST /auth/logout', undefined, refreshed.body['access_token']);
  t.match(out, { status: 200, body: { ok: true } });
  const gone = await call('GET /auth/me', undefined, refreshed.body['access_token']);
  t.equal(code(gone), '401 token_revoked');
  t.equal(gone.headers.get('www-authenticate'), 'Bearer');
  t.equal(
    (await call('GET /auth/me', undefined, first['access_token'])).status,
    200,
    'the other session lives',
  );
});

t.test('refusals have the codes of the contract', async (t) => {
  const { call, signup, clock } = await start(t);
  const ada = await signup('ada@example.org');
  const bearer = ada['access_token'];
  t.equal(code(await call('POST /auth/signup', { email: 'ADA@example.org', password })), '409 email_taken');
  const wrong = await call('POST /auth/login', { email: 'ada@example.org', password: 'wrong password' });
  const unknown = await call('POST /auth/login', { email: 'bob@example.org', password: 'wrong password' });
  t.equal(code(wrong), '401 invalid_credentials');
  t.same(unknown.body['error'], wrong.body['error']);
  t.equal(code(await call('POST /auth/refresh', {})), '400 invalid_request');
  for (const unknown of ['x', 'x'.repeat(5_000)])
    t.equal(code(await call('POST /auth/refresh', { refresh_token: unknown })), '401 invalid_refresh_token');
  await call('POST /auth/refresh', { refresh_token: ada['refresh_token'] });
  const reused = await call('POST /auth/refresh', { refresh_token: ada['refresh_token'] });
  t.equal(code(reused), '401 refresh_token_reused');
  t.equal(code(await call('GET /auth/me', undefined, bearer)), '401 token_revoked');
  t.equal(code(await call('GET /auth/me')), '401 unauthorized');
  t.equal(code(await call('GET /auth/me', undefined, 'rubbish')), '401 unauthorized');
  const { body } = await call('POST /auth/login', { email: 'ada@example.org', password });
  clock.move(906);
  t.equal(code(await call('GET /auth/me', undefined, body['access_token'])), '401 token_expired');
  t.equal(code(await call('GET /auth/nothing')), '404 route_not_found');
  const method = await call('DELETE /auth/signup');
  t.equal(code(method), '405 method_not_allowed');
  t.match(method.headers.get('allow'), /POST/);
  t.equal(code(await call('POST /auth/login', '{"email":')), '400 invalid_json');
  t.equal(
    code(await call('POST /auth/login', 'a', undefined, { 'Content-Type': 'text/plain' })),
    '415 unsupported_media_type',
  );
  const large = JSON.stringify({ email: 'x'.repeat(300_000), password });
  t.equal(code(await call('POST /auth/login', large)), '413 payload_too_large');
  t.match((await call('GET /auth/me')).body, { request_id: String });
});

t.test('each field of a signup is held to its rule', async (t) => {
  const { call } = await start(t);
  const astral = '\u{1f600}';
  const bad: [string, object, string][] = [
    ['email', { email: 'no address' }, 'format'],
    ['email', { email: `${'a'.repeat(243)}@example.org` }, 'too_long'],
    ['email', { email: 5 }, 'type'],
    ['email', { email: undefined }, 'required'],
    ['password', { password: '1234567' }, 'too_short'],
    ['password', { password: astral.repeat(7) }, 'too_short'],
    ['password', { password: 'a'.repeat(129) }, 'too_long'],
    ['password', { password: 'ADA@example.org' }, 'same_as_email'],
    ['password', { password: undefined }, 'required'],
    ['display_name', { display_name: '' }, 'too_short'],
    ['display_name', { display_name: astral.repeat(81) }, 'too_long'],
    ['display_name', { display_name: ' \t' }, 'blank'],
    ['display_name', { display_name: null }, 'type'],
    ['tenant_name', { tenant_name: 'a'.repeat(81) }, 'too_long'],
    ['phone', { phone: '0123456789' }, 'format'],
    ['timezone', { timezone: 'Mars/Olympus' }, 'unknown_timezone'],
    ['timezone', { timezone: '+01:00' }, 'unknown_timezone'],
    ['invite_token', { invite_token: 'inv_unknown' }, 'not_usable'],
  ];
  for (const [path, change, reason] of bad) {
    const answer = await call('POST /auth/signup', { email: 'ada@example.org', password, ...change });
    t.equal(code(answer), '400 invalid_request', JSON.stringify(change).slice(0, 60));
    t.match(fields(answer), [{ path, reason }]);
  }
  const longest = `${'a'.repeat(242)}@example.org`;
  const { status, body } = await call('POST /auth/signup', { email: ` ${longest} `, password });
  t.match([status, body['user']], [201, { email: longest, display_name: 'a'.repeat(80) }]);
  for (const hostile of ['"\\u0000"', '"\\ud800"']) {
    const answer = await call(
      'POST /auth/signup',
      `{"email":"ada@example.org","password":"${password}","display_name":${hostile}}`,
    );
    t.equal(answer.status, 400);
  }
  const verbatim = {
    display_name: ` ${astral.repeat(79)}`,
    phone: '+4915112345678',
    role: 'owner',
    id: 'mine',
    super_admin: true,
  };
  const made = await call('POST /auth/signup', {
    email: 'ada@example.org',
    password: astral.repeat(8),
    ...verbatim,
  });
  t.equal(made.status, 201);
  t.match(made.body['user'], { display_name: verbatim.display_name, phone: verbatim.phone });
  t.not(made.body['user'].id, 'mine');
  t.notOk(made.body['user'].super_admin);
});

t.test('a profile has three fields, and the rest of a body changes nothing', async (t) => {
  const { call, signup } = await start(t);
  const { user, access_token: bearer } = await signup('ada@example.org');
  const patch = (body: unknown) => call('PATCH /auth/profile', body, bearer);
  const changed = await patch({
    display_name: 'Ada L.',
    avatar_url: 'https://example.org/a',
    timezone: 'UTC',
    role: 'member',
    email: 'x@y.z',
    id: 'x',
    tenant_id: 'x',
  });
  t.same(changed.body['user'], { ...user, display_name: 'Ada L.', avatar_url: 'https://example.org/a' });
  t.equal((await patch({ avatar_url: null })).body['user'].avatar_url, null);
  for (const body of [
    {},
    { email: 'x@y.z' },
    { avatar_url: 'http://example.org' },
    { avatar_url: `https://${'a'.repeat(2048)}` },
    { timezone: 'Nowhere' },
    { display_name: '' },
  ]) {
    t.equal(code(await patch(body)), '400 invalid_request', JSON.stringify(body).slice(0, 60));
  }
});

t.test('a password changes with the current one only', async (t) => {
  const { call, signup } = await start(t);
  const { access_token: bearer } = await signup('ada@example.org');
  const change = (current_password: string, new_password: string) =>
    call('POST /auth/change-password', { current_password, new_password }, bearer);
  t.equal(code(await change('wrong password', 'another password')), '403 invalid_current_password');
  t.equal(code(await change(password, 'short')), '400 invalid_request');
  t.equal(code(await change(password, password)), '400 invalid_request');
  const changed = await change(password, 'another password');
  t.match(changed, { status: 200, body: { token_type: 'Bearer', expires_in: 900 } });
  t.equal(code(await call('GET /auth/me', undefined, bearer)), '401 token_revoked');
  t.equal((await call('GET /auth/me', undefined, changed.body['access_token'])).status, 200);
});

t.test('an owner invites, raises and suspends; the change is there at the next request', async (t) => {
  const { call, signup } = await start(t);
  const ada = await signup('ada@example.org');
  const bearer = ada['access_token'];
  const invite = await call('POST /auth/invites', { v2_role: 'vendor' }, bearer);
  t.match(invite, { status: 201, body: { invite_token: /^inv_/, expires_at: String } });
  const ben = await signup('ben@example.org', { invite_token: invite.body['invite_token'] });
  t.match(ben['user'], { tenant_id: ada['tenant'].id, role: 'member', scopes: [], v2_roles: ['vendor'] });
  t.same(ben['tenant'], ada['tenant']);
  const path = `/auth/users/${ben['user'].id}`;
  t.equal(code(await call(`PATCH ${path}`, { role: 'admin' }, ben['access_token'])), '403 forbidden');
  t.equal(code(await call('POST /auth/invites', {}, ben['access_token'])), '403 forbidden');
  const raised = await call(
    `PATCH ${path}`,
    { role: 'admin', scopes: ['cap:messaging.impersonate'] },
    bearer,
  );
  t.match(raised, { status: 200, body: { user: { id: ben['user'].id, role: 'admin' } } });
  t.equal(raised.body['user'].scopes.length, 4);
  t.equal((await call('POST /auth/invites', {}, ben['access_token'])).status, 201);
  t.equal(
    (
      await call(
        `PATCH ${path.toUpperCase().replace('/AUTH/USERS', '/auth/users')}`,
        { status: 'suspended' },
        bearer,
      )
    ).status,
    200,
  );
  t.equal(code(await call('GET /auth/me', undefined, ben['access_token'])), '403 forbidden');
  for (const body of [
    {},
    { role: 'king' },
    { scopes: ['cap:everything'] },
    { v2_roles: ['super_admin'] },
    { status: 'gone' },
  ]) {
    t.equal(code(await call(`PATCH ${path}`, body, bearer)), '400 invalid_request', JSON.stringify(body));
  }
  t.equal(code(await call('PATCH /auth/users/nobody', { role: 'admin' }, bearer)), '404 not_found');
  const self = `PATCH /auth/users/${ada['user'].id}`;
  t.equal(code(await call(self, { role: 'member' }, bearer)), '409 conflict');
  t.equal(code(await call(self, { status: 'suspended' }, bearer)), '403 forbidden');
  const list = await call('GET /auth/users?limit=1', undefined, bearer);
  t.equal(list.body['users'].length, 1);
  const rest = await call(`GET /auth/users?cursor=${list.body['next_cursor']}`, undefined, bearer);
  t.match(rest.body, { users: [{ email: 'ben@example.org', status: 'suspended' }], next_cursor: null });
  for (const query of ['limit=0', 'limit=201', 'limit=x', 'cursor=rubbish', 'cursor=%ff', 'cursor=%00']) {
    t.equal(code(await call(`GET /auth/users?${query}`, undefined, bearer)), '400 invalid_request', query);
  }
});

t.test('agents and keys: made, listed, used, deleted', async (t) => {
  const { call, signup } = await start(t);
  const { access_token: bearer, tenant } = await signup('ada@example.org');
  const made = await call(
    'POST /auth/agents',
    { display_name: 'Iris', id: 'assistant:x', is_default_agent: true },
    bearer,
  );
  t.match(made, {
    status: 201,
    body: { agent: { id: 'assistant:x', is_agent: true, is_default_agent: true, tenant_id: tenant.id } },
  });
  t.equal(
    code(await call('POST /auth/agents', { display_name: 'Iris', id: 'assistant:x' }, bearer)),
    '409 conflict',
  );
  for (const id of ['', 'a b', 'a\n', 'x'.repeat(256), '\u200b']) {
    t.equal(
      code(await call('POST /auth/agents', { display_name: 'Iris', id }, bearer)),
      '400 invalid_request',
      JSON.stringify(id).slice(0, 20),
    );
  }
  const agents = (await call('GET /auth/agents', undefined, bearer)).body['agents'] as Body[];
  t.same(
    agents.map((agent) => [agent['id'] === 'assistant:x', agent['is_default_agent']]),
    [
      [false, false],
      [true, true],
    ],
  );

  const key = await call('POST /auth/api-keys', { name: 'iris', principal_id: 'assistant:x' }, bearer);
  t.match(key, {
    status: 201,
    body: {
      key: /^pk_/,
      prefix: /^pk_/,
      principal_id: 'assistant:x',
      kind: 'agent',
      scopes: [],
      expires_at: null,
    },
  });
  const secret = key.body['key'];
  t.match((await call('GET /auth/me', undefined, secret)).body['user'], { id: 'assistant:x', email: null });
  t.equal((await call('GET /auth/me', undefined, undefined, { 'X-API-Key': secret })).status, 200);
  t.equal(
    (await call('GET /auth/me', undefined, 'rubbish', { 'X-API-Key': secret })).status,
    200,
    'the first valid one counts',
  );
  const keys = (await call('GET /auth/api-keys', undefined, bearer)).body['api_keys'] as Body[];
  t.same(
    keys.map((one) => [one['id'], one['key']]),
    [[key.body['id'], undefined]],
  );
  t.equal(code(await call('GET /auth/api-keys', undefined, secret)), '403 forbidden');
  t.equal(code(await call('DELETE /auth/api-keys/rubbish', undefined, bearer)), '404 not_found');
  t.equal((await call(`DELETE /auth/api-keys/${key.body['id']}`, undefined, bearer)).status, 204);
  t.equal(code(await call('GET /auth/me', undefined, secret)), '401 token_revoked');

  t.equal((await call('DELETE /auth/agents/assistant%3Ax', undefined, bearer)).status, 204);
  t.equal(code(await call('DELETE /auth/agents/assistant:x', undefined, bearer)), '404 not_found');
  t.equal(code(await call(`DELETE /auth/agents/${agents[0]?.['id']}`, undefined, bearer)), '409 conflict');
});

t.test('a super admin acts in another tenant by X-Org-Id, and nobody else does', async (t) => {
  const { call, signup, identity } = await start(t);
  const ada = await signup('ada@example.org');
  const eve = await signup('eve@example.org');
  await identity.ensureAdministrator('root@example.org', password);
  const { body: root } = await call('POST /auth/login', { email: 'root@example.org', password });
  t.equal(root['user'].super_admin, true);
  const inAda = { 'X-Org-Id': ada['tenant'].id };
  const suspend = await call(
    `PATCH /auth/users/${ada['user'].id}`,
    { status: 'suspended' },
    root['access_token'],
    inAda,
  );
  t.match(suspend, { status: 200, body: { user: { status: 'suspended' } } });
  t.equal(code(await call('GET /auth/users', undefined, eve['access_token'], inAda)), '403 forbidden');
  t.equal(
    code(await call('GET /auth/users', undefined, root['access_token'], { 'X-Org-Id': 'rubbish' })),
    '404 not_found',
  );
});
