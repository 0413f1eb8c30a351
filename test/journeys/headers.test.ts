/** The headers of common.md, row by row, on every door of a whole node. */
import pg from 'pg';
import t from 'tap';
import { type Account, makeService, signUp, signUpInto } from '../kit/clients/accounts.ts';
import { call } from '../kit/clients/http-client.ts';
import { NativeClient } from '../kit/clients/native-client.ts';
import { until } from '../kit/log-entries.ts';
import { startNats } from '../kit/servers/nats.ts';
import { startNode } from '../kit/servers/node.ts';
import { startPostgres } from '../kit/servers/postgres.ts';

t.setTimeout(120_000);

const [nats, database] = [await startNats(t), await startPostgres(t)];
const env = {
  PARLEY_MASTER_KEY: 'cd'.repeat(32),
  PARLEY_ADMIN_EMAIL: 'root@example.org',
  PARLEY_ADMIN_PASSWORD: 'a long enough password',
};
const node = await startNode({ nats, database, env }, t);
const ann = await signUp(node, 'ann');
const stranger = await signUp(node, 'sue');
const sql = new pg.Client({ connectionString: database.url });
await sql.connect();
t.teardown(() => sql.end());

type Headers = Readonly<Record<string, string>>;

const ask = (method: string, path: string, headers: Headers = {}, body?: unknown, token = ann.token) =>
  call(node, method, path, { token, headers, ...(body === undefined ? {} : { body }) });

async function create(headers: Headers = {}, others: readonly { id: string }[] = []): Promise<string> {
  const participants = others.map(({ id }) => ({ userId: id }));
  const made = await ask('POST', '/api/conversations', headers, { type: 'group', name: 'g', participants });
  if (made.status !== 201) throw new Error(`${made.status} ${JSON.stringify(made.body)}`);
  return made.body.id as string;
}

const rootToken = async (): Promise<string> => {
  const body = { email: env.PARLEY_ADMIN_EMAIL, password: env.PARLEY_ADMIN_PASSWORD };
  return (await call(node, 'POST', '/auth/login', { body })).body.access_token;
};

/** Answers of every REST door of a conversation to one caller. */
async function doors(id: string, headers: Headers, token: string): Promise<number[]> {
  const path = `/api/conversations/${id}`;
  const answers = [
    await ask('GET', path, headers, undefined, token),
    await ask('GET', `${path}/messages`, headers, undefined, token),
    await ask('POST', `${path}/messages`, headers, { content: 'x' }, token),
    await ask('POST', `${path}/control`, headers, { event: 'stream.resume' }, token),
    await ask('PATCH', path, headers, { name: 'h' }, token),
  ];
  return answers.map(({ status }) => status);
}

const listed = async (headers: Headers, token = ann.token): Promise<string[]> =>
  (await ask('GET', '/api/conversations', headers, undefined, token)).body.map(
    ({ id }: { id: string }) => id,
  );

t.test('X-Org-Id is the own tenant, or any for a super admin', async (t) => {
  const id = await create();
  t.equal((await ask('GET', `/api/conversations/${id}`, { 'X-Org-Id': ann.tenant })).status, 200);
  t.equal(
    (await ask('GET', `/api/conversations/${id}`, { 'X-Org-Id': ann.tenant.toUpperCase() })).status,
    200,
  );
  for (const [method, path] of [
    ['GET', '/api/conversations'],
    ['GET', `/api/conversations/${id}`],
    ['POST', `/api/conversations/${id}/messages`],
    ['GET', '/auth/agents'],
    ['GET', '/api/admin/audit'],
  ] as const) {
    const answer = await ask(
      method,
      path,
      { 'X-Org-Id': stranger.tenant },
      method === 'POST' ? { content: 'x' } : undefined,
    );
    t.equal(answer.status, 403, path);
  }
  const root = await rootToken();
  t.equal(
    (await ask('GET', '/api/conversations', { 'X-Org-Id': stranger.tenant }, undefined, root)).status,
    200,
  );
});

t.test('X-Service-Id makes a conversation that keys of other services do not know of', async (t) => {
  const billing = await makeService(node, ann, { service_id: 'billing' });
  const shipping = await makeService(node, ann, { service_id: 'shipping' });
  const id = await create({ 'X-Service-Id': 'billing' }, [billing, shipping]);
  const missing = await doors('01890000-0000-7000-8000-000000000001', {}, shipping.token);
  t.same(await doors(id, {}, shipping.token), missing, 'like one that does not exist');
  t.same(await doors(id, { 'X-Service-Id': 'billing' }, shipping.token), missing, 'whatever the header says');
  t.ok((await doors(id, {}, billing.token)).slice(0, 4).every((status) => status < 300));
  t.notOk((await listed({}, shipping.token)).includes(id));
  t.ok((await listed({}, billing.token)).includes(id));
  const socket = await NativeClient.connect(node, shipping.token);
  t.match(await socket.ask('open', { conversation: id }), {
    conversations: [],
    refused: [{ id, code: 'not_found' }],
  });
  for (const [op, fields] of [
    ['post', { content: 'x' }],
    ['history', {}],
    ['history', { after_position: 0 }],
    ['read', { up_to: 1 }],
    ['control', { event: 'x.y' }],
    ['participants.add', { participant: 'p' }],
  ] as const) {
    const answer = await socket.ask(op, { conversation: id, ...fields });
    t.match(answer, { ok: false, problem: { code: 'not_found' } }, op);
  }
  t.notMatch(JSON.stringify((await socket.ask('list', {}))['conversations']), id);
  await socket.ask('hello', { follow: 'all' });
  const seen = await create({ 'X-Service-Id': 'shipping' }, [shipping]);
  await socket.find(({ ev }) => ev?.conversation === seen);
  const later = await create({ 'X-Service-Id': 'billing' }, [billing, shipping]);
  await ask('POST', `/api/conversations/${seen}/messages`, {}, { content: 'after it' });
  await socket.find(({ ev }) => ev?.data?.content === 'after it');
  t.notOk(socket.frames.some((frame) => frame['re'] === undefined && JSON.stringify(frame).includes(id)));
  t.notOk(JSON.stringify(socket.frames).includes(later), 'not even its name');
  await socket.close();
  t.equal(
    (
      await ask(
        'POST',
        '/api/conversations',
        { 'X-Service-Id': 'billing' },
        { type: 'group', name: 'g' },
        shipping.token,
      )
    ).status,
    403,
  );
});

t.test('X-Env is recorded, and what names another environment finds nothing', async (t) => {
  const [dev, stage] = [await create(), await create({ 'X-Env': 'stage' })];
  t.same(
    (await listed({ 'X-Env': 'stage' })).filter((id) => [dev, stage].includes(id)),
    [stage],
  );
  t.same(
    (await listed({ 'X-Env': 'dev' })).filter((id) => [dev, stage].includes(id)),
    [dev],
  );
  t.equal((await listed({})).filter((id) => [dev, stage].includes(id)).length, 2);
  const missing = await doors('01890000-0000-7000-8000-000000000001', {}, ann.token);
  t.same(await doors(stage, { 'X-Env': 'prod' }, ann.token), missing);
  t.ok((await doors(stage, { 'X-Env': 'stage' }, ann.token)).every((status) => status < 300));
  const posted = await ask('POST', `/api/conversations/${stage}/messages`, {}, { content: 'x' });
  const versions = `/api/conversations/${stage}/messages/${posted.body.id}/history`;
  t.equal(
    (await ask('GET', versions, { 'X-Env': 'prod' })).status,
    (await ask('GET', versions.replace(stage, '01890000-0000-7000-8000-000000000001'))).status,
  );
  t.equal((await ask('GET', versions, { 'X-Env': 'stage' })).status, 200);
  t.equal((await ask('GET', '/api/conversations', { 'X-Env': 'production' })).status, 400);
  t.equal((await ask('GET', '/auth/agents', { 'X-Env': 'DEV' })).status, 400);
});

t.test('X-Data-Class and X-Policy-Ref are recorded on each event', async (t) => {
  const id = await create();
  const path = `/api/conversations/${id}`;
  const socket = await NativeClient.connect(node, ann.token);
  await ask(
    'POST',
    `${path}/messages`,
    { 'X-Data-Class': 'pii', 'X-Policy-Ref': 'hipaa/7; rev 2' },
    { content: 'one' },
  );
  await socket.ask('post', { conversation: id, content: 'two', data_class: 'phi', policy_ref: 'gdpr' });
  await ask('POST', `${path}/control`, { 'X-Data-Class': 'secret' }, { event: 'stream.pause', reason: 'r' });
  await ask('POST', `${path}/messages`, {}, { content: 'three' });
  const query =
    'select data_class, policy_ref, searchable from messages where conversation_id = $1 order by seq';
  await until(async () => (await sql.query(query, [id])).rowCount === 4);
  t.same((await sql.query(query, [id])).rows, [
    { data_class: 'pii', policy_ref: 'hipaa/7; rev 2', searchable: true },
    { data_class: 'phi', policy_ref: 'gdpr', searchable: false },
    { data_class: 'secret', policy_ref: null, searchable: false },
    { data_class: 'none', policy_ref: null, searchable: true },
  ]);
  for (const headers of [
    { 'X-Data-Class': 'PHI' },
    { 'X-Data-Class': 'top-secret' },
    { 'X-Policy-Ref': 'x'.repeat(256) },
  ]) {
    t.equal((await ask('POST', `${path}/messages`, headers, { content: 'x' })).status, 400);
    t.equal((await ask('GET', '/api/conversations', headers)).status, 400);
  }
  for (const fields of [{ data_class: 'PHI' }, { policy_ref: 'x'.repeat(256) }, { policy_ref: '' }]) {
    const answer = await socket.ask('post', { conversation: id, content: 'x', ...fields });
    t.match(answer, { ok: false, problem: { code: 'invalid_request' } });
  }
  await socket.close();
});

t.test('whose key it is decides who may rotate and erase it', async (t) => {
  const member: Account = await signUpInto(node, ann, 'mia');
  const admin: Account = await signUpInto(node, ann, 'max', 'admin');
  const path = `/api/admin/tenants/${ann.tenant}/data-key`;
  const answers: number[] = [];
  for (const { token } of [member, admin, stranger]) {
    answers.push((await ask('POST', `${path}/rotate`, {}, undefined, token)).status);
    answers.push((await ask('DELETE', `${path}?confirm=${ann.tenant}`, {}, undefined, token)).status);
  }
  t.same(answers, [403, 403, 403, 403, 404, 404]);
  const service = await makeService(node, ann);
  t.equal((await ask('POST', `${path}/rotate`, {}, undefined, service.token)).status, 403);
  t.equal((await ask('POST', `${path}/rotate`, {}, undefined, await rootToken())).status, 200);
});
