/** Where sockets and guests end: quotas, rates, sizes, revocations (generalbots.md §1 and §4.4). */
import t from 'tap';
import { runSql } from '../../../kit/servers/postgres.ts';
import { openStage } from './stage.ts';

t.setTimeout(180_000);

t.test('a guest sends twenty messages in a session, also where rates are off', async (t) => {
  const { connect, ask, guestBot } = await openStage(t);
  const { id } = await guestBot('quiet');
  const client = await connect(`/ws/${id}`);
  const { session_id: session, conversation_id: conversation, access_token: token } = client.connected;
  for (let n = 1; n <= 20; n += 1) {
    const answer = await client.say(`message ${n}`, { client_message_id: `c-${n}` });
    t.equal(answer['type'], 'ack', `${n}`);
  }
  t.match(await client.say('one more'), { type: 'error', code: 'rate_limited' });
  const over = await ask('POST', `/conversations/${conversation}/messages`, token, { content: 'one more' });
  t.match(over, { status: 429, body: { error: 'rate_limited', code: 'RATE_LIMITED' } });
  t.equal(over.headers.get('x-ratelimit-limit'), '20');
  t.equal(over.headers.get('x-ratelimit-remaining'), '0');
  t.equal(over.headers.get('retry-after'), '3600');
  const again = { content: 'message 7', client_message_id: 'c-7' };
  t.match(
    await ask('POST', `/conversations/${conversation}/messages`, token, again),
    { status: 200 },
    'a retry counts once',
  );
  const next = await ask('POST', '/conversations/start', token, { bot_id: id, initial_message: 'Hello' });
  t.match(next, { status: 201 }, 'another session has its own twenty');
  t.not(next.body.session_id, session);
});

t.test('a session that nobody used for an hour is over, by every door', async (t) => {
  const { connect, ask, refused, database } = await openStage(t);
  const { connected } = await connect();
  const { session_id: session, conversation_id: conversation, access_token: token } = connected;
  t.equal((await ask('GET', '/conversations', token)).body.total, 1);
  await runSql(database.url, `update conversation_sessions set expires_us = 1 where id = '${session}'`);
  t.match(await refused(`/ws?session_id=${session}`), { code: 404 });
  t.match(await ask('GET', `/conversations/${conversation}/history`, token), { status: 404 });
  t.match(await ask('POST', `/conversations/${conversation}/messages`, token, { content: 'x' }), {
    status: 404,
  });
  t.same((await ask('GET', '/conversations', token)).body, { conversations: [], total: 0 });
});

t.test('who is revoked is sent away, before it said anything, too', async (t) => {
  const { connect, ada, ask } = await openStage(t);
  const silent = await connect('/ws', ada.token);
  const speaking = await connect('/ws/iris', ada.token);
  await speaking.say('Hello');
  await ask('POST', '/auth/logout', ada.token, {});
  t.match(await silent.ended, { code: 4401 });
  t.match(await speaking.ended, { code: 4401 });
});

t.test('what no text frame may be ends the socket', async (t) => {
  const { connect } = await openStage(t);
  const [large, binary, garbled, noisy] = [
    await connect(),
    await connect(),
    await connect(),
    await connect(),
  ];
  large.send({ type: 'message', content: 'x'.repeat(70_000) });
  t.match(await large.ended, { code: 1009 });
  binary.socket.send(Buffer.from('{"type":"ping"}'), { binary: true });
  t.match(await binary.ended, { code: 1003 });
  garbled.socket.send(Buffer.from([0x22, 0xff, 0x22]), { binary: false });
  const { code } = await garbled.ended;
  t.ok(code === 1007 || code === 1006, `${code}`);
  for (let n = 0; n < 25; n += 1) if (noisy.socket.readyState === 1) noisy.send('{');
  t.match(await noisy.ended, { code: 1008 });
  t.ok(noisy.frames.filter(({ type }) => type === 'error').length >= 19);
});

t.test('rates are told, and kept', async (t) => {
  const { connect, ada, ask, refused } = await openStage(t, { PARLEY_RATE_LIMIT: 'on' });
  const client = await connect('/ws/iris', ada.token);
  const answers: string[] = [];
  for (let n = 0; n < 62; n += 1) {
    const { type, code } = await client.say('x');
    answers.push(type === 'ack' ? 'ack' : code);
  }
  t.same([...new Set(answers.slice(0, 60))], ['ack']);
  t.same(answers.slice(60), ['rate_limited', 'rate_limited']);
  const { conversation_id: conversation } = client.connected;
  const over = await ask('POST', `/conversations/${conversation}/messages`, ada.token, { content: 'x' });
  t.match(over, { status: 429, body: { error: 'rate_limited' } }, 'the same minute, by the other door');
  t.equal(over.headers.get('x-ratelimit-limit'), '60');
  t.ok(Number(over.headers.get('retry-after')) <= 60);
  t.ok(Number(over.headers.get('x-ratelimit-reset')) > Date.now() / 1000 - 1);
  for (let n = 0; n < 5; n += 1) t.match(await refused('/ws'), { code: 101 });
  t.match(
    await refused('/ws'),
    { code: 429, body: { error: 'rate_limited' } },
    'a sixth guest of one address',
  );
  t.match(await ask('POST', '/conversations/start', undefined, { bot_id: 'default' }), { status: 429 });
  const listed = await ask('GET', '/conversations', ada.token);
  t.equal(listed.headers.get('x-ratelimit-remaining'), '29');
});
