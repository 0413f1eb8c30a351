/** What the clients of Symbia do (symbia.md §8), each call with the headers and body that it sends. */
import t from 'tap';
import { type Account, makeService, signUp, signUpInto } from '../kit/clients/accounts.ts';
import { call, type HttpAnswer } from '../kit/clients/http-client.ts';
import { symbiaClient } from '../kit/clients/symbia-client.ts';
import { until } from '../kit/log-entries.ts';
import { startNats } from '../kit/servers/nats.ts';
import { startNode } from '../kit/servers/node.ts';
import { startPostgres } from '../kit/servers/postgres.ts';

t.setTimeout(120_000);
const node = await startNode({ nats: await startNats(t), database: await startPostgres(t) }, t);
const ada = await signUp(node, 'ada');
const ben = await signUpInto(node, ada, 'ben');
const assistants = await makeService(node, ada);
const coordinator = await agentWithKey('assistant:coordinator');

async function agentWithKey(id: string): Promise<{ id: string; token: string }> {
  const token = { token: ada.token };
  await call(node, 'POST', '/auth/agents', { ...token, body: { id, display_name: id } });
  const body = { name: id, principal_id: id, kind: 'agent' };
  const made = await call(node, 'POST', '/auth/api-keys', { ...token, body });
  return { id, token: made.body.key };
}

/** The client library: whatever is not 2xx throws with the text; 204 is nothing. */
function messagingClient(headers: Readonly<Record<string, string>>) {
  return async (method: string, path: string, body?: object): Promise<HttpAnswer['body']> => {
    const answer = await call(node, method, `/api/conversations${path}`, {
      headers,
      ...(body === undefined ? {} : { body }),
    });
    if (answer.status >= 300) throw new Error(`${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body;
  };
}
const bearer = ({ token }: { readonly token: string }) => ({ authorization: `Bearer ${token}` });
const contents = (rows: readonly { content: string }[]): string[] => rows.map(({ content }) => content);

t.test('the probe script: a login by cookie, one group with an assistant, a post, polls', async (t) => {
  const login = await call(node, 'POST', '/api/auth/login', {
    body: { email: ada.email, password: ada.password },
  });
  t.match(login, { status: 200, body: { token: String, user: { id: ada.id } } });
  const headers = { cookie: login.headers.getSetCookie()[0]?.split(';')[0] ?? '' };
  const me = await call(node, 'GET', '/api/auth/me', { headers });
  t.equal(me.body.user.id, ada.id);
  const probe = messagingClient(headers);
  const participants = [{ userId: me.body.user.id }, { userId: coordinator.id, userType: 'agent' }];
  const made = await probe('POST', '', { type: 'group', name: 'Probe', participants });
  t.match(made.participants, [
    { user_id: ada.id, role: 'owner' },
    { user_id: coordinator.id, user_type: 'agent' },
  ]);
  t.equal(made.participants.length, 2);
  await probe('POST', `/${made.id}/messages`, { content: 'anybody there?', contentType: 'text' });
  const agent = messagingClient({ 'x-api-key': coordinator.token });
  await agent('POST', `/${made.id}/messages`, { content: 'yes', contentType: 'markdown' });
  const polled = await probe('GET', `/${made.id}/messages`);
  t.same(contents(polled), ['anybody there?', 'yes']);
  t.equal((await call(node, 'POST', '/api/auth/logout', { headers })).status, 200);
  t.equal((await call(node, 'GET', '/api/auth/me', { headers })).status, 401);
});

t.test('the client library over REST: every call that it has', async (t) => {
  const headers = { ...bearer(ada), 'x-org-id': ada.tenant };
  const client = messagingClient(headers);
  const body = { type: 'group', name: 'Library', orgId: ada.tenant, metadata: { from: 'library' } };
  const { id } = await client('POST', '', body);
  t.ok((await client('GET', `?orgId=${ada.tenant}`)).some((one: { id: string }) => one.id === id));
  t.match(await client('GET', `/${id}`), { id, participants: [{ user_id: ada.id }] });
  t.match(await client('PATCH', `/${id}`, { name: 'Renamed' }), { name: 'Renamed' });
  t.match(await client('POST', `/${id}/participants`, { userId: coordinator.id, userType: 'agent' }), {
    role: 'member',
  });
  t.match(await messagingClient(bearer(ben))('POST', `/${id}/join`), { user_id: ben.id, role: 'member' });
  const first = await client('POST', `/${id}/messages`, {
    content: 'one',
    contentType: 'text',
    metadata: {},
  });
  const second = await client('POST', `/${id}/messages`, {
    content: 'two',
    replyTo: first.id,
    priority: 'high',
  });
  t.same(
    contents(await client('GET', `/${id}/messages?limit=10&after=${encodeURIComponent(first.created_at)}`)),
    ['two'],
  );
  t.same(contents(await client('GET', `/${id}/messages?before=${encodeURIComponent(second.created_at)}`)), [
    'one',
  ]);
  const target = { principalId: coordinator.id, principalType: 'agent' };
  const routed = await client('POST', `/${id}/control`, { event: 'stream.route', target, reason: 'hers' });
  t.match(routed, { content: 'stream.route', content_type: 'event', metadata: { control: { target } } });
  t.equal(await messagingClient(bearer(ben))('POST', `/${id}/leave`), null);
  t.equal(await client('DELETE', `/${id}/participants/${coordinator.id}`), null, 'any id can be removed');
  t.equal(await client('DELETE', `/${id}`), null);
  await t.rejects(client('GET', `/${id}`), { message: /^403 / });
});

t.test('the client library for somebody else: a service key and X-As-User-Id, in its tenant', async (t) => {
  const as = (id: string) => messagingClient({ 'x-api-key': assistants.token, 'x-as-user-id': id });
  const { id } = await as(ben.id)('POST', '', { type: 'group', name: 'For Ben' });
  t.match(await as(ben.id)('GET', `/${id}`), {
    created_by: ben.id,
    participants: [{ user_id: ben.id, role: 'owner' }],
  });
  t.match(await as('assistant:x')('POST', `/${id}/messages`, { content: 'as x' }), {
    ...{ sender_id: 'assistant:x', sender_type: 'agent' },
  });
  t.match(await as(ben.id)('POST', `/${id}/messages`, { content: 'as Ben' }), {
    sender_id: ben.id,
    sender_type: 'user',
  });
  const member = messagingClient({ ...bearer(ben), 'x-as-user-id': ada.id });
  t.match(await member('POST', `/${id}/messages`, { content: 'myself' }), { sender_id: ben.id });
  const foreign = await makeService(node, await signUp(node, 'stranger'));
  const stranger = messagingClient({ 'x-api-key': foreign.token, 'x-as-user-id': ben.id });
  await t.rejects(stranger('GET', `/${id}`), { message: /^403 / });
});

t.test(
  'the control center: a private conversation that more join, and the participant before every send',
  async (t) => {
    const page = await browser(ada);
    const ui = messagingClient(page.headers);
    t.type(await ui('GET', ''), Array);
    const participants = [{ userId: coordinator.id, userType: 'agent' }];
    const { id } = await ui('POST', '', { type: 'private', participants });
    t.match(await ui('PATCH', `/${id}`, { name: 'A title' }), { name: 'A title', type: 'private' });
    const socket = await symbiaClient(t, node, page);
    t.match(await socket.ask('join:conversation', id), { success: true });
    for (const userId of [coordinator.id, 'assistant:second', ben.id, coordinator.id]) {
      const added = await ui('POST', `/${id}/participants`, { userId });
      t.match(added, { user_id: userId, role: 'member' });
      const sent = await socket.ask('message:send', {
        conversationId: id,
        content: `with ${userId}`,
        contentType: 'text',
      });
      t.match(sent, { success: true, message: { conversation_id: id, sender_id: ada.id } });
    }
    t.equal((await ui('GET', `/${id}`)).participants.length, 4);
    t.equal((await ui('GET', `/${id}/messages?limit=50`)).length, 4);
    t.match(
      await ui('POST', `/${id}/messages`, { content: 'by REST, the socket was slow', contentType: 'text' }),
      { sequence: 5 },
    );
    const runId = '01936f2c-7f00-7000-8000-000000000009';
    for (const event of ['stream.pause', 'stream.resume', 'stream.preempt']) {
      const control = { conversationId: id, event, ...(event === 'stream.preempt' ? { runId } : {}) };
      t.match(await socket.ask('control:send', control), { success: true, control: { content: event } });
    }
    await until(() => socket.heard('stream.preempt').length === 1);
    t.same([socket.heard('message:new').length, socket.heard('stream.pause').length], [5, 1]);
  },
);

/** A page of ours that logged in: its cookie and Origin, and the token for its socket. */
async function browser({ email, password }: Account) {
  const origin = node.url;
  const headers = { origin, 'x-symbia-origin': 'control-center' };
  const login = await call(node, 'POST', '/api/auth/login', { headers, body: { email, password } });
  const cookie = login.headers.getSetCookie()[0]?.split(';')[0] ?? '';
  return { token: login.body.token as string, cookie, headers: { ...headers, cookie } };
}

t.test('the client library on the socket, by token, and by cookie as a program does', async (t) => {
  const { id } = await messagingClient(bearer(ada))('POST', '', {
    ...{ type: 'group', name: 'Socket', participants: [{ userId: ben.id }] },
  });
  const page = await browser(ben);
  const hers = await symbiaClient(t, node, ada);
  const his = await symbiaClient(t, node, page, { auth: {}, extraHeaders: { cookie: page.cookie } });
  for (const client of [hers, his]) t.match(await client.ask('join:conversation', id), { success: true });
  hers.socket.emit('typing:start', id);
  const { message } = await hers.ask('message:send', {
    conversationId: id,
    content: 'draft',
    contentType: 'text',
  });
  t.match(await hers.ask('message:edit', { messageId: message.id, content: 'final' }), {
    success: true,
    message: { content: 'final' },
  });
  t.match(await hers.ask('message:delete', message.id), { success: true });
  hers.socket.emit('presence:update', 'away');
  hers.socket.emit('typing:stop', id);
  await until(() => his.heard('presence:changed').some(({ status }) => status === 'away'));
  for (const name of ['typing:started', 'message:new', 'message:updated', 'message:deleted'])
    await until(() => his.heard(name).length > 0);
  t.match(his.heard('typing:started'), [{ conversationId: id, userId: ada.id, userType: 'user' }]);
  t.match(his.heard('message:new'), [{ id: message.id, content: 'draft' }]);
  t.match(his.heard('message:updated'), [{ id: message.id, content: 'final' }]);
  t.same(his.heard('message:deleted'), [{ id: message.id, conversationId: id }]);
  const foreign = symbiaClient(t, node, page, {
    ...{ auth: {}, extraHeaders: { cookie: page.cookie, origin: 'https://evil.example' } },
  });
  await t.rejects(foreign, 'the page of a stranger');
});

t.test('the assistants service: joins, says something in markdown, reads the last ten', async (t) => {
  const { id } = await messagingClient(bearer(ada))('POST', '', { type: 'group', name: 'Ask' });
  const agent = messagingClient(bearer(coordinator));
  t.match(await agent('POST', `/${id}/join`), { user_id: coordinator.id, user_type: 'agent' });
  const metadata = { runId: 'r-1', assistant: 'coordinator' };
  const said = await agent('POST', `/${id}/messages`, {
    content: '**yes**',
    contentType: 'markdown',
    metadata,
  });
  t.match(said, { content_type: 'markdown', sender_type: 'agent', metadata });
  t.same(contents(await agent('GET', `/${id}/messages?limit=10`)), ['**yes**']);
  const participants = [{ userId: coordinator.id, userType: 'agent' }];
  const alone = await messagingClient(bearer(ada))('POST', '', { type: 'private', participants });
  await t.rejects(
    agent('POST', `/${alone.id}/join`),
    { message: /^400 / },
    'as upstream: it is there already',
  );
  t.match(await agent('POST', `/${alone.id}/messages`, { content: 'here' }), { content: 'here' });
});

t.test('the bridge: with X-Service-Id alone it is nobody, with a key it speaks for a channel', async (t) => {
  const headers = { 'x-service-id': 'integrations', 'x-as-user-id': 'channel:telegram:1' };
  const channel = { type: 'telegram', connectionId: 'c1', chatId: '1' };
  const body = { type: 'group', name: 'Telegram', metadata: { channel } };
  t.equal((await call(node, 'POST', '/api/conversations', { headers, body })).status, 401, 'as upstream');
  const bridge = messagingClient({ ...headers, 'x-api-key': assistants.token });
  const { id, created_by } = await bridge('POST', '', body);
  t.equal(created_by, 'channel:telegram:1');
  t.match(await bridge('POST', `/${id}/messages`, { content: 'from there', metadata: { channel } }), {
    ...{ sender_id: 'channel:telegram:1', metadata: { channel } },
  });
});

t.test('what bootstrap advertises is there', async (t) => {
  const { body } = await call(node, 'GET', '/api/bootstrap');
  for (const [name, path] of Object.entries<string>(body.docsUrls)) {
    const { status, redirected } = await fetch(node.url + path);
    t.equal(status, 200, `${name} ${path} ${redirected}`);
  }
});
