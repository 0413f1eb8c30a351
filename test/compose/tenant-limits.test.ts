/** The limits of a tenant over two nodes: set on one, they hold on both. */
import t from 'tap';
import { type Account, signUp, signUpInto } from '../kit/clients/accounts.ts';
import { call } from '../kit/clients/http-client.ts';
import { NativeClient } from '../kit/clients/native-client.ts';
import { until } from '../kit/log-entries.ts';
import { startNats } from '../kit/servers/nats.ts';
import { startNode, type TestNode } from '../kit/servers/node.ts';
import { startPostgres } from '../kit/servers/postgres.ts';

t.setTimeout(120_000);

const root = { email: 'root@example.org', password: 'a long password' };
const env = { PARLEY_ADMIN_EMAIL: root.email, PARLEY_ADMIN_PASSWORD: root.password };
const servers = { nats: await startNats(t), database: await startPostgres(t), env };
const one = await startNode(servers, t);
// Rates hold here only, so that the rest is not about them.
const other = await startNode({ ...servers, env: { ...env, PARLEY_RATE_LIMIT: 'on' } }, t);
const administrator = (await call(one, 'POST', '/auth/login', { body: root })).body.access_token as string;

async function set(tenant: string, body: object): Promise<void> {
  const path = `/api/admin/tenants/${tenant}/limits`;
  const answer = await call(one, 'PATCH', path, { token: administrator, body });
  if (answer.status !== 200) throw new Error(JSON.stringify(answer.body));
}

const create = (node: TestNode, { token }: Account) =>
  call(node, 'POST', '/api/conversations', { token, body: { type: 'group', name: 'a' } });

t.test(
  'conversations: as many as there may be, on whatever node, and one more when one is deleted',
  async (t) => {
    const owner = await signUp(one);
    const first = await create(one, owner);
    await set(owner.tenant, { conversations: 2 });
    t.equal((await create(one, owner)).status, 201);
    const refused = await create(one, owner);
    t.equal(refused.status, 409);
    t.match(refused.body, { error: 'This tenant may have 2 conversations.' });
    // The other node hears of it a little later: what it makes until then is one too many.
    const spare: string[] = [first.body.id];
    await until(async () => {
      const { status, body } = await create(other, owner);
      if (status === 201) spare.push(body.id);
      return status === 409;
    });
    for (const id of spare) await call(one, 'DELETE', `/api/conversations/${id}`, { token: owner.token });
    t.equal((await create(other, owner)).status, 201);
  },
);

t.test('participants: nobody is added beyond the limit, in any dialect', async (t) => {
  const owner = await signUp(one);
  const [ben, cleo] = [await signUpInto(one, owner, 'ben'), await signUpInto(one, owner, 'cleo')];
  await set(owner.tenant, { participants: 2 });
  const made = await create(one, owner);
  const client = await NativeClient.connect(one, owner.token);
  const add = (participant: string) =>
    client.ask('participants.add', { conversation: made.body.id, participant });
  t.match(await add(ben.id), { ok: true });
  t.match(await add(cleo.id), { ok: false, problem: { code: 'conflict' } });
  const participants = [ben, cleo].map(({ id }) => ({ id }));
  t.match(await client.ask('create', { type: 'group', participants }), {
    ok: false,
    problem: { code: 'conflict' },
  });
  await set(owner.tenant, { participants: null });
  t.match(await add(cleo.id), { ok: true });
  await client.close();
});

t.test('messages: the whole tenant shares a rate, in all dialects', async (t) => {
  const owner = await signUp(one);
  const ben = await signUpInto(one, owner, 'ben');
  const { body } = await create(one, owner);
  await call(one, 'POST', `/api/conversations/${body.id}/join`, { token: ben.token });
  await set(owner.tenant, { messages_per_second: 1 });
  const client = await NativeClient.connect(other, ben.token);
  const post = (content: string) => client.ask('post', { conversation: body.id, content });
  // Each of them until it is refused: on a slow machine a second goes by between two requests.
  await until(async () => (await post('x'))['ok'] === false);
  const path = `/api/conversations/${body.id}/messages`;
  const asked = { token: owner.token, body: { content: 'y' } };
  await until(async () => {
    const { status, headers } = await call(other, 'POST', path, asked);
    if (status === 429) t.equal(headers.get('retry-after'), '1');
    return status === 429;
  });
  await until(async () => (await post('z'))['problem']?.code === 'rate_limited');
  const elsewhere = await signUp(one);
  const theirs = await create(one, elsewhere);
  const theirPath = `/api/conversations/${theirs.body.id}/messages`;
  const theirPost = await call(other, 'POST', theirPath, { token: elsewhere.token, body: { content: 'y' } });
  t.equal(theirPost.status, 201, 'another tenant is not concerned');
  await client.close();
});
