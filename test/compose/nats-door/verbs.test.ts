/** Services on NATS: every verb that answers, over a real nats-server with the real configuration. */
import t from 'tap';
import { makeAgent, makeService, signUp } from '../../kit/clients/accounts.ts';
import { connectAs } from '../../kit/clients/nats-client.ts';
import { startNats } from '../../kit/servers/nats.ts';
import { startNode } from '../../kit/servers/node.ts';
import { startPostgres } from '../../kit/servers/postgres.ts';

const [nats, database] = [await startNats(t), await startPostgres(t)];
const node = await startNode({ nats, database, env: { NATS_CREDS: nats.credsFile } }, t);
const owner = await signUp(node);

t.test('every verb of the native protocol that answers', async (t) => {
  const agent = await makeAgent(node, owner);
  const service = await makeService(node, owner);
  const client = await connectAs(t, nats, service);
  const created = await client.ask('create', {
    type: 'group',
    name: 'first',
    participants: [{ id: agent.id }],
  });
  t.match(created, { ok: true, conversation: { name: 'first', position: 1 } });
  const conversation: string = created['conversation'].id;
  const post = await client.ask('post', { conversation, content: 'hello', client_id: 'a' });
  t.match(post, { ok: true, seq: 1, position: 2, duplicate: false });
  t.notOk('re' in post);
  const message: string = post['message_id'];
  t.match(await client.ask('post', { conversation, content: 'hello', client_id: 'a' }), { duplicate: true });
  t.match(await client.ask('edit', { conversation, message, content: 'hello!' }), {
    position: 3,
    edit_count: 1,
  });
  t.match(await client.ask('react', { conversation, message, emoji: '👍' }), {
    action: 'added',
    position: 4,
  });
  t.match(await client.ask('control', { conversation, event: 'stream.pause' }), { seq: 2, position: 5 });
  t.match(await client.ask('read', { conversation, up_to: 2 }), { last_read_seq: 2, unread: 0 });
  t.match(await client.ask('participants.role', { conversation, participant: agent.id, role: 'admin' }), {
    position: 6,
  });
  t.match(await client.ask('participants.remove', { conversation, participant: agent.id }), { position: 7 });
  t.match(await client.ask('participants.add', { conversation, participant: agent.id }), { position: 8 });
  t.match(await client.ask('delete', { conversation, message }), { ok: true, position: 9 });
  const history = await client.ask('history', { conversation });
  t.match(history, { ok: true, has_more: false, events: [{ seq: 1 }, { seq: 2, type: 'control' }] });
  const gap = await client.ask('history', { conversation, after_position: 6 });
  t.same(
    gap['events'].map((event: { position: number }) => event.position),
    [7, 8, 9],
  );
  t.match(await client.ask('list'), { ok: true, conversations: [{ id: conversation, seq: 2 }], next: null });
  t.match(await client.ask('ping'), { ok: true, at: /^20\d\d-.+Z$/ });
});
