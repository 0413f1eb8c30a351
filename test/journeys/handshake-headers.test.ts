/** The headers of common.md in the handshake of a native socket. */
import { once } from 'node:events';
import pg from 'pg';
import t from 'tap';
import { WebSocket } from 'ws';
import { signUp } from '../kit/clients/accounts.ts';
import { call } from '../kit/clients/http-client.ts';
import { NativeClient } from '../kit/clients/native-client.ts';
import { until } from '../kit/log-entries.ts';
import { startNats } from '../kit/servers/nats.ts';
import { startNode } from '../kit/servers/node.ts';
import { startPostgres } from '../kit/servers/postgres.ts';

t.setTimeout(120_000);

const [nats, database] = [await startNats(t), await startPostgres(t)];
const email = 'root@example.org';
const password = 'a long enough password';
const env = {
  PARLEY_MASTER_KEY: 'cd'.repeat(32),
  PARLEY_ADMIN_EMAIL: email,
  PARLEY_ADMIN_PASSWORD: password,
};
const node = await startNode({ nats, database, env }, t);
const ann = await signUp(node, 'ann');
const stranger = await signUp(node, 'sue');
const root: string = (await call(node, 'POST', '/auth/login', { body: { email, password } })).body
  .access_token;

type Headers = Readonly<Record<string, string>>;

async function create(headers: Headers = {}): Promise<string> {
  const body = { type: 'group', name: 'g' };
  return (await call(node, 'POST', '/api/conversations', { token: ann.token, headers, body })).body.id;
}

const dial = (headers: Headers): WebSocket =>
  new WebSocket(`${node.url.replace(/^http/, 'ws')}/v1/socket`, 'parley.v1', { headers });

/** What a handshake is answered with: 101 when it is let in. */
function statusOf(token: string | null, said: Headers): Promise<number> {
  const socket = dial(token === null ? said : { ...said, authorization: `Bearer ${token}` });
  return new Promise((resolve) => {
    socket.on('unexpected-response', (request, { statusCode }) => {
      request.destroy();
      resolve(statusCode ?? 0);
    });
    socket.on('open', () => {
      socket.terminate();
      resolve(101);
    });
    socket.on('error', () => undefined);
  });
}

t.test('a handshake that names another tenant opens no socket, not even for a super admin', async (t) => {
  for (const token of [ann.token, root]) t.equal(await statusOf(token, { 'X-Org-Id': stranger.tenant }), 403);
  t.equal(await statusOf(ann.token, { 'X-Org-Id': 'acme' }), 403);
  t.equal(await statusOf(ann.token, { 'X-Org-Id': ann.tenant.toUpperCase() }), 101);

  const late = dial({ 'X-Org-Id': stranger.tenant });
  await once(late, 'open');
  late.send(JSON.stringify({ op: 'hello', id: '1', token: ann.token }));
  const [answer] = await once(late, 'message');
  t.match(JSON.parse(String(answer)), { re: '1', ok: false, problem: { code: 'forbidden' } });
  t.equal((await once(late, 'close'))[0], 4401);
});

t.test('a header that is no value is refused with 400, once it is known who asks', async (t) => {
  for (const said of [
    { 'X-Env': 'test' },
    { 'X-Data-Class': 'public' },
    { 'X-Policy-Ref': 'x'.repeat(256) },
  ]) {
    t.equal(await statusOf(ann.token, said), 400, JSON.stringify(said));
    t.equal(await statusOf(null, said), 400, JSON.stringify(said));
    t.equal(await statusOf('nonsense', said), 401, JSON.stringify(said));
  }
});

t.test('a socket that names an environment sees that environment only', async (t) => {
  const [dev, prod] = [await create(), await create({ 'X-Env': 'prod' })];
  const socket = await NativeClient.connect(node, ann.token, { 'X-Env': 'prod' });
  t.match(await socket.ask('open', { conversations: [dev, prod] }), {
    conversations: [{ id: prod }],
    refused: [{ id: dev, code: 'not_found' }],
  });
  for (const [op, fields] of [
    ['post', { content: 'x' }],
    ['history', {}],
    ['control', { event: 'stream.resume' }],
  ] as const) {
    const answer = await socket.ask(op, { conversation: dev, ...fields });
    t.match(answer, { ok: false, problem: { code: 'not_found' } }, op);
  }
  t.match(await socket.ask('create', { type: 'group', name: 'made' }), { conversation: { env: 'prod' } });
  await socket.close();

  const follower = await NativeClient.connect(node, ann.token, { 'X-Env': 'prod' });
  await follower.ask('hello', { follow: 'all' });
  const added = await create({ 'X-Env': 'prod' });
  await follower.find(({ ev }) => ev?.conversation === added);
  for (const id of [dev, await create()])
    await call(node, 'POST', `/api/conversations/${id}/messages`, {
      token: ann.token,
      body: { content: 'elsewhere' },
    });
  const body = { content: 'after it' };
  await call(node, 'POST', `/api/conversations/${added}/messages`, { token: ann.token, body });
  await follower.find(({ ev }) => ev?.data?.content === 'after it');
  t.notOk(follower.frames.some(({ ev }) => ev?.data?.content === 'elsewhere'));
  t.notOk(JSON.stringify(follower.frames).includes(dev), 'not even its id');
  await follower.close();
});

t.test('data class and policy of a handshake hold for frames that say nothing else', async (t) => {
  const id = await create();
  const said = { 'X-Data-Class': 'secret', 'X-Policy-Ref': 'policy-9' };
  const socket = await NativeClient.connect(node, ann.token, said);
  await socket.ask('post', { conversation: id, content: 'one' });
  await socket.ask('post', { conversation: id, content: 'two', data_class: 'none', policy_ref: 'own' });
  const sql = new pg.Client({ connectionString: database.url });
  await sql.connect();
  t.teardown(() => sql.end());
  const query =
    'select data_class, policy_ref, content from messages where conversation_id = $1 order by seq';
  await until(async () => (await sql.query(query, [id])).rowCount === 2);
  t.same((await sql.query(query, [id])).rows, [
    { data_class: 'secret', policy_ref: 'policy-9', content: '' },
    { data_class: 'none', policy_ref: 'own', content: 'two' },
  ]);
  await socket.close();
});
