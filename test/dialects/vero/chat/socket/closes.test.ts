/** How a messaging socket ends: refused handshakes, hostile frames, revocation, shutdown. */
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import t from 'tap';
import { WebSocket } from 'ws';
import { signUpInto } from '../../../../kit/clients/accounts.ts';
import { call } from '../../../../kit/clients/http-client.ts';
import { MessagingClient, messagingToken } from '../../../../kit/clients/messaging-client.ts';
import { until } from '../../../../kit/log-entries.ts';
import { startNode } from '../../../../kit/servers/node.ts';
import { startChat } from '../stage.ts';

const stage = await startChat(t);
const { node, ann, bob, robot, ask } = stage;

/** The answer to a handshake that is refused. */
async function refusedHandshake(
  query: string,
  protocols: readonly string[] = [],
  headers: Readonly<Record<string, string>> = {},
) {
  const url = `${node.url.replace(/^http/, 'ws')}/v1/messaging/ws${query}`;
  const socket = new WebSocket(url, [...protocols], { headers });
  socket.on('error', () => undefined);
  const [, response] = await once(socket, 'unexpected-response');
  const body = JSON.parse(await text(response));
  socket.terminate();
  return { status: response.statusCode as number, headers: response.headers, body };
}

async function handshakeStatus(query: string, protocols: readonly string[] = []): Promise<number> {
  return (await refusedHandshake(query, protocols)).status;
}

async function closeOf(send: (client: MessagingClient) => unknown): Promise<number> {
  const client = await MessagingClient.connect(node, ann.token);
  await send(client);
  return (await client.closed).code;
}

async function anonymous(): Promise<MessagingClient> {
  const client = new MessagingClient(node);
  await once(client.socket, 'open');
  return client;
}

t.test('a wrong token is 401 before the upgrade', async (t) => {
  t.equal(await handshakeStatus('?token=garbage'), 401);
  t.equal(await handshakeStatus('?token='), 401);
  t.equal(await handshakeStatus(`?token=${ann.token}`), 401, 'a token of requests');
  t.equal(await handshakeStatus(`?token=${robot.token}`), 401, 'an API key');
  t.equal(await handshakeStatus('', ['vero.v1', 'bearer.garbage']), 401);
});

t.test('a refused handshake says why, as every other answer of this API', async (t) => {
  const wrong = await refusedHandshake('?token=garbage', [], { 'x-request-id': 'r-1' });
  t.match(wrong.body, { error: { code: 'unauthorized', message: String }, request_id: 'r-1' });
  t.match(wrong.headers, { 'www-authenticate': 'Bearer', 'x-request-id': 'r-1' });
  const foreign = await refusedHandshake('', [], { origin: 'https://evil.example' });
  t.equal(foreign.status, 403);
  t.match(foreign.body, { error: { code: 'forbidden', message: String }, request_id: String });
  t.equal(foreign.headers['x-request-id'], foreign.body.request_id);
});

t.test('who does not say who it is ends with 4401', async (t) => {
  const silent = await anonymous();
  const early = await anonymous();
  early.send({ action: 'ping' });
  t.equal((await early.closed).code, 4401);
  t.match(early.frames, [{ type: 'error', code: 'unauthorized', payload: String }]);
  const wrong = await anonymous();
  wrong.send({ action: 'auth', token: ann.token });
  t.equal((await wrong.closed).code, 4401);
  t.match(wrong.frames, [{ type: 'error', code: 'unauthorized' }]);
  t.equal((await silent.closed).code, 4401, 'after 5 s');
});

t.test('hostile frames end the socket as the contract says', async (t) => {
  t.equal(await closeOf(({ socket }) => socket.send(Buffer.from('{}'), { binary: true })), 1003);
  t.match(
    await closeOf(({ socket }) => socket.send(Buffer.from([0x22, 0xff, 0x22]), { binary: false })),
    /^(1007|1006)$/,
  );
  t.equal(await closeOf(({ socket }) => socket.send('x'.repeat(65_537))), 1009);
  t.equal(await closeOf(({ socket }) => socket.send('x'.repeat(4 * 65_536))), 1009);
});

t.test('a bad frame is answered; twenty of them end the socket', async (t) => {
  const client = await MessagingClient.connect(node, ann.token);
  const bad = ['{', '[]', '7', 'null', '{}', '{"action":"dance"}', '{"action":7}', '{"action":"subscribe"}'];
  for (const text of bad) client.socket.send(text);
  await client.settled();
  const errors = client.frames.filter(({ type }) => type === 'error');
  t.same(
    errors.map(({ code, payload }) => `${code} ${typeof payload}`),
    bad.map((text) => `${text === '{' ? 'invalid_json' : 'invalid_request'} string`),
  );
  for (let sent = bad.length; sent < 20; sent += 1) client.socket.send('{');
  t.equal((await client.closed).code, 1008);
});

t.test('what a refused frame was about is told, also where its text is none', async (t) => {
  const client = await MessagingClient.connect(node, ann.token);
  const frames = [
    '{"action":"send","client_message_id":"m-1","content_text":"\\ud83d"}',
    '{"action":"send","client_message_id":"m-2","content_text":"\\u0000"}',
    `{"action":"read","ref":"m-3","x":${'['.repeat(40)}${']'.repeat(40)}}`,
  ];
  for (const text of [...frames, '{"action":"read","ref":"\\u0000"}', '"\\u0000"']) client.socket.send(text);
  await client.settled();
  const errors = client.frames.filter(({ type }) => type === 'error');
  t.same(
    errors.map(({ code, ref }) => [code, ref]),
    ['m-1', 'm-2', 'm-3', undefined, undefined].map((ref) => ['invalid_request', ref]),
  );
  await client.close();
});

t.test('too many frames are refused, and whoever goes on is ended', async (t) => {
  const strict = await startNode(
    { ...stage, env: { PARLEY_RATE_LIMIT: 'on', PARLEY_PUBLIC_URL: 'https://chat.example.org/' } },
    t,
  );
  const { body } = await call(strict, 'GET', '/v1/messaging/token', { token: bob.token });
  t.equal(body.ws_url, 'wss://chat.example.org/v1/messaging/ws');
  const client = await MessagingClient.connect(strict, bob.token);
  let isOver = false;
  void client.closed.then(() => {
    isOver = true;
  });
  // As often as it takes: what is granted comes back with time.
  await until(() => {
    for (let sent = 0; sent < 200 && !isOver; sent += 1) client.send({ action: 'ping', id: String(sent) });
    return isOver;
  });
  t.equal((await client.closed).code, 1008);
  t.match(await client.find(({ type }) => type === 'error'), {
    code: 'rate_limited',
    retry_after_ms: Number,
  });
});

t.test('a session that ends takes its sockets with it, a suspended account all of them', async (t) => {
  const carol = await signUpInto(node, ann, 'carol');
  const client = await MessagingClient.connect(node, carol.token);
  const unused = await messagingToken(node, carol.token);
  await ask(carol, 'POST /auth/logout', {});
  t.equal((await client.closed).code, 4401);
  t.equal(await handshakeStatus(`?token=${unused}`), 401);
  const dave = await signUpInto(node, ann, 'dave');
  const other = await MessagingClient.connect(node, dave.token);
  const token = await messagingToken(node, dave.token);
  await ask(ann, `PATCH /auth/users/${dave.id}`, { status: 'suspended' });
  t.equal((await other.closed).code, 4403);
  t.equal(await handshakeStatus(`?token=${token}`), 403);
});

t.test('a node that goes sends its sockets away with 1012', async (t) => {
  const going = await startNode(stage, t);
  const client = await MessagingClient.connect(going, ann.token);
  await Promise.all([going.close(), client.closed]);
  t.equal((await client.closed).code, 1012);
});
