/** Principals whose accounts are elsewhere, on two whole nodes: every dialect, sockets, and providers that go away. */
import t from 'tap';
import { WebSocket } from 'ws';
import { signUp } from '../kit/clients/accounts.ts';
import { call } from '../kit/clients/http-client.ts';
import { NativeClient } from '../kit/clients/native-client.ts';
import { until } from '../kit/log-entries.ts';
import { externalEnvironment, startExternalWorld } from '../kit/outside/external-identity.ts';
import { person } from '../kit/outside/identity-server.ts';
import { startNats } from '../kit/servers/nats.ts';
import { startNode } from '../kit/servers/node.ts';
import { startPostgres } from '../kit/servers/postgres.ts';

t.setTimeout(180_000);

const world = await startExternalWorld(t);
const { issuer, service } = world;
const servers = {
  nats: await startNats(t),
  database: await startPostgres(t),
  env: externalEnvironment(world),
};
const here = await startNode(servers, t);
const there = await startNode(servers, t);
const admin = { organizations: [{ id: 'acme', name: 'Acme', role: 'admin' }] };
service.tokens.set('ben-token', person('ben'));
service.tokens.set('root-token', person('root', { isSuperAdmin: true }));
service.tokens.set('chief-token', person('chief', admin));
service.tokens.set('stranger-token', person('stranger', { organizations: [{ id: 'other', role: 'admin' }] }));
service.tokens.set('robot-token', {
  ...{ active: true, type: 'agent', agentId: 'assistant:r2', name: 'R2', orgId: 'acme', capabilities: [] },
});
service.apiKeys.set('ci-key', {
  valid: true,
  keyId: 'ci',
  name: 'CI',
  orgId: 'acme',
  scopes: [],
  creator: null,
});

/** The close code, when the socket ends. */
async function closeOf(client: NativeClient): Promise<number> {
  return (await client.closed).code;
}

/** The status that a handshake is refused with. */
function refusedHandshake(
  url: string,
  token: string,
): Promise<{ status: number; retryAfter: string | undefined }> {
  const headers = { authorization: `Bearer ${token}` };
  const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/v1/socket`, 'parley.v1', { headers });
  return new Promise((resolve, reject) => {
    socket.on('unexpected-response', (_, response) => {
      resolve({ status: response.statusCode ?? 0, retryAfter: response.headers['retry-after'] });
      response.destroy();
    });
    socket.on('open', () => reject(new Error('it was let in')));
    socket.on('error', () => undefined);
  });
}

t.test('people, agents and keys from outside talk in one conversation, on both nodes', async (t) => {
  const ada = await issuer.token({ name: 'Ada' });
  const headers = { 'x-org-id': 'acme' };
  const participants = [{ userId: 'ben' }, { userId: 'assistant:r2' }];
  const made = await call(here, 'POST', '/api/conversations', {
    ...{ token: ada, headers, body: { type: 'group', name: 'outside', participants } },
  });
  t.match(made, { status: 201, body: { org_id: 'acme', created_by: 'ada' } });
  const path = `/api/conversations/${made.body.id}/messages`;
  const post = (node: { url: string }, token: string, content: string) =>
    call(node, 'POST', path, { token, body: { content } });
  t.match(await post(there, 'ben-token', 'from ben'), {
    status: 201,
    body: { sender_id: 'ben', sender_type: 'user' },
  });
  t.match(await post(there, 'robot-token', 'from r2'), { status: 201, body: { sender_type: 'agent' } });
  const byKey = await call(here, 'POST', path, {
    headers: { 'x-api-key': 'ci-key' },
    body: { content: 'from ci' },
  });
  t.match(byKey, { status: 201, body: { sender_id: 'api:ci', sender_type: 'agent' } }, 'agents may join');
  const read = await call(there, 'GET', path, { headers: { cookie: 'token=ben-token' } });
  t.same(
    read.body.map(({ content }: { content: string }) => content),
    ['from ben', 'from r2', 'from ci'],
  );
  t.equal((await post(here, 'stranger-token', 'x')).status, 403);
  const foreign = await call(here, 'GET', '/api/conversations', { token: 'stranger-token', headers });
  t.equal(foreign.status, 403, 'X-Org-Id of another tenant');
});

t.test('the other dialects know them, too', async (t) => {
  const me = await call(here, 'GET', '/auth/me', { token: 'chief-token' });
  t.match(me, { status: 200, body: { user: { id: 'chief', role: 'admin' }, tenant: { id: 'acme' } } });
  t.match(await call(here, 'GET', '/auth/agents', { token: 'ben-token' }), { status: 200 });
  const key = await call(here, 'POST', '/auth/api-keys', { token: 'chief-token', body: { name: 'ours' } });
  t.match(key, { status: 201 }, 'an admin from outside makes keys of ours');
  t.match(await call(there, 'GET', '/api/conversations', { token: key.body.key }), { status: 200 });
  t.equal(
    (await call(here, 'POST', '/auth/api-keys', { token: 'ben-token', body: { name: 'x' } })).status,
    403,
  );
  t.equal((await call(here, 'GET', '/api/admin/audit', { token: 'chief-token' })).status, 200);
  t.equal((await call(here, 'GET', '/api/admin/audit', { token: 'ben-token' })).status, 403);
  t.equal((await call(here, 'POST', '/auth/logout', { token: 'ben-token', body: {} })).status, 403);
  const change = { current_password: 'not there at all', new_password: 'a new long password' };
  const changed = await call(here, 'POST', '/auth/change-password', { token: 'ben-token', body: change });
  t.equal(changed.status, 403, 'nobody from outside has a password here');
  const named = await call(here, 'PATCH', '/auth/profile', {
    token: 'ben-token',
    body: { timezone: 'Asia/Tokyo' },
  });
  t.match(named, { status: 200, body: { user: { timezone: 'Asia/Tokyo' } } });
  const socket = await NativeClient.connect(here, 'robot-token');
  t.match(socket.frames[0], { hello: { principal: { id: 'assistant:r2', kind: 'agent' } } });
  await socket.close();
});

t.test('a super admin from outside acts where it says, accounts of ours go on', async (t) => {
  const owner = await signUp(here, 'owner');
  const headers = { 'x-org-id': owner.tenant };
  t.equal((await call(here, 'GET', '/auth/agents', { token: 'root-token', headers })).status, 200);
  t.equal((await call(here, 'GET', '/auth/agents', { token: 'chief-token', headers })).status, 403);
  t.equal((await call(there, 'GET', '/auth/me', { token: owner.token })).status, 200);
});

t.test('a socket ends with 4401 when its token does, or when its provider takes it back', async (t) => {
  const now = Math.floor(Date.now() / 1000);
  const short = await NativeClient.connect(here, await issuer.token({ sub: 'short', exp: now + 3 }));
  service.tokens.set('gone-token', person('gone'));
  service.apiKeys.set('gone-key', {
    valid: true,
    keyId: 'g',
    name: 'G',
    orgId: 'acme',
    scopes: [],
    creator: null,
  });
  const taken = [
    await NativeClient.connect(here, 'gone-token'),
    await NativeClient.connect(there, 'gone-token'),
    await NativeClient.connect(there, 'gone-key'),
  ];
  const stays = await NativeClient.connect(here, 'ben-token');
  service.tokens.delete('gone-token');
  service.apiKeys.delete('gone-key');
  t.same(await Promise.all([short, ...taken].map(closeOf)), [4401, 4401, 4401, 4401]);
  t.match(await stays.ask('ping'), { ok: true });
  await stays.close();
});

t.test('what changes outside changes an open socket', async (t) => {
  service.tokens.set('eve-token', person('eve'));
  const ben = await call(here, 'POST', '/api/conversations', {
    ...{ token: 'ben-token', body: { type: 'group', name: 'watched' } },
  });
  const eve = await NativeClient.connect(here, 'eve-token');
  const conversation = ben.body.id;
  t.match((await eve.ask('open', { conversation })).refused, [{ code: 'not_found' }]);
  service.tokens.set('eve-token', person('eve', { entitlements: ['cap:messaging.observe'] }));
  await until(async () => (await eve.ask('open', { conversation }))['refused'].length === 0);
  service.tokens.set('eve-token', person('eve', { organizations: [] }));
  t.equal(await closeOf(eve), 4401);
});

t.test('a suspension here holds, whatever the provider says', async (t) => {
  service.tokens.set('sue-token', person('sue'));
  const socket = await NativeClient.connect(there, 'sue-token');
  const suspended = { token: 'chief-token', body: { status: 'suspended' } };
  t.equal((await call(here, 'PATCH', '/auth/users/sue', suspended)).status, 200);
  t.equal(await closeOf(socket), 4403);
  t.equal((await call(there, 'GET', '/auth/me', { token: 'sue-token' })).status, 403);
});

t.test('providers that are away are 503 at every door, and open sockets wait', async (t) => {
  const ours = await signUp(here, 'ours');
  const socket = await NativeClient.connect(here, 'ben-token');
  await service.be('silent');
  for (const path of ['/api/conversations', '/auth/me', '/api/admin/audit']) {
    for (const shown of [{ token: 'new-token' }, { headers: { 'x-api-key': 'new-key' } }]) {
      const answer = await call(here, 'GET', path, shown);
      t.match([answer.status, Number(answer.headers.get('retry-after')) > 0], [503, true], path);
    }
  }
  t.match(await refusedHandshake(here.url, 'new-token'), { status: 503, retryAfter: /^\d+$/ });
  t.equal((await call(here, 'GET', '/auth/me', { token: ours.token })).status, 200);
  t.equal((await call(here, 'GET', '/auth/me', { token: await issuer.token({ sub: 'zoe' }) })).status, 200);
  await until(async () => (await call(here, 'GET', '/auth/me', { token: 'ben-token' })).status === 503);
  t.match(await socket.ask('ping'), { ok: true }, 'an open socket waits');
  await service.be('well');
  await until(
    async () => (await call(here, 'GET', '/auth/me', { token: 'ben-token' })).status === 200,
    30_000,
  );
  t.equal((await call(here, 'GET', '/auth/me', { token: 'new-token' })).status, 401);
  await socket.close();
});
