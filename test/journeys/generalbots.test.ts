/** Stories of General Bots: the sample of its documents, the bot that answers, one conversation in every API. */
import { createContext, runInContext } from 'node:vm';
import t from 'tap';
import { WebSocket } from 'ws';
import { signUp } from '../kit/clients/accounts.ts';
import { BotClient } from '../kit/clients/bot-client.ts';
import { call } from '../kit/clients/http-client.ts';
import { NativeClient } from '../kit/clients/native-client.ts';
import { until } from '../kit/log-entries.ts';
import { startNats } from '../kit/servers/nats.ts';
import { startNode } from '../kit/servers/node.ts';
import { startPostgres } from '../kit/servers/postgres.ts';

t.setTimeout(180_000);
const servers = { nats: await startNats(t), database: await startPostgres(t) };
const node = await startNode(servers, t);
const other = await startNode(servers, t);

/** As it stands in the documents, pasted part by part: only the address is another. */
const sample = {
  connect: `// Connect
ws = new WebSocket('ws://localhost:8080/ws');`,
  send: `// Send message
ws.send(JSON.stringify({ type: 'message', content: 'Hello', session_id: 'session-123' }));`,
  receive: `// Receive response
ws.onmessage = (event) => { const response = JSON.parse(event.data); console.log(response.content); };`,
};

t.test('the sample of the documents prints an answer', async (t) => {
  const printed: unknown[] = [];
  const scope: Record<string, unknown> = {
    WebSocket,
    JSON,
    console: { log: (text: unknown) => printed.push(text) },
  };
  const context = createContext(scope);
  runInContext(sample.connect.replace('ws://localhost:8080', node.url.replace(/^http/, 'ws')), context);
  const socket = scope['ws'] as WebSocket;
  t.teardown(() => socket.terminate());
  await until(async () => socket.readyState === WebSocket.OPEN);
  runInContext(sample.send, context);
  runInContext(sample.receive, context);
  await until(async () => printed.some((text) => typeof text === 'string' && text !== ''));
  const texts = printed.filter((text) => text !== undefined);
  t.equal(texts.length, 1, 'the whole answer, once, and no echo');
  t.type(texts[0], 'string');
});

t.test('the default bot answers a guest over HTTP, and a person in pieces, on another node', async (t) => {
  const begun = await call(node, 'POST', '/conversations/start', {
    body: { bot_id: 'default', initial_message: 'Hello' },
  });
  t.equal(begun.status, 201);
  const history = () =>
    call(other, 'GET', `/conversations/${begun.body.conversation_id}/history`, {
      token: begun.body.access_token,
    });
  await until(async () => (await history()).body.messages.length === 2);
  const [asked, answer] = (await history()).body.messages;
  t.match(asked, { sender: 'user', content: 'Hello' });
  t.match(answer, { sender: 'bot', content: /./, message_type: 2 });

  const ada = await signUp(node, 'ada');
  const client = await BotClient.connect(other, `/ws?stream=1&token=${ada.token}`);
  t.teardown(() => client.socket.terminate());
  await client.say('Tell me something about harbours');
  const end = await client.find(({ sender, is_complete }) => sender === 'bot' && is_complete === true);
  const pieces = client.messages.filter(
    ({ sender, message_id: id }) => sender === 'bot' && id === end['message_id'],
  );
  t.equal(pieces.map(({ content }) => content).join(''), end['full_content'], 'the pieces are all of it');
  t.match(end['full_content'], /./);
});

t.test('a conversation is the same in every API', async (t) => {
  const ada = await signUp(node, 'ada');
  const begun = await call(node, 'POST', '/conversations/start', {
    token: ada.token,
    body: { bot_id: 'default', initial_message: 'one' },
  });
  const id: string = begun.body.conversation_id;
  const ask = (path: string) => call(other, 'GET', path, { token: ada.token });
  const said = async (): Promise<string[]> =>
    (await ask(`/conversations/${id}/history`)).body.messages.map((one: { content: string }) => one.content);
  await until(async () => (await said()).length === 2);
  const symbia = await call(node, 'POST', `/api/conversations/${id}/messages`, {
    token: ada.token,
    body: { content: 'two' },
  });
  t.equal(symbia.status, 201);
  await until(async () => (await said()).length === 4);
  const texts = await said();
  t.equal(texts[2], 'two');
  const inSymbia = await ask(`/api/conversations/${id}/messages`);
  t.same(
    (inSymbia.body.messages ?? inSymbia.body).map((one: { content: string }) => one.content),
    texts,
  );
  const inVero = await ask(`/v1/chat/conversations/${id}/messages`);
  t.same(
    inVero.body.messages.map((one: { content_text: string }) => one.content_text),
    texts,
  );
  const inV2 = await ask(`/api/v2/conversations/${id}/messages`);
  const page = inV2.body.messages ?? inV2.body;
  t.same(
    page.map((one: { body: string }) => one.body),
    texts,
  );
  const native = await NativeClient.connect(other, ada.token);
  t.teardown(() => native.socket.terminate());
  const { events } = await native.ask('history', { conversation: id });
  const inNative = events.map((one: { data: { content: string } }) => one.data.content);
  t.same(inNative, texts);
  for (const answer of [inSymbia, inVero, inV2])
    t.notOk(
      JSON.stringify(answer.body).includes(begun.body.session_id),
      'the session is told to nobody else',
    );
});
