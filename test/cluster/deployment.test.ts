/** What people do with `parley cluster`: every door of every node, every nats-server, and how the work is spread. */
import { execFileSync } from 'node:child_process';
import t from 'tap';
import { proveOneConversation } from '../contracts/one-conversation.ts';
import { makeAgent, makeService, signUp, signUpInto } from '../kit/clients/accounts.ts';
import { call } from '../kit/clients/http-client.ts';
import { NativeClient } from '../kit/clients/native-client.ts';
import { connectAs } from '../kit/clients/nats-client.ts';
import { until } from '../kit/log-entries.ts';
import { clusterDir, startParleyCluster } from '../kit/processes/parley-cluster.ts';
import { runParley } from '../kit/processes/parley-process.ts';

t.setTimeout(300_000);

const cluster = await startParleyCluster(t, await clusterDir(t));
const [one, two] = cluster.nodes;

t.test('the printed lines make a conversation at one node and post to it at the other', async (t) => {
  const lines = cluster.process
    .printed()
    .split('\n')
    .filter((line) => /^(TOKEN|CONVERSATION|curl)/.test(line));
  t.equal(lines.length, 3);
  t.match(lines[0], one.url);
  t.match(lines[2], two.url);
  const answer = JSON.parse(execFileSync('bash', ['-ec', lines.join('\n')], { encoding: 'utf8' }));
  t.match(answer, { content: 'hello', sequence: 1 });
});

t.test('a first message through each node is read at the other at once', async (t) => {
  const ada = await signUp(one, 'ada');
  for (const [here, there] of [
    [one, two],
    [two, one],
  ] as const) {
    const body = { type: 'group', name: `of ${here.name}` };
    const made = await call(here, 'POST', '/api/conversations', { token: ada.token, body });
    t.equal(made.status, 201);
    const path = `/api/conversations/${made.body.id}/messages`;
    const sent = await call(here, 'POST', path, { token: ada.token, body: { content: 'first' } });
    t.match(sent, { status: 201, body: { sequence: 1 } });
    const read = await call(there, 'GET', path, { token: ada.token });
    t.match(read.body, [{ id: sent.body.id, content: 'first', sequence: 1 }]);
  }
});

t.test('one conversation in the words of all APIs, over both nodes', async (t) => {
  await proveOneConversation(t, one, two);
});

t.test('native sockets on both nodes see one order', async (t) => {
  const ada = await signUp(one, 'ada');
  const agents = await Promise.all(
    Array.from({ length: 4 }, (_, index) => makeAgent(one, ada, `agent ${index}`)),
  );
  const clients = await Promise.all(
    agents.map(({ token }, index) => NativeClient.connect(index % 2 === 0 ? one : two, token)),
  );
  t.teardown(() => clients.forEach(({ socket }) => void socket.terminate()));
  const participants = agents.map(({ id }) => ({ id, kind: 'agent' }));
  const made = await call(two, 'POST', '/api/conversations', {
    token: ada.token,
    body: {
      type: 'group',
      name: 'both',
      participants: agents.map(({ id }) => ({ userId: id, userType: 'agent' })),
    },
  });
  t.equal(made.status, 201, JSON.stringify(participants));
  const conversation: string = made.body.id;
  for (const client of clients) t.equal((await client.ask('open', { conversation, after: 0 }))['ok'], true);
  const each = 50;
  const replies = await Promise.all(
    clients.flatMap((client, sender) =>
      Array.from({ length: each }, (_, n) =>
        client.ask('post', { conversation, content: `${sender}: ${n}`, client_id: `c-${sender}-${n}` }),
      ),
    ),
  );
  t.ok(
    replies.every(({ ok }) => ok === true),
    'everything was taken',
  );
  const last = Math.max(...replies.map(({ position }) => position));
  const [first = [], ...others] = await Promise.all(
    clients.map(async (client) => {
      await client.event(conversation, last);
      return client.events(conversation).map(({ id, position }) => `${position} ${id}`);
    }),
  );
  t.equal(first.length, last);
  for (const other of others) t.strictSame(other, first, 'the same events in the same order');
});

t.test('services on NATS, each at another nats-server, hear and answer one another', async (t) => {
  const ada = await signUp(one, 'ada');
  const services = await Promise.all(
    cluster.servers.map(async (server) => {
      const service = await makeService(one, ada);
      const client = await connectAs(t, server, service);
      const heard: string[] = [];
      client.connection.subscribe(`live.${ada.tenant}.>`, {
        callback: (_error, message) =>
          void heard.push(message.json<{ data: { content: string } }>().data.content),
      });
      await client.connection.flush();
      return { server, client, heard, id: service.id };
    }),
  );
  const [first] = services;
  const participants = services.map(({ id }) => ({ id, kind: 'service' }));
  const made = await first?.client.ask('create', { type: 'group', name: 'services', participants });
  t.equal(made?.ok, true, JSON.stringify(made));
  const conversation = made?.['conversation'].id;
  const said = services.map(({ server }) => `through ${server.name}`);
  for (const [index, { client }] of services.entries()) {
    t.match(await client.ask('post', { conversation, content: said[index] }), { ok: true });
  }
  for (const { heard } of services) {
    await until(() => said.every((content) => heard.includes(content)));
    t.strictSame(
      heard.filter((content) => said.includes(content)),
      said,
    );
  }
});

t.test('a person who is added at one node is heard of at the other', async (t) => {
  const ada = await signUp(one, 'ada');
  const ben = await signUpInto(two, ada, 'ben');
  const socket = await NativeClient.connect(two, ben.token);
  t.teardown(() => void socket.socket.terminate());
  const body = { type: 'group', name: 'added', participants: [{ userId: ben.id }] };
  const made = await call(one, 'POST', '/api/conversations', { token: ada.token, body });
  const conversation: string = made.body.id;
  await socket.ask('open', { conversation, after: 0 });
  await call(one, 'POST', `/api/conversations/${conversation}/messages`, {
    token: ada.token,
    body: { content: 'welcome' },
  });
  t.match(await socket.event(conversation, 2), { data: { content: 'welcome' } });
});

t.test('parley doctor and parley tail find the cluster by its directory', async (t) => {
  const { code, stdout } = await runParley(['doctor'], { DATA_DIR: cluster.dataDir });
  t.equal(code, 0, stdout);
  t.match(stdout, /(ok|warn) +nats cluster +leaders of the log: nats-\d \d/);
  t.match(stdout, /ok +nats for services +callouts are answered by 4 node/);
});
