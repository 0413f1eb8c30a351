/** What an administrator takes away is gone within a second (UsualTime), on every node and on open sockets. */
import t, { type Test } from 'tap';
import { type Account, type KeyHolder, makeAgent, signUp, signUpInto } from '../kit/clients/accounts.ts';
import { handshakeStatus } from '../kit/clients/handshake.ts';
import { call, type HttpCall } from '../kit/clients/http-client.ts';
import { NativeClient, type ServerFrame } from '../kit/clients/native-client.ts';
import { startNats } from '../kit/servers/nats.ts';
import { startNode } from '../kit/servers/node.ts';
import { startPostgres } from '../kit/servers/postgres.ts';
import { UsualTime } from '../kit/usual-time.ts';

t.setTimeout(180_000);

const time = new UsualTime();

async function start(t: Test) {
  const servers = { nats: await startNats(t), database: await startPostgres(t) };
  const [here, there] = [await startNode(servers, t), await startNode(servers, t)];
  const ann = await signUp(here);

  /** A socket on each node, and one REST request on each, so that everybody knows the credential. */
  async function everywhere(token: string): Promise<readonly NativeClient[]> {
    const clients = [await NativeClient.connect(here, token), await NativeClient.connect(there, token)];
    for (const client of clients) t.teardown(() => client.socket.terminate());
    for (const node of [here, there]) t.equal((await call(node, 'GET', '/auth/me', { token })).status, 200);
    return clients;
  }

  /** Does it here, and measures until the sockets are closed and both nodes refuse the credential. */
  async function ends(
    what: string,
    token: string,
    line: string,
    request: HttpCall,
    expected: { readonly close: number; readonly status: number },
  ): Promise<void> {
    const clients = await everywhere(token);
    const [method = '', path = ''] = line.split(' ');
    const answer = await call(here, method, path, request);
    const since = performance.now();
    t.ok(answer.status < 300, `${what}: ${answer.status}`);
    const closes = clients.map(async (client) => {
      t.equal((await client.closed).code, expected.close, what);
      return performance.now() - since;
    });
    const refusals = [here, there].map((node) =>
      time.until(async () => (await call(node, 'GET', '/auth/me', { token })).status === expected.status),
    );
    const times = await Promise.all([...closes, ...refusals]);
    time.took(t, `${what}: sockets here and there, REST here and there`, Math.max(...times));
    const handshake = await handshakeStatus(there, { authorization: `Bearer ${token}` });
    t.equal(handshake, expected.status, `${what}: no new socket`);
  }
  return { servers, here, there, ann, everywhere, ends };
}

const login = async (node: { readonly url: string }, { email, password }: Account): Promise<string> =>
  (await call(node, 'POST', '/auth/login', { body: { email, password } })).body.access_token;

t.test('suspension closes with 4403, logout, another password, reuse and deletion with 4401', async (t) => {
  const { here, ann, ends } = await start(t);
  const by = { token: ann.token };
  const ben = await signUpInto(here, ann, 'ben');
  const benPath = `PATCH /auth/users/${ben.id}`;
  const revoked = { close: 4401, status: 401 };
  await ends(
    'suspended',
    ben.token,
    benPath,
    { ...by, body: { status: 'suspended' } },
    { close: 4403, status: 403 },
  );
  t.equal(
    (await call(here, 'PATCH', `/auth/users/${ben.id}`, { ...by, body: { status: 'active' } })).status,
    200,
  );

  const first = await login(here, ben);
  await ends('logged out', first, 'POST /auth/logout', { token: first }, revoked);

  const changed = { current_password: ben.password, new_password: 'another good password' };
  await ends(
    'new password',
    ben.token,
    'POST /auth/change-password',
    { token: ben.token, body: changed },
    revoked,
  );

  const cleo = await signUpInto(here, ann, 'cleo');
  const reuse = { body: { refresh_token: cleo.refreshToken } };
  t.equal((await call(here, 'POST', '/auth/refresh', reuse)).status, 200);
  t.equal((await call(here, 'POST', '/auth/refresh', reuse)).body.error.code, 'refresh_token_reused');
  const again = await login(here, cleo);
  t.equal((await call(here, 'GET', '/auth/me', { token: cleo.token })).status, 401, 'the family ended');
  t.equal((await call(here, 'GET', '/auth/me', { token: again })).status, 200, 'another one did not');

  const robot = await makeAgent(here, ann);
  const keys = await call(here, 'GET', '/auth/api-keys', by);
  const keyId: string = keys.body.api_keys[0].id;
  await ends('key deleted', robot.token, `DELETE /auth/api-keys/${keyId}`, by, revoked);

  const other: KeyHolder = await makeAgent(here, ann, 'other');
  await ends('agent deleted', other.token, `DELETE /auth/agents/${other.id}`, by, revoked);
  t.equal((await call(here, 'GET', '/auth/me', by)).status, 200, 'who did it all goes on');
});

t.test('a refresh token that is used twice closes the sockets of its session', async (t) => {
  const { here, there, ann, everywhere } = await start(t);
  const clients = await everywhere(ann.token);
  const reuse = { body: { refresh_token: ann.refreshToken } };
  t.equal((await call(here, 'POST', '/auth/refresh', reuse)).status, 200);
  const since = performance.now();
  t.equal((await call(there, 'POST', '/auth/refresh', reuse)).status, 401);
  for (const client of clients) t.equal((await client.closed).code, 4401);
  time.took(t, 'the sockets of a token that was used twice', performance.now() - since);
});

t.test('a role or scope that changes is what an open socket may do a moment later', async (t) => {
  const { here, there, ann } = await start(t);
  const ben = await signUpInto(here, ann, 'ben');
  const socket = await NativeClient.connect(there, ben.token);
  t.teardown(() => socket.socket.terminate());
  const owner = await NativeClient.connect(here, ann.token);
  t.teardown(() => owner.socket.terminate());
  const made = await owner.ask('create', {
    type: 'group',
    name: 'x',
    participants: [{ id: ben.id, kind: 'user' }],
  });
  const conversation: string = made['conversation'].id;
  const change = async (body: object) => {
    const { status } = await call(here, 'PATCH', `/auth/users/${ben.id}`, { token: ann.token, body });
    t.equal(status, 200);
  };
  const pause = (name: string) => socket.ask('control', { conversation, event: name });
  /** Asks until the answer is as it should be, and says how long that took. */
  const becomes = async (what: string, isAllowed: boolean) => {
    let answer: ServerFrame = {};
    const took = await time.until(async () => {
      answer = await pause('stream.resume');
      return answer['ok'] === isAllowed;
    });
    time.took(t, what, took);
    if (!isAllowed) t.equal(answer['problem'].code, 'forbidden');
  };
  t.equal((await pause('stream.resume'))['ok'], false, 'a member holds no scope');
  await change({ scopes: ['cap:messaging.interrupt'] });
  await becomes('scope granted', true);
  await change({ scopes: [] });
  await becomes('scope taken', false);
  await change({ role: 'admin' });
  await becomes('made admin', true);
  await change({ role: 'member' });
  await becomes('member again', false);
  t.equal(socket.socket.readyState, 1, 'the socket was open all the time');
  t.equal((await socket.ask('post', { conversation, content: 'still here', client_id: 'c1' }))['ok'], true);
});

t.test('an observer who is none any more hears nothing more', async (t) => {
  const { here, there, ann } = await start(t);
  const ben = await signUpInto(here, ann, 'ben');
  const owner = await NativeClient.connect(here, ann.token);
  t.teardown(() => owner.socket.terminate());
  const made = await owner.ask('create', { type: 'group', name: 'x', participants: [] });
  const conversation: string = made['conversation'].id;
  const change = (body: object) => call(here, 'PATCH', `/auth/users/${ben.id}`, { token: ann.token, body });
  await change({ scopes: ['cap:messaging.observe'] });
  const socket = await NativeClient.connect(there, ben.token);
  t.teardown(() => socket.socket.terminate());
  const opened = await socket.ask('open', { conversation });
  t.same(opened['refused'], []);
  await owner.ask('post', { conversation, content: 'heard', client_id: 'c1' });
  await socket.find(({ ev }) => ev?.conversation === conversation && ev.data?.content === 'heard');
  await change({ scopes: [] });
  const history = () => socket.ask('history', { conversation, limit: 1 });
  const took = await time.until(async () => (await history())['ok'] !== true);
  time.took(t, 'nothing is read any more', took);
  await owner.ask('post', { conversation, content: 'unheard', client_id: 'c2' });
  // What comes after the next thing that is heard would have come before it.
  await change({ scopes: ['cap:messaging.observe'] });
  while ((await socket.ask('open', { conversation }))['refused']?.length !== 0);
  await owner.ask('post', { conversation, content: 'heard again', client_id: 'c3' });
  await socket.find(({ ev }) => ev?.conversation === conversation && ev.data?.content === 'heard again');
  t.notOk(socket.events(conversation).some(({ data }) => 'content' in data && data.content === 'unheard'));
});

t.test('all of it is usually gone within a second', async (t) => time.prove(t));
