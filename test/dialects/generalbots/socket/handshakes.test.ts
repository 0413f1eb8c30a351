/** Who gets in, as whom, and what a socket is bound to (generalbots.md §4.1). */
import { randomUUID } from 'node:crypto';
import t from 'tap';
import { BotClient } from '../../../kit/clients/bot-client.ts';
import { openStage } from './stage.ts';

t.setTimeout(120_000);
const stage = await openStage(t, { PARLEY_CORS_ORIGINS: 'https://shop.example.org' });
const { ada, ben, stranger, iris, ask, connect, refused } = stage;

const begin = async (token: string | undefined, bot: string) => {
  const { status, body } = await ask('POST', '/conversations/start', token, { bot_id: bot });
  t.equal(status, 201);
  return body;
};

t.test('nobody becomes a guest, whose token and session count afterwards', async (t) => {
  const { connected } = await connect();
  t.match(connected, {
    type: 'connected',
    session_id: /^[0-9a-f-]{14}4/,
    message: 'Connected to bot server',
    tools: [],
    access_token: /^eyJ/,
    expires_at: /Z$/,
  });
  t.not(connected['conversation_id'], connected['session_id']);
  const history = await ask(
    'GET',
    `/conversations/${connected['conversation_id']}/history`,
    connected['access_token'],
  );
  t.same(history.body, { messages: [], has_more: false });
  const again = await connect(`/ws?session_id=${connected['session_id']}`);
  const { access_token: _, expires_at: __, ...same } = connected;
  t.same(again.connected, same, 'the session alone is enough, and gives no token away');
  const asUser = await connect('/ws', connected['access_token']);
  t.equal(asUser.connected['user_id'], connected['user_id']);
  t.not(asUser.connected['session_id'], connected['session_id'], 'its next session');
});

t.test('a bot is named by the path, else by the query', async (t) => {
  const [byPath, byQuery] = [
    await connect('/ws/iris?bot_name=default', ada.token),
    await connect('/ws?bot_name=iris', ada.token),
  ];
  t.equal(byPath.connected['bot_id'], iris.id);
  t.equal(byQuery.connected['bot_id'], iris.id);
  t.match(await refused('/ws/nobody', { authorization: `Bearer ${ada.token}` }), {
    code: 404,
    body: { error: 'not_found', code: 'NOT_FOUND' },
  });
  t.match(await refused('/ws/iris'), { code: 404 }, 'bots of a tenant are not for guests');
  t.match(await refused('/ws/%ff'), { code: 400, body: { error: 'invalid_request' } });
});

t.test('a session of somebody with an account opens for that one alone', async (t) => {
  const { session_id: session, conversation_id: conversation } = await begin(ada.token, 'iris');
  const own = await connect(`/ws?session_id=${session}`, ada.token);
  t.match(own.connected, {
    session_id: session,
    conversation_id: conversation,
    user_id: ada.id,
    bot_id: iris.id,
  });
  t.notOk('access_token' in own.connected);
  const byQuery = await connect(`/ws?session_id=${session.toUpperCase()}&token=${ada.token}`);
  t.equal(byQuery.connected['session_id'], session);
  for (const token of [undefined, ben.token, stranger.token, iris.token]) {
    const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const { code, body } = await refused(`/ws?session_id=${session}`, headers);
    t.equal(code, 404);
    t.equal(
      JSON.stringify(body),
      JSON.stringify((await refused(`/ws?session_id=${randomUUID()}`, headers)).body),
      'like none',
    );
  }
  for (const id of ['session-123', 'x', '%00', conversation]) {
    const { code } = await refused(`/ws?session_id=${id}`, { authorization: `Bearer ${ada.token}` });
    t.ok(code === 404 || code === 400, id);
  }
});

t.test('a credential that is shown must be valid', async (t) => {
  const { connected } = await connect();
  const { session_id: session } = connected;
  for (const [path, authorization] of [
    ['/ws', 'Bearer nonsense'],
    ['/ws', 'Basic YTpi'],
    ['/ws', 'Bearer'],
    [`/ws?session_id=${session}`, 'Bearer nonsense'],
  ] as const)
    t.match(await refused(path, { authorization }), {
      code: 401,
      body: { error: 'unauthorized', code: 'UNAUTHORIZED' },
    });
  t.match(await refused('/ws?token=nonsense'), { code: 401 });
  t.match(await refused('/ws?token='), { code: 401 });
});

t.test('user_id grants nothing, and must not contradict a credential', async (t) => {
  const { session_id: session } = await begin(ada.token, 'iris');
  t.match(await refused(`/ws?session_id=${session}&user_id=${ada.id}`), { code: 404 });
  const bearer = { authorization: `Bearer ${ada.token}` };
  t.match(await refused(`/ws?user_id=${ben.id}`, bearer), { code: 403, body: { error: 'forbidden' } });
  t.match(await refused(`/ws?user_id=${ada.id.toUpperCase()}`, bearer), { code: 101 });
  t.match(await refused('/ws?user_id=anybody'), { code: 101 }, 'ignored without a credential');
});

t.test('a handshake that names an environment finds sessions of that one alone', async (t) => {
  const { session_id: session } = await begin(ada.token, 'iris');
  const authorization = `Bearer ${ada.token}`;
  const path = `/ws?session_id=${session}`;
  t.match(await refused(path, { authorization, 'x-env': 'prod' }), {
    code: 404,
    body: { error: 'not_found' },
  });
  t.match(await refused(path, { authorization, 'x-env': 'dev' }), { code: 101 });
  const guest = new BotClient(stage.node, '/ws', { 'x-env': 'prod' });
  const { session_id: fresh } = await guest.find(({ type }) => type === 'connected');
  await guest.close();
  t.match(await refused(`/ws?session_id=${fresh}`, { 'x-env': 'dev' }), { code: 404 }, 'also a guest');
  t.match(await refused(`/ws?session_id=${fresh}`, { 'x-env': 'prod' }), { code: 101 });
});

t.test('pages of strangers and senseless wishes are refused', async (t) => {
  t.match(await refused('/ws', { origin: 'https://evil.example.org' }), {
    code: 403,
    body: { error: 'forbidden' },
  });
  t.match(await refused('/ws', { origin: 'https://shop.example.org' }), { code: 101 });
  t.match(await refused('/ws?stream=perhaps'), { code: 400, body: { error: 'invalid_request' } });
  t.match(await refused('/ws', { 'x-env': 'moon' }), { code: 400 });
});
