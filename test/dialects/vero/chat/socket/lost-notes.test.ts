/** A node that was cut off from NATS heard of no block; its open sockets see what is stored once it is back. */
import t from 'tap';
import { signUp, signUpInto } from '../../../../kit/clients/accounts.ts';
import { call } from '../../../../kit/clients/http-client.ts';
import { MessagingClient } from '../../../../kit/clients/messaging-client.ts';
import { openCuttableProxy } from '../../../../kit/links/cuttable-proxy.ts';
import { startNats } from '../../../../kit/servers/nats.ts';
import { startNode } from '../../../../kit/servers/node.ts';
import { startPostgres } from '../../../../kit/servers/postgres.ts';

t.setTimeout(120_000);

t.test('the note of a block is lost, and an open socket sees it all the same', async (t) => {
  const [nats, database] = [await startNats(t), await startPostgres(t)];
  const env = { NATS_CREDS: nats.credsFile };
  const one = await startNode({ nats, database, env }, t);
  const proxy = await openCuttableProxy(t, Number(new URL(nats.url).port));
  const far = { ...nats, url: `nats://127.0.0.1:${proxy.port}` };
  const two = await startNode({ nats: far, database, env }, t);
  const ann = await signUp(one, 'ann');
  const bob = await signUpInto(one, ann, 'bob');
  const body = { type: 'group', name: 'Harbour', participant_ids: [bob.id] };
  const { id } = (await call(one, 'POST', '/v1/chat/conversations', { token: ann.token, body })).body;
  const say = (content_text: string) =>
    call(one, 'POST', '/v1/chat/messages/send', {
      ...{ token: bob.token, body: { conversation_id: id, content_text } },
    });

  const reader = await MessagingClient.connect(two, ann.token);
  await reader.subscribe(id);
  await say('before');
  await reader.event('message.created', ({ seq_num }) => seq_num === 1);
  proxy.cut();
  const blocked = await call(one, 'POST', `/v1/chat/users/${bob.id}/block`, { token: ann.token, body: {} });
  t.equal(blocked.status, 200);
  proxy.heal();
  t.match(await reader.event('user.blocked'), { user_id: bob.id });
  await say('hidden');
  const own = await call(one, 'POST', '/v1/chat/messages/send', {
    ...{ token: ann.token, body: { conversation_id: id, content_text: 'last' } },
  });
  t.equal(own.status, 201);
  await reader.event('message.created', ({ seq_num }) => seq_num === 3);
  t.same(
    reader.events('message.created').map(({ seq_num }) => seq_num),
    [1, 3],
  );
  await reader.close();
});
