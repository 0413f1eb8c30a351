/** The life of a client that was written for the Symbia socket, with the library that it has: socket.io-client. */
import { io, type Socket } from 'socket.io-client';
import t from 'tap';
import { makeAgent, makeService, signUp, signUpInto } from '../kit/clients/accounts.ts';
import { call } from '../kit/clients/http-client.ts';
import { group, type SymbiaClient, symbia, symbiaClient } from '../kit/clients/symbia-client.ts';
import { until } from '../kit/log-entries.ts';
import { startNats } from '../kit/servers/nats.ts';
import { startNodeProcess } from '../kit/servers/node.ts';
import { startPostgres } from '../kit/servers/postgres.ts';
import { quietPort } from '../kit/temporary.ts';

t.setTimeout(180_000);

const servers = {
  ...{ nats: await startNats(t), database: await startPostgres(t) },
  env: { PORT: String(await quietPort()) },
};
let node = await startNodeProcess(servers, t);
const ada = await signUp(node, 'ada');
const ben = await signUpInto(node, ada, 'ben');
const cleo = await signUpInto(node, ada, 'cleo');
const iris = await makeAgent(node, ada, 'iris');
const observer = await makeService(node, ada);

const quick = { forceNew: true, reconnection: false } as const;

const contents = (client: SymbiaClient): unknown[] => client.heard('message:new').map((row) => row.content);
/** Without presence: others of the tenant come and go. */
const timeline = (client: SymbiaClient) =>
  client.all.filter(({ name }) => !/^(presence|participant):/.test(name));
const hears = (client: SymbiaClient, name: string, count = 1): Promise<void> =>
  until(() => client.heard(name).length >= count, 30_000);

const next = (socket: Socket, name: 'connect' | 'disconnect'): Promise<unknown> =>
  new Promise((resolve) => socket.once(name, resolve));

t.test('it connects with a token, a key, a header or a cookie of our own page', async (t) => {
  const signedIn = await call(node, 'POST', '/api/auth/login', {
    body: { email: ada.email, password: ada.password },
  });
  const cookie = signedIn.headers.getSetCookie()[0]?.split(';', 1)[0] ?? '';
  const harbour = await group(node, ada, iris.id);
  const credentials: readonly (readonly [string, Parameters<typeof io>[1]])[] = [
    ['auth.token', { auth: { token: ada.token } }],
    ['auth.apiKey', { auth: { apiKey: iris.token } }],
    ['Authorization', { auth: {}, extraHeaders: { authorization: `Bearer ${ada.token}` } }],
    ['X-API-Key', { auth: {}, extraHeaders: { 'x-api-key': iris.token } }],
    ['cookie token', { auth: {}, extraHeaders: { cookie, origin: node.url } }],
    ['cookie symbia_session', { auth: {}, extraHeaders: { cookie: `symbia_session=${ada.token}` } }],
    [
      'a token that is none, and a header',
      { auth: { token: 'nonsense' }, extraHeaders: { authorization: `Bearer ${ada.token}` } },
    ],
    ['a token that is none, and a key', { auth: { token: 'nonsense', apiKey: iris.token } }],
  ];
  for (const [name, options] of credentials) {
    for (const transports of [['websocket'], ['polling']]) {
      const client = await symbiaClient(t, node, ada, { ...options, transports });
      const joined = await client.ask('join:conversation', harbour);
      t.same(joined, { success: true }, `${name} by ${transports}`);
      client.leave();
    }
  }
});

t.test('who shows nothing valid is told so, and nothing else', async (t) => {
  for (const options of [
    { auth: {} },
    { auth: { token: 'nonsense' } },
    { auth: { apiKey: 'nonsense' } },
    { auth: { token: [ada.token] } },
    { auth: {}, extraHeaders: { cookie: 'token=nonsense' } },
  ]) {
    const refused = symbiaClient(t, node, ada, options);
    await t.rejects(refused, { message: 'Authentication required' }, JSON.stringify(options));
  }
});

t.test('what it sends inside connect is never lost', async (t) => {
  const harbour = await group(node, ada, ben.id);
  const joinedInside = async (transports: string[]): Promise<unknown> => {
    const socket = io(node.url, { ...quick, transports, auth: { token: ben.token } });
    t.teardown(() => void socket.disconnect());
    const answer = await new Promise((resolve, reject) => {
      socket.once('connect_error', reject);
      socket.once('connect', () => {
        socket.timeout(10_000).emit('join:conversation', harbour, (error: Error | null, given: unknown) => {
          if (error === null) resolve(given);
          else reject(error);
        });
      });
    });
    socket.disconnect();
    return answer;
  };
  for (let batch = 0; batch < 10; batch += 1) {
    const transports = batch % 2 === 0 ? ['websocket'] : ['polling', 'websocket'];
    const answers = await Promise.all(Array.from({ length: 10 }, () => joinedInside(transports)));
    t.same(
      answers,
      answers.map(() => ({ success: true })),
    );
  }
});

t.test('two people talk: sent, edited, deleted, each heard by both', async (t) => {
  const harbour = await group(node, ada, ben.id);
  const [first, second] = [await symbiaClient(t, node, ada), await symbiaClient(t, node, ben)];
  const sent = await first.ask('message:send', { conversationId: harbour, content: 'hello' });
  t.match(sent, { success: true, message: { content: 'hello', sender_id: ada.id, sequence: 1 } });
  for (const client of [first, second]) {
    await hears(client, 'message:new');
    t.strictSame(client.heard('message:new'), [sent.message]);
  }
  const edited = await first.ask('message:edit', { messageId: sent.message.id, content: 'hello, Ben' });
  t.match(edited, { success: true, message: { content: 'hello, Ben', sequence: 1 } });
  await hears(second, 'message:updated');
  t.strictSame(second.heard('message:updated'), [edited.message]);
  t.match(await second.ask('message:delete', sent.message.id), {
    success: false,
    error: 'Not authorized to delete this message',
  });
  t.same(await first.ask('message:delete', sent.message.id), { success: true });
  await hears(second, 'message:deleted');
  t.same(second.heard('message:deleted'), [{ id: sent.message.id, conversationId: harbour }]);
  const posted = await symbia(node, ben, 'POST', `/${harbour}/messages`, { content: 'by REST' });
  await hears(first, 'message:new', 2);
  t.strictSame(first.heard('message:new')[1], posted);
});

t.test('a conversation that is made, joined or left is heard from then on, or no more', async (t) => {
  const [first, second] = [await symbiaClient(t, node, ada), await symbiaClient(t, node, ben)];
  const harbour = await group(node, ada);
  await symbia(node, ada, 'POST', `/${harbour}/participants`, { userId: ben.id });
  await first.ask('message:send', { conversationId: harbour, content: 'welcome' });
  await hears(second, 'message:new');
  await symbia(node, ada, 'DELETE', `/${harbour}/participants/${ben.id}`);
  await first.ask('message:send', { conversationId: harbour, content: 'between us' });
  t.match(await second.ask('message:send', { conversationId: harbour, content: 'hello?' }), {
    success: false,
    error: 'Not a participant',
  });
  await symbia(node, ben, 'POST', `/${harbour}/join`);
  await first.ask('message:send', { conversationId: harbour, content: 'back again' });
  await hears(second, 'message:new', 2);
  t.same(contents(second), ['welcome', 'back again']);
  t.same(await second.ask('leave:conversation', harbour), { success: true });
  await first.ask('message:send', { conversationId: harbour, content: 'not for this socket' });
  t.same(await second.ask('join:conversation', harbour), { success: true });
  await first.ask('message:send', { conversationId: harbour, content: 'for it again' });
  await hears(second, 'message:new', 3);
  t.same(contents(second), ['welcome', 'back again', 'for it again']);
});

t.test('a control event is heard under its own name, and holds the agent', async (t) => {
  const harbour = await group(node, ada, ben.id, iris.id);
  const [owner, person, agent] = [
    await symbiaClient(t, node, ada),
    await symbiaClient(t, node, ben),
    await symbiaClient(t, node, iris),
  ];
  const pause = { conversationId: harbour, event: 'stream.pause', reason: 'lunch' };
  t.match(await person.ask('control:send', pause), {
    success: false,
    error: 'Not authorized to send control events',
  });
  const { success, control } = await owner.ask('control:send', pause);
  t.match([success, control], [true, { content: 'stream.pause', content_type: 'event', sequence: 1 }]);
  for (const client of [owner, person, agent]) {
    await hears(client, 'stream.pause');
    t.strictSame(timeline(client), [{ name: 'stream.pause', argument: control.metadata.control }]);
  }
  t.match(await agent.ask('message:send', { conversationId: harbour, content: 'held' }), { success: false });
  t.match(await person.ask('message:send', { conversationId: harbour, content: 'still here' }), {
    success: true,
  });
  await owner.ask('control:send', { conversationId: harbour, event: 'stream.resume' });
  t.match(await agent.ask('message:send', { conversationId: harbour, content: 'free' }), { success: true });
  await hears(person, 'message:new', 2);
  t.same(
    timeline(person).map(({ name }) => name),
    ['stream.pause', 'message:new', 'stream.resume', 'message:new'],
  );
});

t.test('typing is heard by the others, and ends by itself', async (t) => {
  const harbour = await group(node, ada, ben.id);
  const [writer, reader] = [await symbiaClient(t, node, ada), await symbiaClient(t, node, ben)];
  const news = { conversationId: harbour, userId: ada.id, userType: 'user' };
  writer.socket.emit('typing:start', harbour);
  await hears(reader, 'typing:started');
  writer.socket.emit('typing:stop', harbour);
  await hears(reader, 'typing:stopped');
  writer.socket.emit('typing:start', harbour);
  await hears(reader, 'typing:started', 2);
  await hears(reader, 'typing:stopped', 2);
  writer.socket.emit('typing:start', harbour);
  await hears(reader, 'typing:started', 3);
  writer.vanish();
  await hears(reader, 'typing:stopped', 3);
  t.strictSame(reader.heard('typing:started'), [news, news, news]);
  t.strictSame(reader.heard('typing:stopped'), [news, news, news]);
  t.same(writer.heard('typing:started'), [], 'not by oneself');
});

t.test('presence reaches those who share a conversation, and nobody else', async (t) => {
  const zoe = await signUpInto(node, ada, 'zoe');
  const yan = await signUpInto(node, ada, 'yan');
  const harbour = await group(node, zoe, yan.id);
  const [friend, outsider] = [await symbiaClient(t, node, yan), await symbiaClient(t, node, cleo)];
  const client = await symbiaClient(t, node, zoe);
  await hears(friend, 'participant:online');
  client.socket.emit('presence:update', 'away');
  await hears(friend, 'presence:changed');
  client.socket.emit('announce:presence', harbour);
  await hears(client, 'participant:online');
  const other = await symbiaClient(t, node, zoe);
  other.leave();
  client.leave();
  await hears(friend, 'participant:offline');
  const changes = friend.heard('presence:changed');
  t.strictSame(changes[0], { userId: zoe.id, userType: 'user', status: 'away' });
  t.same(changes.at(-1), { userId: zoe.id, userType: 'user', status: 'offline' });
  t.strictSame(friend.heard('participant:offline'), [
    { conversationId: harbour, userId: zoe.id, userType: 'user' },
  ]);
  // What comes after the next thing that is heard would have come before it.
  // Of somebody without a socket: that others went away before may be told at any time.
  const wendy = await signUpInto(node, ada, 'wendy');
  await symbia(node, wendy, 'POST', '', { type: 'private', participants: [{ userId: cleo.id }] });
  const shared = await group(node, wendy, cleo.id);
  await symbia(node, wendy, 'POST', `/${shared}/messages`, { content: 'after all that' });
  await hears(outsider, 'message:new');
  t.same(
    outsider.all.map(({ name }) => name),
    ['message:new'],
  );
});

t.test('an observer watches without being in it', async (t) => {
  const harbour = await group(node, ada, ben.id);
  const [person, watcher] = [await symbiaClient(t, node, ada), await symbiaClient(t, node, observer)];
  t.same(await person.ask('watch:conversation', harbour), {
    success: false,
    error: 'Observe capability required',
  });
  t.same(await watcher.ask('watch:conversation', harbour), { success: true });
  await person.ask('message:send', { conversationId: harbour, content: 'watched' });
  await hears(watcher, 'message:new');
  t.same(await watcher.ask('unwatch:conversation', harbour), { success: true });
  await person.ask('message:send', { conversationId: harbour, content: 'in private' });
  t.same(await watcher.ask('watch:conversation', harbour), { success: true });
  await person.ask('message:send', { conversationId: harbour, content: 'watched again' });
  await hears(watcher, 'message:new', 2);
  t.same(contents(watcher), ['watched', 'watched again']);
  const { participants } = await symbia(node, ada, 'GET', `/${harbour}`);
  t.same(
    participants.map((one: { user_id: string }) => one.user_id),
    [ada.id, ben.id],
  );
});

t.test('polling alone, websocket alone and the change between them bring the same', async (t) => {
  const harbour = await group(node, ada, ben.id);
  const clients = await Promise.all(
    [['polling'], ['websocket'], ['polling', 'websocket']].map((transports) =>
      symbiaClient(t, node, ben, { transports }),
    ),
  );
  const [polling, , upgrading] = clients;
  const author = await symbiaClient(t, node, ada);
  const texts = Array.from({ length: 60 }, (_, n) => `message ${n}`);
  // Some before the upgrade, some while it goes on, some after it.
  for (const content of texts) await author.ask('message:send', { conversationId: harbour, content });
  for (const client of clients) {
    await hears(client, 'message:new', texts.length);
    t.same(contents(client), texts);
  }
  await until(() => transportOf(upgrading?.socket) === 'websocket');
  t.equal(transportOf(polling?.socket), 'polling');
  for (const client of clients) {
    t.match(await client.ask('message:send', { conversationId: harbour, content: 'mine' }), {
      success: true,
    });
  }
});

t.test('a client whose credential is taken away is disconnected', async (t) => {
  const dan = await signUpInto(node, ada, 'dan');
  const robot = await makeAgent(node, ada, 'robot');
  const [person, agent] = [await symbiaClient(t, node, dan), await symbiaClient(t, node, robot)];
  const ends = [person, agent].map(({ socket }) => next(socket, 'disconnect'));
  t.equal((await call(node, 'POST', '/api/auth/logout', { token: dan.token })).status, 200);
  const listed = await call(node, 'GET', '/auth/api-keys', { token: ada.token });
  const key = listed.body.api_keys.find((one: { principal_id: string }) => one.principal_id === robot.id);
  t.equal((await call(node, 'DELETE', `/auth/api-keys/${key.id}`, { token: ada.token })).status, 204);
  await Promise.all(ends);
  for (const { token } of [dan, robot]) {
    await t.rejects(symbiaClient(t, node, { token }), { message: 'Authentication required' });
  }
});

t.test('it outlives the node: comes back by itself and goes on, by either transport', async (t) => {
  const harbour = await group(node, ada, ben.id);
  for (const end of ['close', 'kill'] as const) {
    const options = { reconnection: true, reconnectionDelay: 50, reconnectionDelayMax: 200 };
    const clients = [
      await symbiaClient(t, node, ben, options),
      await symbiaClient(t, node, ben, { ...options, transports: ['polling'] }),
      await symbiaClient(t, node, ben, { ...options, transports: ['polling', 'websocket'] }),
    ];
    await symbia(node, ada, 'POST', `/${harbour}/messages`, { content: 'before' });
    for (const client of clients) await hears(client, 'message:new');
    const losses = clients.map(({ socket }) => next(socket, 'disconnect'));
    const returns = clients.map(({ socket }, index) => losses[index]?.then(() => next(socket, 'connect')));
    await node[end]();
    await Promise.all(losses);
    node = await startNodeProcess(servers, t);
    await Promise.all(returns);
    await symbia(node, ada, 'POST', `/${harbour}/messages`, { content: 'after' });
    for (const client of clients) {
      await hears(client, 'message:new', 2);
      t.same(contents(client), ['before', 'after'], end);
      client.leave();
    }
  }
});

function transportOf(socket: Socket | undefined): string | undefined {
  return socket?.io.engine.transport.name;
}
