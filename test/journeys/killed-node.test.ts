/** kill -9 of a node in the middle of a load: what it acknowledged is there, once and in order. */
import { randomUUID } from 'node:crypto';
import t from 'tap';
import { signUp } from '../kit/clients/accounts.ts';
import { call } from '../kit/clients/http-client.ts';
import { NativeClient } from '../kit/clients/native-client.ts';
import { startNats } from '../kit/servers/nats.ts';
import { startNode, startNodeProcess } from '../kit/servers/node.ts';
import { startPostgres } from '../kit/servers/postgres.ts';
import { quietPort } from '../kit/temporary.ts';

t.setTimeout(240_000);

const conversationsCount = 8;
const inFlight = 4;
const ackedBeforeKill = 1_500;

type Post = { readonly conversation: string; readonly clientId: string; readonly content: string };

t.test('every acknowledged post survives kill -9 of the node, exactly once', async (t) => {
  const servers = { nats: await startNats(t), database: await startPostgres(t) };
  const port = String(await quietPort());
  const node = await startNodeProcess({ ...servers, env: { PORT: port } }, t);
  const account = await signUp(node);
  const client = await NativeClient.connect(node, account.token);
  const conversations: string[] = [];
  for (let index = 0; index < conversationsCount; index += 1) {
    const reply = await client.ask('create', { type: 'group', name: `load ${index}`, participants: [] });
    conversations.push(reply['conversation'].id ?? reply['conversation']);
  }

  const acked = new Map<string, number>();
  const sent = new Map<string, Post>();
  const post = async (conversation: string): Promise<void> => {
    const clientId = randomUUID();
    const content = `post ${clientId}`;
    sent.set(clientId, { conversation, clientId, content });
    const reply = await client.ask('post', { conversation, content, client_id: clientId });
    if (reply['ok'] === true) acked.set(clientId, reply['seq']);
  };
  const load = conversations.flatMap((conversation) =>
    Array.from({ length: inFlight }, async () => {
      for (;;) await post(conversation);
    }),
  );
  const ended = Promise.allSettled(load);
  while (acked.size < ackedBeforeKill) await client.find(() => client.frames.length > acked.size + 20);
  await node.kill();
  await ended;
  t.ok(acked.size >= ackedBeforeKill);
  t.ok(sent.size > acked.size, 'some were in flight');

  const revived = await startNodeProcess({ ...servers, env: { PORT: port } }, t);
  const again = await NativeClient.connect(revived, account.token);
  // What was not acknowledged is sent again with its client id: it must not appear twice either.
  for (const { conversation, clientId, content } of sent.values()) {
    if (acked.has(clientId)) continue;
    const reply = await again.ask('post', { conversation, content, client_id: clientId });
    t.equal(reply['ok'], true);
    acked.set(clientId, reply['seq']);
  }

  for (const conversation of conversations) {
    const opened = await again.ask('open', { conversation, after: 0 });
    const { position } = opened['conversations'][0];
    await again.event(conversation, position);
    const events = again.events(conversation);
    t.same(
      events.map((event) => event.position),
      events.map((_, index) => index + 1),
      'positions have no gap and no repetition',
    );
    const posts = events.filter((event) => event.type === 'message.posted');
    const expected = [...sent.values()].filter((one) => one.conversation === conversation);
    t.same(
      posts.map((event) => event.client_id).sort(),
      expected.map(({ clientId }) => clientId).sort(),
      'every post is there once',
    );
    t.ok(
      posts.every((event) => acked.get(event.client_id ?? '') === event.seq),
      'with the seq that was acknowledged',
    );
  }
  await again.close();
});

t.test('another node takes over what the killed one began, from the cursor of its reader', async (t) => {
  const servers = { nats: await startNats(t), database: await startPostgres(t) };
  const doomed = await startNodeProcess(servers, t);
  const other = await startNode(servers, t);
  const account = await signUp(doomed);
  const reader = await NativeClient.connect(doomed, account.token);
  const { conversation } = await reader.ask('create', { type: 'group', participants: [] });
  const id: string = conversation.id ?? conversation;
  await reader.ask('open', { conversation: id });
  await reader.ask('post', { conversation: id, content: 'one' });
  await reader.event(id, 2);
  await doomed.kill();
  await reader.closed;

  const path = `/api/conversations/${id}/messages`;
  const posted = await call(other, 'POST', path, { token: account.token, body: { content: 'two' } });
  t.equal(posted.status, 201);
  const resumed = await NativeClient.connect(other, account.token);
  const opened = await resumed.ask('open', { conversation: id, after: 2 });
  t.match(opened, { ok: true, conversations: [{ id, position: 3 }] });
  await resumed.event(id, 3);
  t.same(
    resumed.events(id).map(({ position }) => position),
    [3],
    'exactly what was missed',
  );
  await resumed.close();
});
