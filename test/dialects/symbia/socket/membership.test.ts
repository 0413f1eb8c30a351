/** Who hears a conversation: it follows from the log, on whichever node somebody was added or removed. */
import { randomUUID } from 'node:crypto';
import t from 'tap';
import { makeAgent, makeService, signUp, signUpInto } from '../../../kit/clients/accounts.ts';
import { call } from '../../../kit/clients/http-client.ts';
import { group, symbia, symbiaClient } from '../../../kit/clients/symbia-client.ts';
import { until } from '../../../kit/log-entries.ts';
import { startTwoWholeNodes } from '../../../kit/servers/two-whole-nodes.ts';

const { one, two } = await startTwoWholeNodes(t);
const ann = await signUp(one, 'ann');
const bob = await signUpInto(one, ann, 'bob');
const iris = await makeAgent(one, ann, 'iris');
const stranger = await signUp(one, 'stranger');

const say = (id: string, content: string) => symbia(one, ann, 'POST', `/${id}/messages`, { content });
const contents = (client: { heard(name: string): readonly { content: string }[] }): string[] =>
  client.heard('message:new').map((row) => row.content);

t.test('who is added on one node hears on another from then on, without a join', async (t) => {
  const far = await symbiaClient(t, two, bob);
  for (let n = 0; n < 5; n += 1) {
    const id = await group(one, ann);
    await say(id, 'before');
    await symbia(one, ann, 'POST', `/${id}/participants`, { userId: bob.id });
    await say(id, `to bob ${n}`);
    await symbia(one, ann, 'POST', `/${id}/participants`, { userId: bob.id });
    await until(() => far.heard('message:new').length === n + 1);
    t.equal(contents(far).at(-1), `to bob ${n}`);
  }
  t.notOk(contents(far).includes('before'));
});

t.test('a conversation that is made with somebody is heard from its first message on', async (t) => {
  const far = await symbiaClient(t, two, bob);
  const id = await group(one, ann, bob.id);
  await say(id, 'welcome');
  await until(() => contents(far).includes('welcome'));
  t.same(contents(far), ['welcome']);
});

t.test('who is removed hears nothing after it, and may not speak', async (t) => {
  const id = await group(one, ann, bob.id);
  const far = await symbiaClient(t, two, bob);
  const near = await symbiaClient(t, one, ann);
  for (let n = 0; n < 10; n += 1) void say(id, `${n}`).catch(() => undefined);
  await symbia(one, ann, 'DELETE', `/${id}/participants/${bob.id}`);
  await say(id, 'among us');
  t.strictSame(await far.ask('message:send', { conversationId: id, content: 'still here' }), {
    success: false,
    error: 'Not a participant',
  });
  t.strictSame(await far.ask('join:conversation', id), { success: false, error: 'Not a participant' });
  await until(() => contents(near).includes('among us'));
  // Heard over the same connection behind everything that was sent to it before.
  const other = await group(one, ann, bob.id);
  await say(other, 'elsewhere');
  await until(() => contents(far).includes('elsewhere'));
  t.notOk(contents(far).includes('among us'));
  await symbia(one, ann, 'POST', `/${id}/participants`, { userId: bob.id });
  await say(id, 'again');
  await until(() => contents(far).includes('again'));
  t.notOk(contents(far).includes('among us'));
});

t.test(
  'who leaves a conversation on one socket hears it on the others, and again when it joins',
  async (t) => {
    const id = await group(one, ann, bob.id);
    const [first, second] = [await symbiaClient(t, two, bob), await symbiaClient(t, two, bob)];
    t.strictSame(await first.ask('leave:conversation', id), { success: true });
    await say(id, 'unheard');
    await until(() => contents(second).includes('unheard'));
    t.match(await first.ask('message:send', { conversationId: id, content: 'own' }), { success: true });
    t.strictSame(await first.ask('join:conversation', id), { success: true });
    await say(id, 'heard');
    await until(() => contents(first).includes('heard') && contents(second).includes('heard'));
    t.same(contents(first), ['heard']);
    t.strictSame(await first.ask('join:conversation', id.toUpperCase()), { success: true }, 'twice');
    await say(id, 'once');
    await until(() => contents(second).includes('once'));
    t.same(contents(first).filter((content) => content === 'once').length, 1);
  },
);

t.test('forty joins inside of connect are all answered, and nothing after them is missed', async (t) => {
  const ids = await Promise.all(Array.from({ length: 40 }, () => group(one, ann, bob.id)));
  const client = await symbiaClient(t, two, bob);
  client.socket.disconnect();
  const joined: unknown[] = [];
  client.socket.once('connect', () => {
    for (const id of ids) client.socket.emit('join:conversation', id, (ack: unknown) => joined.push(ack));
  });
  client.socket.connect();
  await until(() => joined.length === ids.length);
  t.ok(joined.every((ack) => (ack as { success: boolean }).success));
  await Promise.all(ids.map((id) => say(id, `in ${id}`)));
  await until(() => client.heard('message:new').length === ids.length);
});

t.test(
  'an agent that may observe watches what is of its tenant and exists, until it ends that',
  async (t) => {
    const watcher = await makeService(one, ann);
    const id = await group(one, ann);
    const client = await symbiaClient(t, two, watcher);
    t.strictSame(await client.ask('watch:conversation', id), { success: true });
    const typist = await symbiaClient(t, one, ann);
    await typist.ask('message:send', { conversationId: id, content: 'watched' });
    await until(() => contents(client).includes('watched'));
    t.strictSame(await client.ask('unwatch:conversation', id), { success: true });
    await say(id, 'unwatched');
    const gone = { success: false, error: 'Conversation not found' };
    t.strictSame(await client.ask('watch:conversation', randomUUID()), gone);
    t.strictSame(await client.ask('watch:conversation', await group(one, stranger)), gone);
    t.strictSame(await client.ask('join:conversation', id), { success: false, error: 'Not a participant' });
    const refused = { success: false, error: 'Observe capability required' };
    t.strictSame(await (await symbiaClient(t, two, iris)).ask('watch:conversation', id), refused);
    t.strictSame(await typist.ask('watch:conversation', id), refused, 'people take part');
    t.same(contents(client), ['watched']);
  },
);

t.test('a suspended member is disconnected, a foreign tenant hears nothing', async (t) => {
  const carl = await signUpInto(one, ann, 'carl');
  const id = await group(one, ann, carl.id, stranger.id);
  const [mine, foreign] = [await symbiaClient(t, two, carl), await symbiaClient(t, two, stranger)];
  await say(id, 'hello');
  await until(() => contents(mine).includes('hello'));
  t.same(foreign.all, [], 'a foreign id in the list of participants gives no powers');
  const answer = await fetch(`${one.url}/auth/users/${carl.id}`, {
    method: 'PATCH',
    headers: { authorization: `Bearer ${ann.token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ status: 'suspended' }),
  });
  t.equal(answer.status, 200);
  await until(() => !mine.socket.connected);
  await t.rejects(symbiaClient(t, two, carl), { message: 'This account is suspended.' });
});

t.test('who shows nothing that counts is told so', async (t) => {
  for (const auth of [{}, { token: '' }, { token: 7 }, { token: 'nonsense' }, { apiKey: 'nonsense' }]) {
    await t.rejects(symbiaClient(t, one, ann, { auth }), { message: 'Authentication required' });
  }
  const shown = [
    { auth: { token: ann.token } },
    { auth: { apiKey: iris.token } },
    { auth: { token: 'nonsense', apiKey: iris.token } },
    { auth: {}, extraHeaders: { authorization: `Bearer ${ann.token}` } },
    { auth: {}, extraHeaders: { 'x-api-key': iris.token } },
  ];
  for (const options of shown) {
    const { socket } = await symbiaClient(t, two, ann, options);
    t.ok(socket.connected, Object.keys(options.auth).join());
  }
});

t.test('the headers of the handshake hold for the whole socket', async (t) => {
  const made = await group(one, ann, bob.id);
  const client = await symbiaClient(t, two, bob, {
    extraHeaders: { 'x-env': 'prod', 'x-data-class': 'pii' },
  });
  t.strictSame(await client.ask('message:send', { conversationId: made, content: 'x' }), {
    success: false,
    error: 'Not a participant',
  });
  t.strictSame(await client.ask('join:conversation', made), { success: false, error: 'Not a participant' });
  const body = { type: 'group', name: 'prod', participants: [{ userId: bob.id }] };
  const headers = { 'x-env': 'prod' };
  const answer = await call(one, 'POST', '/api/conversations', { token: ann.token, headers, body });
  const { id } = answer.body;
  await say(made, 'of dev');
  t.match(await client.ask('message:send', { conversationId: id, content: 'of prod' }), { success: true });
  await until(() => contents(client).length > 0);
  t.same(contents(client), ['of prod']);
});
