/** Everything that a client should not send: it is answered or closed as the contract says, and nothing is stored. */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import t, { type Test } from 'tap';
import { WebSocket } from 'ws';
import { signUp } from '../kit/clients/accounts.ts';
import { call } from '../kit/clients/http-client.ts';
import { NativeClient } from '../kit/clients/native-client.ts';
import { startNats } from '../kit/servers/nats.ts';
import { startNodeProcess } from '../kit/servers/node.ts';
import { startPostgres } from '../kit/servers/postgres.ts';

t.setTimeout(120_000);
const servers = { nats: await startNats(t), database: await startPostgres(t) };
const node = await startNodeProcess({ ...servers, env: { PARLEY_CORS_ORIGINS: 'https://good.example' } }, t);
const [ann, eve] = [await signUp(node), await signUp(node, 'eve')];
const socketUrl = `${node.url.replace(/^http/, 'ws')}/v1/socket`;

const first = await NativeClient.connect(node, ann.token);
const made = await first.ask('create', { type: 'group', participants: [] });
const id: string = made['conversation'].id;
const posted = await first.ask('post', { conversation: id, content: 'the only one' });
const message: string = posted['message_id'];
await first.close();

async function nothingWasStored(t: Test): Promise<void> {
  const reader = await NativeClient.connect(node, ann.token);
  const opened = await reader.ask('open', { conversation: id, after: 0 });
  t.match(opened, { ok: true, conversations: [{ position: 2 }] });
  t.equal((await call(node, 'GET', '/healthz')).status, 200);
  await reader.close();
}
const post = (fields: object): object => ({ op: 'post', conversation: id, content: 'x', ...fields });
const deep = (depth: number): string => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;

/** Frame (text as it is, or fields) -> the code of the problem. */
const badFrames: readonly (readonly [string, string | object, string])[] = [
  ['no JSON', 'post', 'invalid_request'],
  ['half a JSON', '{"op":"post"', 'invalid_request'],
  ['an empty frame', '', 'invalid_request'],
  ['a list', '[{"op":"ping"}]', 'invalid_request'],
  ['a text', '"ping"', 'invalid_request'],
  ['null', 'null', 'invalid_request'],
  ['no op', {}, 'invalid_request'],
  ['an op that is no text', { op: 7 }, 'invalid_request'],
  ['an unknown op', { op: 'drop' }, 'unknown_op'],
  ['an op of the prototype', { op: 'constructor' }, 'unknown_op'],
  ['an id that is no text', { op: 'ping', id: 7 }, 'invalid_request'],
  ['an id that is too long', { op: 'ping', id: 'x'.repeat(65) }, 'invalid_request'],
  [
    'deep nesting',
    `{"op":"post","conversation":"${id}","content":"x","metadata":${deep(5_000)}}`,
    'invalid_request',
  ],
  ['a NUL', post({ content: 'a\u0000b' }), 'invalid_request'],
  ['a NUL in a key', post({ metadata: { 'a\u0000b': 1 } }), 'invalid_request'],
  ['half a surrogate pair', `{"op":"post","conversation":"${id}","content":"\\ud800"}`, 'invalid_request'],
  ['a content that is no text', post({ content: { text: 'x' } }), 'invalid_request'],
  ['no content', { op: 'post', conversation: id }, 'invalid_request'],
  ['no conversation', { op: 'post', content: 'x' }, 'invalid_request'],
  ['a list for a conversation', post({ conversation: [id] }), 'invalid_request'],
  ['a message id that is no UUID', post({ message_id: 'x' }), 'invalid_request'],
  ['an unknown priority', post({ priority: 'urgent' }), 'invalid_request'],
  ['a client id that is too long', post({ client_id: 'x'.repeat(129) }), 'invalid_request'],
  ['an empty client id', post({ client_id: '' }), 'invalid_request'],
  ['metadata that is a list', post({ metadata: [] }), 'invalid_request'],
  ['a reply to what is not there', post({ reply_to: randomUUID() }), 'invalid_request'],
  [
    'a control event that does not exist',
    { op: 'control', conversation: id, event: 'stream.stop' },
    'invalid_request',
  ],
  [
    'a priority event without one',
    { op: 'control', conversation: id, event: 'stream.priority' },
    'invalid_request',
  ],
  [
    'an emoji of a page',
    { op: 'react', conversation: id, message, emoji: 'x'.repeat(65) },
    'invalid_request',
  ],
  ['a page of nothing', { op: 'history', conversation: id, limit: 0 }, 'invalid_request'],
  ['a page of everything', { op: 'history', conversation: id, limit: 201 }, 'invalid_request'],
  ['a seq below zero', { op: 'history', conversation: id, before: -1 }, 'invalid_request'],
  ['a seq between two', { op: 'read', conversation: id, up_to: 1.5 }, 'invalid_request'],
  ['too many to open', { op: 'open', conversations: Array(501).fill(id) }, 'invalid_request'],
  ['nothing to open', { op: 'open' }, 'invalid_request'],
  ['a cursor of nonsense', { op: 'open', conversation: id, after: 'yesterday' }, 'invalid_request'],
  [
    'a delta below zero',
    { op: 'delta', conversation: id, message_id: message, run: 'r', index: -1, text: 'x' },
    'invalid_request',
  ],
  ['an unknown kind of conversation', { op: 'create', type: 'secret' }, 'invalid_request'],
];

/** Well-formed frames that are refused: they do not count as bad ones. */
const refusedFrames: readonly (readonly [string, object, string])[] = [
  ['a text over 256 KiB', post({ content: 'x'.repeat(262_145) }), 'too_large'],
  ['a text over 256 KiB in bytes alone', post({ content: 'ü'.repeat(131_073) }), 'too_large'],
  ['metadata over 16 KiB', post({ metadata: { a: 'x'.repeat(16_385) } }), 'too_large'],
  [
    'a delta over 16 KiB',
    { op: 'delta', conversation: id, message_id: randomUUID(), run: 'r', index: 0, text: 'x'.repeat(16_385) },
    'too_large',
  ],
  ['a conversation that is not there', post({ conversation: randomUUID() }), 'not_found'],
  ['a conversation with a strange name', post({ conversation: '../*.>' }), 'not_found'],
  [
    'a message that is not there',
    { op: 'edit', conversation: id, message: randomUUID(), content: 'x' },
    'not_found',
  ],
  ['a message with a strange name', { op: 'delete', conversation: id, message: "' or 1=1 --" }, 'not_found'],
  [
    'a participant that is not there',
    { op: 'participants.remove', conversation: id, participant: 'nobody' },
    'not_found',
  ],
  [
    'the last owner leaving',
    { op: 'participants.remove', conversation: id, participant: ann.id },
    'conflict',
  ],
  [
    'a delta in the middle of nothing',
    { op: 'delta', conversation: id, message_id: randomUUID(), run: 'r', index: 3, text: 'x' },
    'index_gap',
  ],
  ['a message id that is taken', post({ message_id: message, content: 'other' }), 'conflict'],
];

async function answerTo(client: NativeClient, frame: string | object): Promise<string> {
  const before = client.frames.length;
  client.socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame));
  const answer = await client.find((one) => client.frames.indexOf(one) >= before && one['ok'] === false);
  return answer['problem'].code;
}

t.test('each bad frame is answered with a problem', async (t) => {
  for (let start = 0; start < badFrames.length; start += 15) {
    const client = await NativeClient.connect(node, ann.token);
    for (const [name, frame, code] of badFrames.slice(start, start + 15))
      t.equal(await answerTo(client, frame), code, name);
    t.match(await client.ask('ping'), { ok: true }, 'and the socket lives');
    await client.close();
  }
  await nothingWasStored(t);
});

t.test('each frame that asks for too much is answered, however many there are', async (t) => {
  const client = await NativeClient.connect(node, ann.token);
  for (let round = 0; round < 3; round += 1)
    for (const [name, frame, code] of refusedFrames) t.equal(await answerTo(client, frame), code, name);
  t.match(await client.ask('ping'), { ok: true });
  await client.close();
  await nothingWasStored(t);
});

t.test('what belongs to another tenant is not found, whatever is asked of it', async (t) => {
  const client = await NativeClient.connect(node, eve.token);
  const asked: readonly (readonly [string, object])[] = [
    ['post', { content: 'x' }],
    ['edit', { message, content: 'x' }],
    ['delete', { message }],
    ['react', { message, emoji: '👍' }],
    ['control', { event: 'stream.pause' }],
    ['history', {}],
    ['read', { up_to: 1 }],
    ['participants.add', { participant: eve.id }],
    ['participants.remove', { participant: ann.id }],
    ['participants.role', { participant: ann.id, role: 'member' }],
  ];
  for (const [op, fields] of asked) {
    const [foreign, unknown] = [
      await client.ask(op, { conversation: id, ...fields }),
      await client.ask(op, { conversation: randomUUID(), ...fields }),
    ];
    t.match(foreign, { ok: false, problem: { code: 'not_found' } }, op);
    t.same(foreign['problem'], unknown['problem'], 'in the same words');
  }
  const opened = await client.ask('open', { conversations: [id, randomUUID()] });
  t.match(opened, { ok: true, conversations: [], refused: [{ code: 'not_found' }, { code: 'not_found' }] });
  await client.close();
  await nothingWasStored(t);
});

t.test('what a page of the prototype says is only data', async (t) => {
  const client = await NativeClient.connect(node, ann.token);
  const other = (await client.ask('create', { type: 'group' }))['conversation'].id;
  const frame = `{"op":"post","id":"p","conversation":"${other}","content":"x","metadata":{"__proto__":{"admin":true}}}`;
  client.socket.send(frame);
  t.match(await client.find((one) => one['re'] === 'p'), { ok: true });
  t.match(await client.ask('ping'), { ok: true });
  await client.close();
});

t.test('more than 20 bad frames in a minute end the socket with 1008', async (t) => {
  const client = await NativeClient.connect(node, ann.token);
  for (let n = 0; n < 21; n += 1) client.socket.send('bad');
  t.equal((await client.closed).code, 1008);
  t.equal(client.frames.filter((frame) => frame['ok'] === false).length, 21, 'each was answered');
  t.match(client.frames.at(-1), { bye: { code: 1008 } });
});

async function codeAfter(frame: string | Buffer, isBinary = false): Promise<number> {
  const client = await NativeClient.connect(node, ann.token);
  client.socket.send(frame, { binary: isBinary });
  return (await client.closed).code;
}

t.test('frames that end the socket', async (t) => {
  t.equal(await codeAfter(Buffer.from('{"op":"ping"}'), true), 1003, 'binary');
  const large = JSON.stringify(post({ metadata: { a: 'x'.repeat(524_288) } }));
  t.equal(await codeAfter(large), 1009, 'over 512 KiB');
  const huge = JSON.stringify(post({ metadata: { a: 'x'.repeat(3_000_000) } }));
  t.ok([1006, 1009].includes(await codeAfter(huge)), 'over what the transport takes');
  t.ok([1006, 1007].includes(await codeAfter(Buffer.from([0x7b, 0x22, 0xc3, 0x28, 0x22, 0x7d]))), 'no UTF-8');
  await nothingWasStored(t);
});

/** The status of a refused handshake, or the socket. */
async function handshake(
  headers: Record<string, string>,
  { protocols = ['parley.v1'], query = '' }: { protocols?: string[]; query?: string } = {},
): Promise<number | WebSocket> {
  const socket = new WebSocket(`${socketUrl}${query}`, protocols, { headers });
  socket.on('error', () => undefined);
  const refused = once(socket, 'unexpected-response').then(([, response]) => response.statusCode as number);
  return await Promise.race([refused, once(socket, 'open').then(() => socket)]);
}

t.test('who shows wrong credentials gets no socket', async (t) => {
  const bearer = { authorization: `Bearer ${ann.token}` };
  t.equal(await handshake({ authorization: 'Bearer nonsense' }), 401);
  t.equal(await handshake({ 'x-api-key': 'nonsense' }), 401);
  t.equal(await handshake({}, { query: '?token=nonsense' }), 401);
  t.equal(await handshake({}, { protocols: ['parley.v1', 'bearer.nonsense'] }), 401);
  t.equal(await handshake({ ...bearer, origin: 'https://evil.example' }), 403);
  for (const open of [
    await handshake({ ...bearer, origin: 'https://good.example' }),
    await handshake({ ...bearer, origin: node.url }),
    await handshake({}, { protocols: ['parley.v1', `bearer.${ann.token}`] }),
    await handshake({}, { query: `?token=${ann.token}` }),
  ]) {
    t.ok(open instanceof WebSocket);
    if (!(open instanceof WebSocket)) continue;
    t.equal(open.protocol === '' || open.protocol === 'parley.v1', true);
    open.close();
  }
});

async function anonymous(): Promise<NativeClient> {
  const socket = new WebSocket(socketUrl, 'parley.v1');
  const client = new NativeClient(socket);
  await once(socket, 'open');
  return client;
}

t.test('who says nothing for five seconds is sent away with 4401', async (t) => {
  const startedMs = performance.now();
  const silent = await anonymous();
  t.equal((await silent.closed).code, 4401);
  const seconds = (performance.now() - startedMs) / 1000;
  t.ok(seconds > 4.5 && seconds < 30, `${seconds} s`);
});

t.test('the first frame must be a hello that proves who it is', async (t) => {
  for (const frame of [
    { op: 'ping', id: 'x' },
    { op: 'hello', id: 'x' },
    { op: 'hello', id: 'x', token: 'nonsense' },
    post({ id: 'x' }),
  ]) {
    const client = await anonymous();
    client.send(frame);
    t.match(await client.find((one) => one['re'] === 'x'), {
      ok: false,
      problem: { code: 'unauthenticated' },
    });
    t.equal((await client.closed).code, 4401);
  }
  const client = await anonymous();
  t.match(await client.ask('hello', { token: ann.token }), { ok: true, principal: { id: ann.id } });
  t.match(await client.ask('hello', { token: eve.token }), { ok: false, problem: { code: 'forbidden' } });
  t.match(await client.ask('post', { conversation: randomUUID(), content: 'x' }), {
    problem: { code: 'not_found' },
  });
  await client.close();
  await nothingWasStored(t);
});
