/** What is said on the raw socket, by whom, and who hears it (generalbots.md §4.2 and §4.3). */
import { randomUUID } from 'node:crypto';
import t from 'tap';
import { openIdSource } from '../../../../src/adapters/system/id-source.ts';
import { openStage } from './stage.ts';

t.setTimeout(120_000);
const stage = await openStage(t);
const { ada, ben, iris, ask, connect, native } = stage;
const ids = openIdSource();
const v7 = (): string => ids.next();

t.test('both forms are stored once and acknowledged, and nobody hears its own echo', async (t) => {
  const [one, other] = [await connect('/ws/iris', ada.token), await connect('/ws/iris', ada.token)];
  const { session_id: session, conversation_id: conversation } = one.connected;
  const first = await one.say('Hello', { client_message_id: 'c-1' });
  t.match(first, { type: 'ack', client_message_id: 'c-1', message_id: /-/, timestamp: /\.\d{6}Z$/ });
  t.same(await one.say('Hello', { client_message_id: 'c-1' }), first, 'the same again');
  t.match(await one.say('Bye', { client_message_id: 'c-1' }), {
    type: 'error',
    code: 'conflict',
    client_message_id: 'c-1',
  });
  const full = {
    ...{ bot_id: 'x', user_id: ben.id, session_id: session, channel: 'web', content: 'In full' },
    ...{ message_type: 1, media_url: null, timestamp: 'now', context_name: null },
  };
  t.match(await one.ask(full, ({ type }) => type !== 'message'), { type: 'ack', client_message_id: null });
  t.match(
    await one.ask(
      { message_type: 3, content: 'continue', session_id: session },
      ({ type }) => type !== 'message',
    ),
    { type: 'ack' },
  );
  // The other socket has a session of its own, until it names this one.
  t.match(await other.say('From elsewhere', { session_id: session }), { type: 'ack' });
  const mirror = await one.find(({ type }) => type === 'message');
  t.match(mirror, {
    sender: 'user',
    content: 'From elsewhere',
    message_type: 1,
    user_id: ada.id,
    session_id: session,
    channel: 'web',
  });
  await ask('POST', `/conversations/${conversation}/messages`, ada.token, {
    content: 'Over HTTP',
    attachments: [{ url: 'https://x.example.org/y' }],
  });
  for (const socket of [one, other])
    t.match(await socket.find(({ content }) => content === 'Over HTTP'), {
      sender: 'user',
      attachments: [{ url: 'https://x.example.org/y' }],
    });
  t.same(
    one.messages.map(({ content }) => content),
    ['From elsewhere', 'Over HTTP'],
  );
  t.same(
    other.messages.map(({ content }) => content),
    ['Over HTTP'],
  );
  const { body } = await ask('GET', `/conversations/${conversation}/history`, ada.token);
  t.same(
    body.messages.map((one: { content: string }) => one.content),
    ['Hello', 'In full', 'continue', 'From elsewhere', 'Over HTTP'],
  );
  const list = await ask('GET', '/conversations', ada.token);
  t.equal(list.body.total, 1, 'a session that nobody spoke in is no conversation');
});

t.test('an answer is one frame, or pieces and an end, as the reader wishes', async (t) => {
  const [whole, pieces] = [
    await connect('/ws/iris', ada.token),
    await connect('/ws/iris?stream=1', ada.token),
  ];
  const { session_id: session, conversation_id: conversation } = whole.connected;
  await whole.say('Hello');
  await pieces.say('I listen, too', { session_id: session });
  const bot = await native(iris.token);
  const [messageId, run] = [v7(), v7()];
  const texts = ['The ', 'ship ', 'is in.'];
  bot.send({ op: 'typing', conversation, state: 'start' });
  t.match(await whole.find(({ type }) => type === 'typing'), { sender: 'bot', session_id: session });
  for (const [index, text] of texts.entries()) {
    bot.send({ op: 'delta', conversation, message_id: messageId, run, index, text });
    await pieces.find(({ content, is_complete }) => is_complete === false && content.endsWith(text));
  }
  const late = await connect(`/ws?session_id=${session}&stream=1`, ada.token);
  t.match(await late.find(({ type }) => type === 'message'), {
    content: 'The ship is in.',
    is_complete: false,
  });
  await bot.ask('post', {
    conversation,
    content: 'The ship is in.',
    message_id: messageId,
    run,
    end_run: true,
    metadata: { suggestions: [{ text: 'When?' }, 7] },
  });
  const answer = {
    ...{ type: 'message', sender: 'bot', message_id: messageId, bot_id: iris.id, user_id: ada.id },
    ...{ session_id: session, channel: 'web', message_type: 2, stream_token: null },
    ...{ context_name: null, context_length: 0, context_max_length: 0 },
  };
  const ofBot = ({ sender }: Record<string, unknown>): boolean => sender === 'bot';
  const isEnd = (frame: Record<string, unknown>): boolean => ofBot(frame) && frame['is_complete'] === true;
  const one = await whole.find(isEnd);
  t.match(one, {
    ...answer,
    content: 'The ship is in.',
    is_complete: true,
    suggestions: [{ text: 'When?', context: null }],
  });
  t.notOk('full_content' in one);
  t.equal(whole.messages.filter(ofBot).length, 1);
  for (const socket of [pieces, late]) {
    const end = await socket.find(isEnd);
    t.match(end, { ...answer, content: '', full_content: 'The ship is in.', is_complete: true });
    const told = socket.messages.filter(ofBot);
    t.equal(told.map(({ content }) => content).join(''), 'The ship is in.');
    t.ok(
      told
        .slice(0, -1)
        .every(
          (frame) =>
            frame['is_complete'] === false &&
            frame['message_id'] === messageId &&
            frame['message_type'] === 2,
        ),
    );
  }
});

t.test('a message may wish for pieces, and the next one not', async (t) => {
  const client = await connect('/ws/iris', ada.token);
  const { conversation_id: conversation } = client.connected;
  const bot = await native(iris.token);
  const answer = async (text: string): Promise<void> => {
    const [messageId, run] = [v7(), v7()];
    bot.send({ op: 'delta', conversation, message_id: messageId, run, index: 0, text });
    await bot.find(({ delta }) => delta?.message_id === messageId);
    await bot.ask('post', { conversation, content: text, message_id: messageId, run, end_run: true });
    await client.find(({ message_id: id, is_complete }) => id === messageId && is_complete === true);
  };
  await client.say('In pieces', { stream: true });
  await bot.ask('open', { conversation });
  await answer('one');
  await client.say('Whole');
  await answer('two');
  t.same(
    client.messages.map(({ content, is_complete }) => [content, is_complete]),
    [
      ['one', false],
      ['', true],
      ['two', true],
    ],
  );
  await client.say('In pieces, of one that is not', { stream: true });
  await bot.ask('post', { conversation, content: 'three' });
  t.match(await client.find(({ full_content }) => full_content === 'three'), {
    content: 'three',
    is_complete: true,
  });
});

t.test('whoever hears the words of a bot is not told that it types', async (t) => {
  const client = await connect('/ws/iris?stream=1', ada.token);
  const { conversation_id: conversation } = client.connected;
  await client.say('Hello');
  const bot = await native(iris.token);
  const [messageId, run] = [v7(), v7()];
  bot.send({ op: 'delta', conversation, message_id: messageId, run, index: 0, text: 'Once' });
  await client.find(({ content }) => content === 'Once');
  await bot.ask('open', { conversation });
  bot.send({ op: 'typing', conversation, state: 'start' });
  await bot.ask('post', { conversation, content: 'Once more', message_id: messageId, run, end_run: true });
  await client.find(({ full_content }) => full_content === 'Once more');
  t.notOk(client.frames.some(({ type }) => type === 'typing'));
  bot.send({ op: 'typing', conversation, state: 'stop' });
  bot.send({ op: 'typing', conversation, state: 'start' });
  t.match(
    await client.find(({ type }) => type === 'typing'),
    { sender: 'bot' },
    'and afterwards it is again',
  );
});

t.test('an interrupted answer is one frame with what was said', async (t) => {
  const client = await connect('/ws/iris', ada.token);
  const { conversation_id: conversation } = client.connected;
  await client.say('Go on');
  const [bot, hand] = [await native(iris.token), await native(ada.token)];
  const [messageId, run] = [v7(), v7()];
  await hand.ask('open', { conversation });
  bot.send({ op: 'delta', conversation, message_id: messageId, run, index: 0, text: 'Once upon' });
  await hand.find(({ delta }) => delta?.message_id === messageId);
  t.match(await hand.ask('control', { conversation, event: 'stream.cancel', run }), { ok: true });
  t.match(await client.find(({ sender }) => sender === 'bot'), {
    content: 'Once upon',
    is_complete: true,
    message_id: messageId,
  });
});

t.test('the default bot answers files without words, too', async (t) => {
  const client = await connect();
  const media = { media_url: 'https://files.example.org/map.png' };
  for (const [content, more] of [
    ['', media],
    ['  ', {}],
  ] as const) {
    const from = client.frames.length;
    t.match(await client.say(content, more), { type: 'ack' });
    t.match(await client.find(({ type, sender }) => type === 'message' && sender === 'bot', { from }), {
      content: /./,
      is_complete: true,
    });
  }
});

t.test('what people write is never what a bot says', async (t) => {
  const client = await connect('/ws/iris?stream=1', ada.token);
  const { conversation_id: conversation } = client.connected;
  await client.say('Hello');
  const hand = await native(ada.token);
  const event = JSON.stringify({ event: 'change_theme', data: { color1: 'red' } });
  await hand.ask('open', { conversation });
  hand.send({ op: 'delta', conversation, message_id: v7(), run: v7(), index: 0, text: event });
  await hand.find(({ delta }) => delta?.text === event);
  await hand.ask('post', { conversation, content: event });
  t.match(await client.find(({ content }) => content === event), { sender: 'user', message_type: 1 });
  t.match(await client.say('__TOOL__:rm'), { type: 'ack' }, 'a text like any other');
  const bot = await native(iris.token);
  await bot.ask('post', { conversation, content: event });
  t.match(await client.find(({ sender }) => sender === 'bot'), { content: event, message_type: 2 });
  t.same(
    client.messages.map(({ sender }) => sender),
    ['user', 'bot'],
  );
});

t.test('frames that mean nothing are refused, and the socket stays', async (t) => {
  const client = await connect('/ws/iris', ada.token);
  const refuse = (frame: object | string, code: string) =>
    client
      .ask(frame, ({ type }) => type === 'error')
      .then((error) => t.match(error, { type: 'error', code, message: /./ }, JSON.stringify(frame)));
  for (const frame of [
    '{',
    '[]',
    '7',
    'null',
    '"x"',
    '{}',
    '{"type":"dance"}',
    '{"type":7}',
    '{"content":"x"}',
    '{"type":"message","content":"\\u0000"}',
  ])
    await refuse(frame, 'invalid_message');
  for (const message_type of [0, 2, 4, 5, 99])
    await refuse({ type: 'message', content: 'x', message_type }, 'invalid_message');
  await refuse({ content: 'x', message_type: 6 }, 'forbidden');
});

t.test('a session that is not for the speaker is none', async (t) => {
  const [client, others] = [await connect('/ws/iris', ada.token), await connect('/ws/iris', ben.token)];
  await others.say('Mine');
  for (const id of [
    others.connected['session_id'],
    randomUUID(),
    'nonsense',
    client.connected['conversation_id'],
  ])
    t.match(await client.say('x', { session_id: id, client_message_id: 'c-1' }), {
      type: 'error',
      code: 'not_found',
      client_message_id: 'c-1',
    });
  t.match(
    await client.ask({ type: 'typing', session_id: randomUUID() }, ({ type }) => type === 'error'),
    { code: 'not_found' },
    'nor to type in',
  );
  t.match(
    await client.say('x', { session_id: 'session-123' }),
    { type: 'ack' },
    'the placeholder of the documents: its own',
  );
  const guest = await connect();
  t.match(
    await client.say('x', { session_id: guest.connected['session_id'] }),
    { type: 'ack' },
    'that of a guest is a capability',
  );
  t.match(await guest.find(({ sender }) => sender === 'user'), {
    content: 'x',
    user_id: guest.connected['user_id'],
  });
  t.match(await guest.say('x', { session_id: others.connected['session_id'] }), { code: 'not_found' });
});

t.test('ping, and nothing after the end', async (t) => {
  const client = await connect('/ws/iris', ada.token);
  t.match(await client.ask({ type: 'ping' }, ({ type }) => type === 'pong'), { timestamp: /Z$/ });
  client.send({ type: 'typing' });
  await client.say('Hello');
  await ask('PATCH', `/conversations/${client.connected['conversation_id']}`, ada.token, {
    status: 'archived',
  });
  t.match(await client.say('x'), { type: 'error', code: 'forbidden' });
});
