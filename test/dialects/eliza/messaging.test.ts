/** Messages of channels over HTTP, against a whole node. */
import { randomUUID } from 'node:crypto';
import t from 'tap';
import { makeAgent, makeService, signUp, signUpInto } from '../../kit/clients/accounts.ts';
import { call, type HttpAnswer } from '../../kit/clients/http-client.ts';
import { startNats } from '../../kit/servers/nats.ts';
import { startNode } from '../../kit/servers/node.ts';
import { startPostgres } from '../../kit/servers/postgres.ts';

t.setTimeout(120_000);

const node = await startNode({ nats: await startNats(t), database: await startPostgres(t) }, t);
const ada = await signUp(node, 'ada');
const ben = await signUpInto(node, ada, 'ben');
const stranger = await signUp(node, 'stranger');
const hook = await makeService(node, ada);
const iris = await makeAgent(node, ada, 'iris');
const nil = '00000000-0000-0000-0000-000000000000';

type Caller = { readonly token: string };
const api = '/api/messaging';

function ask(who: Caller, method: string, path: string, body?: unknown): Promise<HttpAnswer> {
  return call(node, method, api + path, { token: who.token, ...(body === undefined ? {} : { body }) });
}

/** Ada's channel with Iris, made by her first message. */
async function harbour(): Promise<string> {
  const channel = randomUUID();
  const { status } = await post(ada, channel, 'first', { metadata: { targetAgentId: iris.id } });
  if (status !== 201) throw new Error(`the channel was not made: ${status}`);
  return channel;
}

function post(who: Caller & { readonly id: string }, channel: string, content: unknown, fields = {}) {
  const body = { author_id: who.id, message_server_id: nil, content, ...fields };
  return ask(who, 'POST', `/channels/${channel}/messages`, body);
}

async function read(who: Caller, channel: string, query = '') {
  const { status, body } = await ask(who, 'GET', `/channels/${channel}/messages${query}`);
  if (status !== 200) throw new Error(`not read: ${status}`);
  return body.data.messages as {
    readonly id: string;
    readonly content: string;
    readonly created_at: number;
    readonly createdAt: string;
    readonly metadata: Record<string, unknown>;
  }[];
}

const texts = async (who: Caller, channel: string, query = '') =>
  (await read(who, channel, query)).map(({ content }) => content);

t.test('a first message makes its channel, with the agent that it names', async (t) => {
  const channel = randomUUID();
  const raw_message = { text: 'hello', thought: 'hm' };
  const { status, body } = await post(ada, channel.toUpperCase(), 'hello', {
    ...{ raw_message, source_type: 'eliza_gui' },
    metadata: { user_display_name: 'Ada', targetAgentId: iris.id, eliza: 'mine' },
  });
  t.equal(status, 201);
  const { id, created_at } = body.userMessage;
  t.strictSame(body, {
    success: true,
    userMessage: {
      ...{ id, channel_id: channel, message_server_id: nil, author_id: ada.id, content: 'hello', created_at },
      ...{ source_type: 'eliza_gui', raw_message },
      metadata: { user_display_name: 'Ada', targetAgentId: iris.id, eliza: 'mine' },
      author_display_name: 'Ada',
    },
  });
  const [message] = await read(ada, channel);
  t.match(message, { id, channelId: channel, authorId: ada.id, created_at, inReplyToRootMessageId: null });
  t.strictSame(message?.metadata, {
    ...{ user_display_name: 'Ada', targetAgentId: iris.id, eliza: 'mine', thought: 'hm' },
  });
});

t.test('a message that nobody would hear is refused, and leaves nothing behind', async (t) => {
  const channel = randomUUID();
  const { status, body } = await post(ada, channel, 'hello?');
  t.strictSame([status, body], [400, { success: false, error: 'No agent found in channel participants' }]);
  t.strictSame(await texts(ada, channel), []);
  t.equal((await post(ben, channel, 'mine', { metadata: { targetAgentId: iris.id } })).status, 201);
});

t.test('what is missing is said in the order of the contract', async (t) => {
  const channel = await harbour();
  const missing = 'Missing required fields: channelId, message_server_id, author_id, content';
  const cases: readonly (readonly [object, number, string | RegExp])[] = [
    [{ transport: 'pigeon', content: '' }, 400, /^Invalid transport/],
    [{ content: '' }, 400, missing],
    [{ content: { text: 'x' } }, 400, missing],
    [{ author_id: 'ada' }, 400, missing],
    [{ message_server_id: '0' }, 400, missing],
    [{ author_id: ben.id }, 403, 'The author must be the caller.'],
    [{ in_reply_to_message_id: 'x' }, 400, 'Invalid in_reply_to_message_id format'],
    [{ in_reply_to_message_id: randomUUID() }, 404, 'Message to reply to not found'],
    [{ metadata: [] }, 400, 'metadata must be an object'],
    [{ metadata: { a: 'x'.repeat(17_000) } }, 413, /^metadata must be at most/],
    [{ raw_message: { text: 'y'.repeat(17_000) } }, 413, /^raw_message must be at most/],
    [{ message_server_id: randomUUID() }, 403, /does not match current server/],
  ];
  for (const [fields, status, error] of cases) {
    const answer = await post(ada, channel, 'x', fields);
    t.equal(answer.status, status, JSON.stringify(fields).slice(0, 80));
    t.match(answer.body, { success: false, error });
  }
  const { status, body } = await ask(ada, 'POST', '/channels/harbour/messages', { content: 'x' });
  t.match([status, body], [400, { error: missing }]);
  t.strictSame(await texts(ada, channel), ['first']);
});

t.test('a long text is not stored again in the raw message that repeats it', async (t) => {
  const channel = await harbour();
  const text = 'long '.repeat(40_000);
  t.equal((await post(ada, channel, text, { raw_message: { text, actions: ['REPLY'] } })).status, 201);
  const [row] = (await read(ada, channel)) as unknown as readonly Record<string, unknown>[];
  t.strictSame(row?.['rawMessage'], { text, actions: ['REPLY'] });
});

t.test('people speak where they take part, services for anybody', async (t) => {
  const channel = await harbour();
  for (const who of [ben, stranger]) {
    const { status, body } = await post(who, channel, 'let me in');
    // To a stranger's tenant the id is one of its own.
    t.match([status, body.error], who === ben ? [404, 'Channel not found'] : [400, /^No agent/]);
    t.strictSame(await texts(who, channel), []);
  }
  t.equal((await post(hook, channel, 'as Ben', { author_id: ben.id })).status, 201);
  t.equal((await post(hook, channel, 'as itself')).status, 201);
  t.equal((await post(iris, channel, 'as Iris')).status, 201);
  const unknown = randomUUID();
  t.equal((await post(hook, channel, 'as somebody', { author_id: unknown })).status, 201);
  t.equal((await post(ben, channel, 'in it now')).status, 201);
  t.strictSame(await texts(ben, channel), [
    'in it now',
    'as somebody',
    'as Iris',
    'as itself',
    'as Ben',
    'first',
  ]);
});

t.test('what the official client sends names neither author nor server', async (t) => {
  const channel = randomUUID();
  const { status, body } = await ask(ada, 'POST', `/channels/${channel}/messages`, { content: 'a note' });
  t.match([status, body.userMessage], [201, { author_id: ada.id, message_server_id: nil }]);
});

t.test('a repeated id answers the first message, whose ever it is', async (t) => {
  const channel = await harbour();
  const messageId = randomUUID();
  const first = await post(ada, channel, 'once', { messageId });
  const again = await post(ada, channel, 'once', { messageId: messageId.toUpperCase() });
  t.equal(first.body.userMessage.id, messageId);
  t.strictSame([again.status, again.body], [201, first.body]);
  const other = await post(ada, channel, 'other', { messageId });
  t.strictSame([other.status, other.body], [201, first.body], 'also with another text');
  t.strictSame(await texts(ada, channel), ['once', 'first']);
});

t.test('pages by milliseconds, by timestamps, in both directions, lose and repeat nothing', async (t) => {
  const channel = await harbour();
  const sent = Array.from({ length: 150 }, (_, n) => `number ${n}`);
  for (let n = 0; n < sent.length; n += 50) {
    await Promise.all(sent.slice(n, n + 50).map((text) => post(ada, channel, text)));
  }
  const all = await read(ada, channel, '?limit=200');
  t.equal(all.length, 151);
  for (const limit of [1, 7, 50, 200]) {
    const back: string[] = [];
    for (let before = ''; ; ) {
      const page = await read(ada, channel, `?limit=${limit}${before}`);
      back.push(...page.map(({ id }) => id));
      const last = page.at(-1);
      if (last === undefined) break;
      const forms = [last.created_at, last.createdAt, new Date(last.createdAt).toISOString()];
      before = `&before=${encodeURIComponent(String(forms[back.length % 3]))}`;
    }
    t.strictSame(
      back,
      all.map(({ id }) => id),
      `back by ${limit}`,
    );
    const forth: string[] = [];
    for (let after = 0; ; ) {
      const page = await read(ada, channel, `?limit=${limit}&after=${after}`);
      forth.unshift(...page.map(({ id }) => id));
      if (page[0] === undefined) break;
      after = page[0].created_at;
    }
    t.strictSame(
      forth,
      all.map(({ id }) => id),
      `forth by ${limit}`,
    );
  }
  t.strictSame(await read(ada, channel, '?limit=0'), []);
  t.equal((await read(ada, channel)).length, 50);
  t.equal((await read(ada, channel, '?limit=many')).length, 151);
  t.equal((await ask(ada, 'GET', `/channels/${channel}/messages?before=yesterday`)).status, 400);
  t.equal((await ask(ada, 'GET', `/central-channels/${channel}/messages`)).status, 200);
  t.equal((await ask(ada, 'GET', '/channels/harbour/messages')).body.error, 'Invalid channelId');
});

t.test('what agents submit is stored with what they say beside it, and once', async (t) => {
  const channel = await harbour();
  const messageId = randomUUID();
  const body = {
    ...{ channel_id: channel, message_server_id: nil, author_id: iris.id, content: 'The ship is in.' },
    ...{ source_type: 'agent_response', raw_message: { text: 'The ship is in.', thought: 'hm' }, messageId },
  };
  for (const path of ['/submit', '/action']) {
    const { status, body: answer } = await ask(iris, 'POST', path, body);
    t.match([status, answer], [201, { success: true, data: { id: messageId, authorId: iris.id } }], path);
    t.strictSame(answer.data.rawMessage, body.raw_message);
  }
  t.equal((await texts(ada, channel)).length, 2);
  const missing = /^Missing required fields: channel_id, message_server_id/;
  const cases: readonly (readonly [object, number, string | RegExp])[] = [
    [{ raw_message: '' }, 400, missing],
    [{ source_type: '' }, 400, missing],
    [{ channel_id: 'x' }, 400, missing],
    [{ in_reply_to_message_id: 'x' }, 400, 'Invalid in_reply_to_message_id format'],
    [{ messageId: 'x' }, 400, 'Invalid messageId format'],
    [{ channel_id: randomUUID() }, 404, 'Channel not found'],
    [{ author_id: ada.id }, 403, 'The author must be the caller.'],
  ];
  for (const [fields, status, error] of cases) {
    const answer = await ask(iris, 'POST', '/submit', { ...body, ...fields });
    t.match([answer.status, answer.body.error], [status, error], JSON.stringify(fields));
  }
  const short = { agentId: iris.id, channelId: channel, content: 'as the official client' };
  t.match((await ask(hook, 'POST', '/submit', short)).body.data, { sourceType: 'agent_response' });
  const changed = await ask(iris, 'PATCH', `/action/${messageId}`, {
    ...{ content: 'It is out.', raw_message: { actions: ['SAIL'] }, source_type: 'agent_action' },
  });
  t.match([changed.status, changed.body.data], [200, { id: messageId, content: 'It is out.' }]);
  const shown = (await ask(hook, 'GET', `/messages/${messageId}`)).body.data;
  t.match(shown, {
    sourceType: 'agent_action',
    rawMessage: { actions: ['SAIL'] },
    metadata: { actions: ['SAIL'] },
  });
  t.equal((await ask(ada, 'PATCH', `/messages/${messageId}`, { content: 'mine' })).status, 403);
  t.equal((await ask(hook, 'PATCH', `/messages/${messageId}`, { content: 'by its service' })).status, 200);
  t.equal((await ask(ben, 'GET', `/messages/${messageId}`)).status, 404);
  t.equal((await ask(stranger, 'PATCH', `/action/${messageId}`, { content: 'x' })).status, 404);
  t.match((await ask(ada, 'PATCH', '/action/x', {})).body, { error: 'Invalid message id' });
  t.equal((await ask(iris, 'POST', '/complete', { channel_id: channel, server_id: nil })).status, 200);
  t.equal((await ask(ben, 'POST', '/complete', { channel_id: channel })).status, 404);
  t.equal((await ask(iris, 'POST', '/complete', {})).status, 400);
});

t.test('messages of other messengers come into channels of their own, each once', async (t) => {
  const one = {
    ...{ channel_id: randomUUID(), message_server_id: nil, author_id: randomUUID(), content: 'ahoy' },
    ...{ source_id: 'discord-77', source_type: 'discord', author_display_name: 'Ann' },
  };
  for (const path of ['/ingest-external', '/ingest', '/external']) {
    const { status, body } = await ask(hook, 'POST', path, one);
    t.match([status, body], [202, { success: true, data: { messageId: /./, processed: 1 } }], path);
  }
  t.strictSame(await texts(hook, one.channel_id), ['ahoy']);
  for (const fields of [{ content: '' }, { author_id: '' }, { channel_id: 7 }, { messages: [] }]) {
    const { status, body } = await ask(hook, 'POST', '/ingest-external', { ...one, ...fields });
    t.strictSame([status, body.error], [400, 'Invalid external message payload'], JSON.stringify(fields));
  }
  const messages = ['1', '2'].map((id) => ({ id, authorId: 'ann#7', content: `number ${id}`, timestamp: 1 }));
  const several = { platform: 'discord', channelId: 'general', messages };
  for (const times of ['once', 'again']) {
    const { status, body } = await ask(hook, 'POST', '/ingest-external', several);
    t.match([status, body.data.processed], [202, 2], times);
    const { channelId } = (await ask(hook, 'GET', `/messages/${body.data.messageId}`)).body.data;
    t.strictSame(await texts(hook, channelId), ['number 2', 'number 1']);
  }
  t.equal((await ask(ben, 'POST', '/ingest-external', several)).status, 403);
});
