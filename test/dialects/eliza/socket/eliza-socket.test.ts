/** The socket of ElizaOS against two nodes of one deployment. */
import { randomUUID } from 'node:crypto';
import t, { type Test } from 'tap';
import { makeAgent, makeService, signUp, signUpInto } from '../../../kit/clients/accounts.ts';
import { type ElizaClient, elizaClient } from '../../../kit/clients/eliza-client.ts';
import { call } from '../../../kit/clients/http-client.ts';
import { NativeClient } from '../../../kit/clients/native-client.ts';
import { until } from '../../../kit/log-entries.ts';
import { startNats } from '../../../kit/servers/nats.ts';
import { startNode } from '../../../kit/servers/node.ts';
import { openOwner } from '../../../kit/servers/owner.ts';
import { startPostgres } from '../../../kit/servers/postgres.ts';
import { eliza } from '../client/official-client.ts';

t.setTimeout(180_000);

const [nats, database] = [await startNats(t), await startPostgres(t)];
const env = { NATS_CREDS: nats.credsFile, SERVER_API_KEY: 'server key of the test' };
const servers = { nats, database, env };
const [here, there] = [await startNode(servers, t), await startNode(servers, t)];
const ada = await signUp(here, 'ada');
const ben = await signUpInto(here, ada, 'ben');
const stranger = await signUp(here, 'stranger');
const hook = await makeService(here, ada);
const iris = await makeAgent(here, ada, 'iris');
const nil = '00000000-0000-0000-0000-000000000000';

type Node = typeof here;
type Speaker = { readonly id: string; readonly token: string };

const as = (who: Speaker) => ({ entityId: who.id, apiKey: who.token });
const service = (entityId = randomUUID()) => ({ entityId, apiKey: hook.token });
const ask = (who: Speaker, method: string, path: string, body?: object) =>
  call(here, method, path, { token: who.token, ...(body === undefined ? {} : { body }) });

/** What a client sends; its message is durable, or refused, when this resolves. */
async function send(client: ElizaClient, payload: object, event = 'message'): Promise<void> {
  const answers = () => client.heard('messageAck').length + client.heard('messageError').length;
  const before = answers();
  client.emit(event, event === 'message' ? { type: 2, payload } : payload);
  await until(() => answers() > before);
}

async function join(client: ElizaClient, roomId: string): Promise<void> {
  const before = client.heard('room_joined').length;
  client.emit('join', { roomId });
  await until(() => client.heard('room_joined').length > before);
}

const said = (who: Speaker, channelId: string, message: string, more: object = {}) => ({
  ...{ channelId, messageServerId: nil, senderId: who.id, message, ...more },
});

/** A channel of Ada, Ben and Iris. */
async function harbour(): Promise<string> {
  const channel = randomUUID();
  const metadata = { targetAgentId: iris.id };
  const body = { author_id: ada.id, message_server_id: nil, content: 'first', metadata };
  const made = await ask(ada, 'POST', `/api/messaging/channels/${channel}/messages`, body);
  if (made.status !== 201) throw new Error(`not made: ${made.status}`);
  await admit(channel, ben);
  return channel;
}

async function admit(channel: string, { id: userId }: Speaker): Promise<void> {
  const added = await ask(ada, 'POST', `/api/conversations/${channel}/participants`, { userId });
  if (added.status >= 300) throw new Error(`not added: ${added.status}`);
}

async function refusalOf(t: Test, auth: object, node: Node = here): Promise<string> {
  return await elizaClient(t, node, auth as Record<string, unknown>).then(
    () => 'connected',
    (error: Error) => error.message,
  );
}

t.test('who connects is told who it is and where, by polling and by WebSocket', async (t) => {
  for (const transports of [['websocket'], ['polling']]) {
    const client = await elizaClient(t, here, as(ada), { transports });
    await until(() => client.all.length === 2);
    t.match(client.all, [
      { name: 'authenticated', argument: { entityId: ada.id, timestamp: Number } },
      { name: 'connection_established', argument: { message: String, socketId: client.socket.id } },
    ]);
  }
  const header = await elizaClient(
    t,
    here,
    { entityId: ada.id },
    {
      extraHeaders: { 'x-api-key': hook.token },
    },
  );
  await until(() => header.heard('authenticated').length === 1);
  const bearer = await elizaClient(t, here, { entityId: ben.id.toUpperCase(), token: ben.token });
  await until(() => bearer.heard('authenticated').length === 1);
  t.equal(bearer.heard('authenticated')[0].entityId, ben.id);
});

t.test('whoever has no key, or speaks for somebody else, is refused in the words of ElizaOS', async (t) => {
  const entityId = randomUUID();
  t.equal(await refusalOf(t, { entityId }), 'Invalid or missing API Key');
  t.equal(await refusalOf(t, { entityId, apiKey: 'wrong' }), 'Invalid or missing API Key');
  t.equal(await refusalOf(t, { entityId: 'ada', apiKey: hook.token }), 'Valid entityId required');
  t.equal(await refusalOf(t, { entityId: 7, apiKey: hook.token }), 'Valid entityId required');
  t.equal(await refusalOf(t, { entityId, token: ada.token }), 'Authentication failed');
  t.equal(await refusalOf(t, { entityId, apiKey: 'server key of the test' }), 'connected');
  t.equal(await refusalOf(t, { entityId, apiKey: hook.token }), 'connected');
});

t.test('a message has all fields for everybody, and its own id for its sender alone', async (t) => {
  const channel = await harbour();
  const sender = await elizaClient(t, here, as(ada));
  const near = await elizaClient(t, here, as(ben), { transports: ['polling'] });
  const far = await elizaClient(t, there, service());
  await Promise.all([sender, near, far].map((client) => join(client, channel)));
  await send(
    sender,
    said(ada, channel, 'Is the ship in?', {
      ...{ senderName: 'Ada L.', messageId: 'draft 1', source: 'eliza_gui', targetUserId: iris.id },
      ...{ attachments: [{ url: '/x.png' }], metadata: { channelType: 'GROUP' } },
    }),
  );
  await until(
    () => near.heard('messageBroadcast').length === 1 && far.heard('messageBroadcast').length === 1,
  );
  const [copy] = sender.heard('messageBroadcast');
  const attachments = [{ url: '/x.png' }];
  t.strictSame(copy, {
    ...{ id: copy.id, senderId: ada.id, senderName: 'Ada L.', sender: 'Ada L.', text: 'Is the ship in?' },
    content: { text: 'Is the ship in?', source: 'eliza_gui', attachments },
    ...{ channelId: channel, roomId: channel, messageServerId: nil, serverId: nil },
    ...{ createdAt: copy.createdAt, source: 'eliza_gui', attachments },
    metadata: {
      ...{ channelType: 'GROUP', user_display_name: 'Ada L.', attachments, targetUserId: iris.id },
    },
    clientMessageId: 'draft 1',
  });
  t.type(copy.createdAt, 'number');
  const { clientMessageId: _, ...theirs } = copy;
  t.strictSame(near.heard('messageBroadcast'), [theirs]);
  t.strictSame(far.heard('messageBroadcast'), [theirs]);
  t.same(
    sender.all.map(({ name }) => name).filter((name) => name.startsWith('message')),
    ['messageBroadcast', 'messageAck'],
  );
  t.strictSame(sender.heard('messageAck'), [
    {
      ...{ clientMessageId: 'draft 1', messageId: copy.id, channelId: channel, roomId: channel },
      status: 'received_by_server_and_processing',
    },
  ]);
});

t.test('a repeated message is the first one, and is not stored again', async (t) => {
  const channel = await harbour();
  const sender = await elizaClient(t, here, as(ada));
  await join(sender, channel);
  const messageId = randomUUID();
  for (let round = 0; round < 2; round += 1) await send(sender, said(ada, channel, 'once', { messageId }));
  const [first, second] = sender.heard('messageAck');
  t.strictSame(first, second);
  t.equal(first.clientMessageId, messageId);
  const copies = sender.heard('messageBroadcast');
  t.strictSame(copies[0], copies[1]);
  await send(sender, said(ada, channel, 'other words', { messageId }));
  t.equal(sender.heard('messageError').length, 1);
  const page = await ask(ada, 'GET', `/api/messaging/channels/${channel}/messages`);
  t.same(
    page.body.data.messages.map((one: { content: string }) => one.content),
    ['once', 'first'],
  );
  t.equal(page.body.data.messages[0].sourceId, messageId);
});

t.test('all forms of sending and joining do the same, in the order in which they came', async (t) => {
  const channel = await harbour();
  const client = await elizaClient(t, here, as(ada));
  client.emit('1', { channelId: channel });
  await until(() => client.heard('channel_joined').length === 1);
  client.emit('message', { type: 1, payload: { roomId: channel, agentId: iris.id } });
  await until(() => client.heard('channel_joined').length === 2);
  t.match(client.heard('room_joined')[1], { channelId: channel, roomId: channel, agentId: iris.id });
  client.emit('2', said(ada, channel, 'by number'));
  client.emit('message', { type: 2, payload: said(ada, channel, 'in an envelope') });
  client.emit('message', { text: 'flat', roomId: channel, userId: ada.id, name: 'Ada' });
  client.emit('message', { text: 'flat and nameless', roomId: channel });
  client.emit('message', { type: 3, payload: said(ada, channel, 'passed over') });
  for (let n = 0; n < 20; n += 1) client.emit('2', said(ada, channel, `${n}`));
  await until(() => client.heard('messageAck').length === 24);
  t.same(
    client.heard('messageBroadcast').map(({ text }) => text),
    [
      ...['by number', 'in an envelope', 'flat', 'flat and nameless'],
      ...Array.from({ length: 20 }, (_, n) => `${n}`),
    ],
  );
  t.equal(client.heard('messageBroadcast')[2].senderName, 'Ada');
  t.equal(client.heard('messageBroadcast')[3].senderName, 'ada', 'the name of the account');
  t.same(client.heard('messageError'), []);
});

t.test('what is asked of one room is answered in the order in which it came', async (t) => {
  const names = (client: ElizaClient) => client.all.map(({ name }) => name);
  const turn = ['channel_joined', 'room_joined', 'messageBroadcast', 'messageAck'];
  for (const channel of [await harbour(), randomUUID()]) {
    const client = await elizaClient(t, here, as(ada));
    for (const text of ['first', 'second', 'third']) {
      client.emit('message', { type: 1, payload: { channelId: channel } });
      client.emit('message', { type: 2, payload: said(ada, channel, text) });
      client.emit('leave', { roomId: channel.toUpperCase() });
    }
    client.emit('request-world-state', { roomId: channel });
    await until(() => client.heard('world-state').length === 1);
    t.same(names(client).slice(2), [...turn, ...turn, ...turn, 'world-state']);
    t.equal(Object.keys(client.heard('world-state')[0].messages).length > 0, true);
  }
});

t.test(
  'of several agents the one that is spoken to is asked, else the one that was there first',
  async (t) => {
    const channel = await harbour();
    const hugo = await makeAgent(here, ada, 'hugo');
    const client = await elizaClient(t, here, as(ada));
    await send(client, said(ada, channel, 'come in', { metadata: { targetAgentId: hugo.id } }));
    for (const text of ['all of you', '@hugo, you', '@IRIS you', '@hugo and @iris', '@nobody'])
      await send(client, said(ada, channel, text));
    t.same(client.heard('messageError'), []);
    const reader = await NativeClient.connect(here, ada.token);
    t.teardown(() => reader.close());
    await reader.ask('open', { conversation: channel, after: 0 });
    await until(() => posted().length === 7);
    function posted(): unknown[] {
      return reader
        .events(channel)
        .flatMap(({ data }) => ('content' in data && 'to' in data ? [data.to] : []));
    }
    const [first, other] = [[iris.id], [hugo.id]];
    t.same(posted(), [first, other, first, other, first, first, first]);
  },
);

t.test('what is wrong with a message is said, and nothing of it is stored', async (t) => {
  const channel = await harbour();
  const client = await elizaClient(t, here, as(ada));
  const required =
    'For SEND_MESSAGE: channelId, messageServerId, senderId (author_id), and message are required.';
  const { messageServerId: _, ...withoutServer } = said(ada, channel, 'x');
  for (const [payload, error] of [
    [{ ...withoutServer, serverId: nil }, required],
    [said(ada, channel, ''), required],
    [said({ ...ada, id: 'ada' }, channel, 'x'), required],
    [said(ada, 'no id', 'x'), required],
    [said(ben, channel, 'x'), 'The author must be the caller.'],
    [said(ada, channel, 'x', { metadata: [] }), 'metadata must be an object'],
    [said(ada, channel, 'x', { messageId: 'x'.repeat(200) }), /messageId must be/],
    [said(ada, channel, 'x'.repeat(300_000)), /content must be at most/],
    [said(ada, channel, 'x', { messageServerId: randomUUID() }), /Forbidden: message_server_id/],
    [said(ada, randomUUID(), 'x', { messageServerId: randomUUID() }), /does not exist/],
  ] as const) {
    const before = client.heard('messageError').length;
    await send(client, payload);
    const error_ = client.heard('messageError')[before]?.error;
    t.match(error_, error);
    await until(() => client.heard('error').length > before);
    t.match(client.heard('error').at(-1), { error: error_, details: { code: String, event: 'message' } });
  }
  for (const argument of [null, 'text', 5, {}, { type: 'x', payload: {} }, { text: 'x', roomId: 'no' }]) {
    const before = client.heard('messageError').length;
    client.emit('message', argument);
    await until(() => client.heard('messageError').length > before);
  }
  client.emit('join', {});
  client.emit('nobody:knows', {});
  await until(() => client.heard('messageError').at(-1)?.error === 'channelId is required for joining.');
  const refused = await client.socket.timeout(30_000).emitWithAck('leave', {});
  t.same(refused, { success: false, error: 'roomId is required for leaving.' });
  const page = await ask(ada, 'GET', `/api/messaging/channels/${channel}/messages`);
  t.equal(page.body.data.messages.length, 1);
});

t.test('a channel is joined before it is there, and heard from its first message on', async (t) => {
  const channel = randomUUID();
  const [near, far] = [await elizaClient(t, here, service()), await elizaClient(t, there, service())];
  await Promise.all([near, far].map((client) => join(client, channel)));
  t.match(near.heard('channel_joined'), [{ channelId: channel, roomId: channel }]);
  const author = randomUUID();
  await send(far, said({ id: author, token: '' }, channel, 'hello', { messageId: 'm1', senderName: 'Cleo' }));
  await send(far, said({ id: author, token: '' }, channel, 'again', { messageId: 'm2', senderName: 'Cleo' }));
  await until(() => near.heard('messageBroadcast').length === 2);
  t.match(near.heard('messageBroadcast'), [
    { text: 'hello', senderId: author, senderName: 'Cleo' },
    { text: 'again' },
  ]);
  t.match(far.heard('messageBroadcast'), [
    { text: 'hello', clientMessageId: 'm1' },
    { text: 'again', clientMessageId: 'm2' },
  ]);
});

t.test('joining a room that is not there, or not for the caller, tells nothing', async (t) => {
  const channel = await harbour();
  const outsider = await elizaClient(t, here, as(stranger));
  const other = await signUpInto(here, ada, 'other');
  const member = await elizaClient(t, there, as(other));
  await Promise.all([outsider, member].map((client) => join(client, channel)));
  await join(outsider, 'any text');
  t.same(
    outsider.heard('channel_joined').map(({ channelId }) => channelId),
    [channel, 'any text'],
  );
  const speaker = await elizaClient(t, here, as(ada));
  await send(speaker, said(ada, channel, 'among us'));
  await send(outsider, said(stranger, channel, 'let me in'));
  t.match(outsider.heard('messageBroadcast'), [{ text: 'let me in' }], 'a channel of its own tenant');
  await send(member, said(other, channel, 'me too'));
  t.equal(member.heard('messageError').length, 1);
  outsider.emit('request-world-state', { roomId: channel });
  await until(() => outsider.heard('world-state').length === 1);
  t.notMatch(JSON.stringify(outsider.heard('world-state')), /among us/);
  await admit(channel, other);
  await until(async () => {
    await send(speaker, said(ada, channel, 'welcome'));
    return member.heard('messageBroadcast').length > 0;
  });
  t.equal(member.heard('messageBroadcast')[0].text, 'welcome', 'from then on, and nothing older');
  t.same(
    outsider.heard('messageBroadcast').map(({ text }) => text),
    ['let me in'],
  );
});

t.test('who leaves hears no more, and who sends without having joined sees its own message', async (t) => {
  const channel = await harbour();
  const [client, peer] = [await elizaClient(t, here, as(ada)), await elizaClient(t, here, as(ben))];
  await Promise.all([client, peer].map((one) => join(one, channel)));
  client.emit('leave', { roomId: channel });
  await send(client, said(ada, channel, 'from outside', { messageId: 'm' }));
  await send(peer, said(ben, channel, 'unheard'));
  await send(client, said(ada, channel, 'again'));
  t.match(client.heard('messageBroadcast'), [
    { text: 'from outside', clientMessageId: 'm' },
    { text: 'again' },
  ]);
  await until(() => peer.heard('messageBroadcast').length === 3);
  t.same(
    peer.heard('messageBroadcast').map(({ text }) => text),
    ['from outside', 'unheard', 'again'],
  );
});

t.test('an agent streams, and is done', async (t) => {
  const channel = randomUUID();
  const { body } = await ask(ada, 'GET', '/auth/agents');
  const { id: running, display_name: name } = body.agents.find((one: { id: string }) => one.id !== iris.id);
  const client = await elizaClient(t, here, as(ada));
  client.emit('join', { roomId: channel, agentId: running });
  await send(client, said(ada, channel, 'I feel sad about my ship'));
  await until(() => client.heard('messageComplete').length > 0);
  const [{ messageId, content }] = client.heard('messageComplete');
  const chunks = client.heard('messageStreamChunk').filter((one) => one.messageId === messageId);
  t.ok(chunks.length > 0);
  t.match(chunks[0], { index: 0, agentId: String, channelId: channel });
  const names = client.all.map(({ name, argument }) =>
    argument.messageId === messageId || argument.id === messageId ? name : null,
  );
  t.ok(names.lastIndexOf('messageStreamChunk') < names.indexOf('messageBroadcast'));
  t.ok(names.indexOf('messageBroadcast') < names.indexOf('messageComplete'));
  const answer = client.heard('messageBroadcast').find(({ id }) => id === messageId);
  t.equal(chunks.map(({ chunk }) => chunk).join(''), answer.text);
  t.match(answer, {
    senderId: running,
    sender: name,
    content: { text: content.text },
    source: 'agent_response',
  });
});

t.test('what becomes of messages and channels is told', async (t) => {
  const channel = await harbour();
  const client = await elizaClient(t, there, as(ben));
  await join(client, channel);
  const messages = `/api/conversations/${channel}/messages`;
  const { id } = (await ask(ada, 'POST', messages, { content: 'wrong wrods' })).body;
  const message = `${messages}/${id}`;
  await ask(ada, 'PATCH', message, { content: 'right words' });
  await ask(ada, 'DELETE', message);
  await ask(ada, 'PATCH', `/api/conversations/${channel}`, { name: 'Harbour' });
  for (const event of ['stream.pause', 'stream.resume']) {
    await ask(ada, 'POST', `/api/conversations/${channel}/control`, { event });
  }
  t.equal((await ask(ada, 'DELETE', `/api/messaging/channels/${channel}/messages`)).status, 204);
  await ask(ada, 'DELETE', `/api/conversations/${channel}`);
  await until(() => client.heard('channelDeleted').length === 1);
  t.match(client.heard('messageBroadcast'), [
    { id, text: 'wrong wrods', senderName: 'ada' },
    { id, text: 'right words', senderName: 'ada', updatedAt: Number },
  ]);
  t.strictSame(client.heard('messageDeleted')[0], { messageId: id, channelId: channel });
  t.strictSame(client.heard('channelCleared'), [{ channelId: channel }]);
  t.match(client.heard('channelUpdated'), [
    { channelId: channel, updates: { id: channel, name: 'Harbour' } },
  ]);
  t.strictSame(client.heard('controlMessage'), [
    { action: 'disable_input', channelId: channel, roomId: channel },
    { action: 'enable_input', channelId: channel, roomId: channel },
  ]);
  t.strictSame(client.heard('channelDeleted'), [{ channelId: channel }]);
});

t.test('that an agent is done is told by who may speak in the channel', async (t) => {
  const channel = await harbour();
  const client = await elizaClient(t, there, as(ben));
  await join(client, channel);
  const complete = async (who: Speaker, body: object) => {
    const answer = await ask(who, 'POST', '/api/messaging/complete', body);
    return [answer.status, answer.body.error ?? answer.body.message];
  };
  const inChannel = { channel_id: channel, server_id: nil };
  t.same(await complete(stranger, inChannel), [404, 'Channel not found']);
  const looksOn = await signUpInto(here, ada, 'onlooker');
  t.same(await complete(looksOn, inChannel), [404, 'Channel not found']);
  t.match(await complete(iris, { ...inChannel, server_id: randomUUID() }), [403, /^Forbidden: server_id/]);
  const missing = 'Missing required fields: channel_id, server_id';
  for (const body of [{}, { server_id: nil }, { channel_id: 'x' }]) {
    t.same(await complete(iris, body), [400, missing], JSON.stringify(body));
  }
  t.same(await complete(iris, { messageId: randomUUID() }), [404, 'Message not found']);
  const messages = `/api/messaging/channels/${channel}/messages`;
  const [{ id: messageId }] = (await ask(ada, 'GET', messages)).body.data.messages;
  const emitted = [200, 'Completion event emitted'];
  t.same(await complete(iris, inChannel), emitted);
  t.same(await complete(hook, { channelId: channel }), emitted);
  t.same(await complete(iris, { messageId, status: 'completed' }), emitted);
  await until(() => client.heard('messageComplete').length === 3);
  const done = { channelId: channel, roomId: channel, serverId: nil };
  t.strictSame(client.heard('messageComplete'), [done, done, { ...done, messageId }]);
  t.same(client.heard('messageError'), []);
});

t.test('the state of a world is who is in a channel and what was said last', async (t) => {
  const channel = await harbour();
  const client = await elizaClient(t, here, as(ben));
  client.emit('request-world-state', { roomId: channel });
  await until(() => client.heard('world-state').length === 1);
  t.match(client.heard('world-state')[0], {
    agents: { [iris.id]: { id: iris.id, name: 'iris' } },
    users: { [ada.id]: { id: ada.id, name: 'ada' }, [ben.id]: { name: 'ben' } },
    channels: { [channel]: { id: channel, type: 'GROUP', messageServerId: nil } },
    messages: { [channel]: [{ text: 'first', senderId: ada.id }] },
  });
  client.emit('request-world-state', { roomId: 'no id' });
  await until(() => client.heard('error').length === 1);
});

t.test('a socket that does not say which API it speaks is told by its first event', async (t) => {
  const channel = await harbour();
  const client = await elizaClient(t, here, { token: ada.token });
  t.same(client.all, []);
  client.emit('join', { roomId: channel, agentId: iris.id });
  await until(() => client.heard('room_joined').length === 1);
  t.same(
    client.all.map(({ name }) => name),
    ['authenticated', 'connection_established', 'channel_joined', 'room_joined'],
  );
  client.emit('message', { text: 'hello', roomId: channel });
  await until(() => client.heard('messageAck').length === 1);
  t.match(client.heard('messageBroadcast')[0], { text: 'hello', senderId: ada.id });
});

t.test('who joins a session by its id hears its agent, and what becomes of it', async (t) => {
  const key = 'server key of the test';
  const at = '/api/messaging/sessions';
  const [agentId, userId] = [eliza, randomUUID()];
  const begun = await call(here, 'POST', at, { token: key, body: { agentId, userId } });
  const { sessionId, channelId } = begun.body;
  const joined = await elizaClient(t, there, { entityId: userId, apiKey: key });
  joined.emit('join', { roomId: sessionId, type: 'session' });
  await until(() => joined.heard('room_joined').length === 1);
  t.match(joined.heard('room_joined'), [{ roomId: sessionId, channelId: sessionId }]);
  const other = await elizaClient(t, here, { entityId: userId, apiKey: key });
  await join(other, channelId);
  const outsider = await elizaClient(t, here, as(ada));
  await join(outsider, sessionId);
  await call(here, 'POST', `${at}/${sessionId}/messages`, { token: key, body: { content: 'Hello' } });
  await until(() => joined.heard('messageComplete').length === 1);
  t.match(joined.heard('messageBroadcast').at(-1), { senderId: agentId, sender: 'Eliza' });
  joined.emit('message', { text: 'Goodbye', roomId: sessionId, userId });
  await until(() => joined.heard('messageAck').length === 1);
  t.match(joined.heard('messageAck'), [{ channelId }]);
  const { expiresAt } = (await call(here, 'POST', `${at}/${sessionId}/renew`, { token: key })).body;
  await until(() => joined.heard('sessionRenewed').some((one) => one.expiresAt === expiresAt));
  const sql = openOwner(t, database.url);
  const age = async (minutes: number) => {
    const us = minutes * 60_000_000;
    await sql`update timed_sessions set created_us = created_us - ${us}, used_us = used_us - ${us},
      expires_us = expires_us - ${us} where id = ${sessionId}`;
    await sql`update session_notices set due_us = due_us - ${us}, expires_us = expires_us - ${us}
      where session_id = ${sessionId}`;
  };
  await age(27);
  await until(() => joined.heard('sessionExpirationWarning').length === 1);
  t.match(joined.heard('sessionExpirationWarning'), [{ sessionId, minutesRemaining: Number }]);
  await age(5);
  await until(() => joined.heard('sessionExpired').length === 1);
  t.strictSame(joined.heard('sessionExpired'), [{ sessionId }]);
  // What the log has after the notices: now nothing of them is on its way any more.
  const last = { content: 'The end', author_id: userId };
  await call(there, 'POST', `/api/messaging/channels/${channelId}/messages`, { token: key, body: last });
  await until(() => other.heard('messageBroadcast').some(({ text }) => text === 'The end'));
  const notices = ['sessionRenewed', 'sessionExpirationWarning', 'sessionExpired'];
  t.notOk(
    other.all.some(({ name }) => notices.includes(name)),
    'a channel alone tells nothing of its session',
  );
  t.ok(other.heard('messageComplete').length > 0);
  t.same(
    outsider.all.map(({ name }) => name),
    ['authenticated', 'connection_established', 'channel_joined', 'room_joined'],
  );
});

t.test('who may read what agents do hears of it as it happens, as far as it wants', async (t) => {
  const channel = randomUUID();
  const { body } = await ask(ada, 'GET', '/auth/agents');
  const { id: agentId } = body.agents.find((one: { id: string }) => one.id !== iris.id);
  const watcher = await elizaClient(t, there, service());
  const picky = await elizaClient(t, here, as(ada));
  const member = await elizaClient(t, here, as(ben));
  const outsider = await elizaClient(t, here, as(stranger));
  picky.emit('update_log_filters', { level: 'error' });
  await until(() => picky.heard('log_filters_updated').length === 1);
  t.strictSame(picky.heard('log_filters_updated'), [
    { success: false, error: 'Client not subscribed to logs' },
  ]);
  for (const client of [watcher, picky, member, outsider]) client.emit('subscribe_logs');
  await until(() =>
    [watcher, picky, outsider].every((one) => one.heard('log_subscription_confirmed').length === 1),
  );
  await until(() => member.heard('messageError').length === 1);
  picky.emit('update_log_filters', { level: 'loud' });
  picky.emit('update_log_filters', { level: 'error', agentName: 'nobody' });
  await until(() => picky.heard('log_filters_updated').length === 3);
  t.match(picky.heard('log_filters_updated').slice(1), [
    { success: false, error: /level/ },
    { success: true, filters: { level: 'error', agentName: 'nobody' } },
  ]);
  await send(picky, said(ada, channel, 'Hello', { metadata: { targetAgentId: agentId } }));
  await until(() => watcher.heard('logEntry').length >= 2);
  const [line] = watcher.heard('logEntry');
  t.match(line, { level: 30, time: Number, msg: String, agentId, agentName: String });
  t.match(watcher.heard('log_stream')[0], { type: 'log_entry', payload: line });
  t.same(
    [picky, member, outsider].flatMap((one) => one.heard('logEntry')),
    [],
  );
  watcher.emit('unsubscribe_logs');
  await until(() => watcher.heard('log_subscription_confirmed').length === 2);
  t.match(watcher.heard('log_subscription_confirmed'), [{ subscribed: true }, { subscribed: false }]);
});
