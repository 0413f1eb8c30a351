/** How clients hear the answer of an agent: with the reply, as it is spoken, or by their sockets. */
import { randomUUID } from 'node:crypto';
import t from 'tap';
import { replyBy } from '../../../src/dialects/eliza/messaging/messages/heard-answer.ts';
import { Problem } from '../../../src/domain/problem.ts';
import { call } from '../../kit/clients/http-client.ts';
import { until } from '../../kit/log-entries.ts';
import { SteppedModel } from '../../kit/memory/stepped-model.ts';
import { startNats } from '../../kit/servers/nats.ts';
import { startNode } from '../../kit/servers/node.ts';
import { startPostgres } from '../../kit/servers/postgres.ts';
import { clientOf, eliza, key, person } from './client/official-client.ts';

t.setTimeout(180_000);

const agentModel = new SteppedModel();
const servers = {
  ...{ nats: await startNats(t), database: await startPostgres(t), agentModel },
  env: { ELIZA_SERVER_AUTH_TOKEN: key },
};
// The agent may speak on either of them.
const [node, other] = [await startNode(servers, t), await startNode(servers, t)];
const user = person(1);

async function begin(): Promise<{ sessionId: string; channelId: string }> {
  const body = { agentId: eliza, userId: user };
  return (await call(node, 'POST', '/api/messaging/sessions', { token: key, body })).body;
}

const post = (at: { url: string }, path: string, body: object) =>
  call(at, 'POST', `/api/messaging${path}`, { token: key, body });

async function answer(prompt: string, ...words: string[]): Promise<void> {
  const asked = await agentModel.askedAbout(prompt);
  asked.say(...words);
  asked.end();
}

/** Server-sent events as they come. */
async function stream(path: string, body: object, signal?: AbortSignal) {
  const response = await fetch(`${node.url}/api/messaging${path}`, {
    ...{ method: 'POST', body: JSON.stringify(body) },
    headers: { 'content-type': 'application/json', 'x-api-key': key },
    ...(signal === undefined ? {} : { signal }),
  });
  let text = '';
  const events = (): { event: string; data: Record<string, unknown> }[] =>
    text
      .split('\n\n')
      .slice(0, -1)
      .map((block) => {
        const [event = '', data = ''] = block.split('\n');
        return { event: event.slice('event: '.length), data: JSON.parse(data.slice('data: '.length)) };
      });
  const read = async (): Promise<void> => {
    const decoder = new TextDecoder();
    for await (const piece of response.body ?? [])
      text += decoder.decode(piece as Uint8Array, { stream: true });
  };
  return { response, events, over: read() };
}

const history = async (sessionId: string): Promise<string[]> => {
  const { body } = await call(other, 'GET', `/api/messaging/sessions/${sessionId}/messages`, { token: key });
  return body.messages.map(({ content }: { content: string }) => content);
};

t.test('with `http` the answer comes with the reply, and is a message of the channel', async (t) => {
  const { sessionId } = await begin();
  const sending = post(node, `/sessions/${sessionId}/messages`, { content: 'a question', transport: 'http' });
  await answer('a question', 'an ', 'answer');
  const { status, body } = await sending;
  t.equal(status, 201);
  const { userMessage, agentResponse, sessionStatus } = body;
  t.match(agentResponse, { text: 'an answer', agentId: eliza, inReplyTo: userMessage.id, providers: [] });
  t.strictSame(body.data, { success: true, userMessage, agentResponse, sessionStatus });
  t.strictSame(await history(sessionId), ['an answer', 'a question']);
});

t.test('sent again with its id it is answered with what was said', async (t) => {
  const { channelId } = await begin();
  const message = { content: 'once?', author_id: user, messageId: randomUUID(), mode: 'sync' };
  const sending = post(node, `/channels/${channelId}/messages`, message);
  await answer('once?', 'once');
  const [first, again] = [await sending, await post(other, `/channels/${channelId}/messages`, message)];
  t.match([first.status, first.body], [201, { agentResponse: { text: 'once' } }]);
  t.strictSame([again.status, again.body], [201, first.body]);
  t.equal(agentModel.about('once?').length, 1);
});

t.test('with `sse` it comes as it is spoken', async (t) => {
  const { sessionId } = await begin();
  const { response, events, over } = await stream(`/sessions/${sessionId}/messages`, {
    ...{ content: 'slowly', transport: 'sse' },
  });
  t.equal(response.status, 200);
  t.match(response.headers.get('content-type'), /^text\/event-stream/);
  await until(() => events().length === 1);
  t.match(events()[0], { event: 'user_message', data: { content: 'slowly', author_id: user } });
  const asked = await agentModel.askedAbout('slowly');
  asked.say('twelve ');
  await until(() => events().length === 2);
  asked.say('fathoms');
  await until(() => events().length === 3);
  asked.end();
  await over;
  const [said, first, second, done, ...more] = events();
  t.match(first, { event: 'chunk', data: { chunk: 'twelve ', text: 'twelve ', index: 0, type: 'chunk' } });
  t.match(second, {
    event: 'chunk',
    data: { chunk: 'fathoms', index: 1, messageId: first?.data['messageId'] },
  });
  t.match(done, {
    event: 'done',
    data: {
      ...{ text: 'twelve fathoms', type: 'complete', responseId: first?.data['messageId'] },
      inReplyTo: said?.data['id'],
    },
  });
  t.strictSame(more, []);
  t.strictSame(await history(sessionId), ['twelve fathoms', 'slowly']);
});

t.test('a model that fails is told; the message stays', async (t) => {
  const { sessionId, channelId } = await begin();
  const failing = async (prompt: string) => {
    for (let times = 1; times <= 3; times += 1) (await agentModel.askedAbout(prompt, times)).fail();
  };
  const { events, over } = await stream(`/channels/${channelId}/messages`, {
    ...{ content: 'fail', author_id: user, mode: 'stream' },
  });
  await failing('fail');
  await over;
  t.match(events().at(-1), { event: 'error', data: { error: String, type: 'error' } });
  const sending = post(node, `/sessions/${sessionId}/messages`, { content: 'fail again', transport: 'http' });
  await failing('fail again');
  const { status, body } = await sending;
  t.match([status, body.error], [503, { code: 'MESSAGE_SEND_FAILED', message: /HTTP transport/ }]);
  t.strictSame(await history(sessionId), ['fail again', 'fail']);
});

t.test('who does not listen any more does not keep the agent from answering', async (t) => {
  const { sessionId } = await begin();
  const leaving = new AbortController();
  const { events, over } = await stream(
    `/sessions/${sessionId}/messages`,
    { content: 'still there?', transport: 'sse' },
    leaving.signal,
  );
  await until(() => events().length === 1);
  leaving.abort();
  await t.rejects(over);
  await answer('still there?', 'yes');
  await until(async () => (await history(sessionId)).length === 2, 30_000);
  t.strictSame(await history(sessionId), ['yes', 'still there?']);
});

t.test('the official client waits for an answer', async (t) => {
  const { sessions } = clientOf(node.url, key);
  const { sessionId } = await begin();
  const sending = sessions.sendMessageSync(sessionId, { content: 'and you?' });
  await answer('and you?', 'me, too');
  t.match(await sending, { success: true, agentResponse: { text: 'me, too' } });
});

t.test('who waits is told at once that the agent was stopped meanwhile', async (t) => {
  const made = await call(node, 'POST', '/api/agents', { token: key, body: { agent: { name: 'Halted' } } });
  const { id: agentId } = made.body.data;
  const path = `/api/agents/${agentId}`;
  t.equal((await call(node, 'POST', `${path}/start`, { token: key })).status, 200);
  const { sessionId } = (await post(node, '/sessions', { agentId, userId: user })).body;
  const said = { content: 'will you finish?', transport: 'http' };
  const sending = post(node, `/sessions/${sessionId}/messages`, said);
  await agentModel.askedAbout('will you finish?');
  t.equal((await call(node, 'POST', `${path}/stop`, { token: key })).status, 200);
  const { status, body } = await sending;
  t.match([status, body.error], [503, { code: 'MESSAGE_SEND_FAILED', message: /HTTP transport/ }]);
  t.strictSame(await history(sessionId), ['will you finish?']);
});

t.test('nobody waits for a client that went away', async (t) => {
  const leaving = new AbortController();
  const heard: (AbortSignal | undefined)[] = [];
  const deps = {
    agents: { characterOf: async () => null },
    ids: { next: randomUUID },
    answers: {
      expect: async (_: unknown, { signal }: { readonly signal?: AbortSignal }) => {
        heard.push(signal);
        return new Problem('overloaded');
      },
    },
  };
  const place = {
    author: { id: user },
    agent: eliza,
    ref: {},
    state: { participants: new Map([[user, {}]]) },
  };
  const saying = { place, message: {}, said: {}, client: { gone: leaving.signal } };
  for (const transport of ['http', 'sse'] as const) {
    t.match(await replyBy(deps as never, transport, saying as never), { code: 'overloaded' });
  }
  t.strictSame(heard, [leaving.signal, undefined], 'a stream ends its wait by itself');
});

t.test('an agent that was stopped is not waited for, and the message is not stored', async (t) => {
  const made = await call(node, 'POST', '/api/agents', { token: key, body: { agent: { name: 'Stopped' } } });
  const { id: agentId } = made.body.data;
  const path = `/api/agents/${agentId}`;
  t.equal((await call(node, 'POST', `${path}/start`, { token: key })).status, 200);
  const begun = await post(node, '/sessions', { agentId, userId: user });
  const { sessionId, channelId } = begun.body;
  t.equal((await call(node, 'POST', `${path}/stop`, { token: key })).status, 200);
  for (const transport of ['http', 'sse']) {
    const said = { content: 'are you there?', author_id: user, transport };
    const inChannel = await post(node, `/channels/${channelId}/messages`, said);
    t.strictSame([inChannel.status, inChannel.body.error], [404, `Agent ${agentId} is not running`]);
    const inSession = await post(node, `/sessions/${sessionId}/messages`, said);
    t.match(
      [inSession.status, inSession.body.error],
      [404, { code: 'AGENT_NOT_FOUND', details: { agentId } }],
    );
  }
  t.strictSame(await history(sessionId), []);
  t.equal((await call(node, 'POST', `${path}/start`, { token: key })).status, 200);
  const sending = post(node, `/sessions/${sessionId}/messages`, { content: 'and now?', transport: 'http' });
  await answer('and now?', 'yes');
  t.match(await sending, { status: 201, body: { agentResponse: { text: 'yes' } } });
});
