/** PostgreSQL goes away under a whole node: what is loaded goes on, since no hot path asks it anything. */
import { randomUUID } from 'node:crypto';
import t from 'tap';
import { signUp } from '../kit/clients/accounts.ts';
import { call } from '../kit/clients/http-client.ts';
import { NativeClient } from '../kit/clients/native-client.ts';
import { until } from '../kit/log-entries.ts';
import { startNats } from '../kit/servers/nats.ts';
import { startNodeProcess } from '../kit/servers/node.ts';
import { runSql, startPostgresServer } from '../kit/servers/postgres.ts';

t.setTimeout(120_000);
const key = 'a key of the environment';
const postgres = await startPostgresServer(t);
const env = { ELIZA_SERVER_AUTH_TOKEN: key };
const node = await startNodeProcess({ nats: await startNats(t), database: postgres, env }, t);
const ann = await signUp(node);
const { token } = ann;
const [first, second] = [randomUUID(), randomUUID()];
const nil = '00000000-0000-0000-0000-000000000000';

t.test('posts and reads of what is loaded go on in every API, and all of it is kept', async (t) => {
  const client = await NativeClient.connect(node, token);
  const id: string = (await client.ask('create', { type: 'group' }))['conversation'].id;
  await client.ask('open', { conversation: id, after: 0 });
  const made = await call(node, 'POST', '/api/messaging/channels', {
    token: key,
    body: { name: 'pier', participantCentralUserIds: [first, second], message_server_id: nil },
  });
  const symbia = `/api/conversations/${id}/messages`;
  const eliza = `/api/messaging/channels/${made.body.data.id}/messages`;
  const say = (content: string) => ({ author_id: first, content, message_server_id: nil });
  const both = async (method: string, text: string): Promise<number[]> => {
    const bodies = method === 'GET' ? [{}, {}] : [{ body: { content: text } }, { body: say(text) }];
    return [
      (await call(node, method, symbia, { token, ...bodies[0] })).status,
      (await call(node, method, eliza, { token: key, ...bodies[1] })).status,
    ];
  };
  t.same(await both('POST', 'before'), [201, 201]);
  t.same(await both('GET', ''), [200, 200]);
  const ready = async (): Promise<number> => (await call(node, 'GET', '/readyz')).status;

  // The test servers write lazily: a commit that waits brings everything before it to the disk.
  await runSql(
    postgres.url,
    'begin; set local synchronous_commit = on; update tenants set name = name; commit',
  );
  await postgres.kill();
  await until(async () => (await ready()) === 503);
  for (let n = 0; n < 10; n += 1) t.same(await both('POST', `away ${n}`), [201, 201], `post ${n}`);
  t.same(await both('GET', ''), [200, 200]);
  t.match(await client.ask('post', { conversation: id, content: 'by socket' }), { ok: true });
  await client.find(({ ev }) => ev?.data?.content === 'by socket');
  t.equal(
    (await call(node, 'GET', '/api/conversations', { token })).status,
    503,
    'a list is asked for there',
  );
  t.equal((await call(node, 'GET', '/api/agents', { token: key })).status, 503);

  await postgres.restart();
  await until(async () => (await ready()) === 200);
  const listed = await call(node, 'GET', `${eliza}?limit=50`, { token: key });
  t.same(listed.body.data.messages.map(({ content }: { content: string }) => content).reverse(), [
    'before',
    ...Array.from({ length: 10 }, (_, n) => `away ${n}`),
  ]);
  t.same(await both('POST', 'after'), [201, 201]);
  await client.close();
});
