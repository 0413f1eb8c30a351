/** Administrators' acts on one node, as seen on another: in sockets, lists and counts. */
import t from 'tap';
import { signUp, signUpInto } from '../../../kit/clients/accounts.ts';
import { call } from '../../../kit/clients/http-client.ts';
import { group, symbia, symbiaClient } from '../../../kit/clients/symbia-client.ts';
import { until } from '../../../kit/log-entries.ts';
import { startTwoWholeNodes } from '../../../kit/servers/two-whole-nodes.ts';

t.setTimeout(120_000);
const { one, two } = await startTwoWholeNodes(t);
const ada = await signUp(one, 'ada');
const alf = await signUpInto(one, ada, 'alf', 'admin');
const ben = await signUpInto(one, ada, 'ben');

const administer = async (method: string, path: string, body?: object): Promise<number> => {
  const sent = { token: alf.token, ...(body === undefined ? {} : { body }) };
  return (await call(one, method, `/api/admin/conversations/${path}`, sent)).status;
};
const say = (id: string, content: string) => symbia(one, ada, 'POST', `/${id}/messages`, { content });

t.test('whom an administrator adds hears, and whom it removes hears no more', async (t) => {
  const far = await symbiaClient(t, two, ben);
  const contents = (): string[] => far.heard('message:new').map((row) => row.content);
  const id = await group(one, ada);
  t.equal(await administer('POST', `${id}/participants`, { userId: ben.id }), 201);
  await say(id, 'welcome');
  await until(() => contents().includes('welcome'));
  t.equal(await administer('DELETE', `${id}/participants/${ben.id}`), 204);
  await say(id, 'among us');
  const other = await group(one, ada, ben.id);
  await say(other, 'elsewhere');
  await until(() => contents().includes('elsewhere'));
  t.notOk(contents().includes('among us'));
  t.match(await far.ask('join:conversation', id), { success: false, error: 'Not a participant' });
});

t.test('what it deletes is gone for open sockets, too', async (t) => {
  const far = await symbiaClient(t, two, ben);
  const id = await group(one, ada, ben.id);
  t.match(await far.ask('join:conversation', id), { success: true });
  t.equal(await administer('DELETE', id), 204);
  t.match(await far.ask('message:send', { conversationId: id, content: 'x' }), {
    success: false,
    error: 'Not a participant',
  });
});

t.test('each node counts and orders what was acknowledged on the other', async (t) => {
  const counted = async (node: { url: string }): Promise<number> =>
    (await call(node, 'GET', '/api/admin/stats', { token: alf.token })).body.totalMessages;
  const [first, second] = [await group(one, ada), await group(two, ada)];
  const before = await counted(one);
  for (let n = 1; n <= 10; n += 1) {
    const [at, other] = n % 2 === 0 ? [one, two] : [two, one];
    const id = n % 2 === 0 ? first : second;
    await symbia(at, ada, 'POST', `/${id}/messages`, { content: `${n}` });
    t.equal(await counted(other), before + n);
    const { body } = await call(other, 'GET', '/api/admin/conversations?limit=1', { token: alf.token });
    t.equal(body.conversations[0].id, id);
  }
});

t.test('many who ask at once while others post get no fewer than was acknowledged', async (t) => {
  const id = await group(one, ada);
  let acknowledged = (await call(two, 'GET', '/api/stats', { token: alf.token })).body.totalMessages;
  const posters = Array.from({ length: 4 }, async () => {
    for (let n = 0; n < 25; n += 1) {
      await say(id, `${n}`);
      acknowledged += 1;
    }
  });
  const readers = Array.from({ length: 8 }, async () => {
    for (let n = 0; n < 5; n += 1) {
      const least = acknowledged;
      const { body } = await call(two, 'GET', '/api/stats', { token: alf.token });
      t.ok(body.totalMessages >= least, `${body.totalMessages} of at least ${least}`);
    }
  });
  await Promise.all([...posters, ...readers]);
});
