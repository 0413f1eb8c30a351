import { createServer } from 'node:net';
import t from 'tap';
import { signUp } from '../kit/clients/accounts.ts';
import { call } from '../kit/clients/http-client.ts';
import { MessagingClient } from '../kit/clients/messaging-client.ts';
import { NativeClient } from '../kit/clients/native-client.ts';
import { symbiaClient } from '../kit/clients/symbia-client.ts';
import { until } from '../kit/log-entries.ts';
import { undeclared } from '../kit/metrics-text.ts';
import { startNats } from '../kit/servers/nats.ts';
import { startNode, startNodeProcess } from '../kit/servers/node.ts';
import { startPostgres } from '../kit/servers/postgres.ts';
import { quietPort } from '../kit/temporary.ts';

t.setTimeout(120_000);

const nowhere = { url: 'nats://127.0.0.1:1', user: 'x', pass: 'x' };

t.test('a node over a server that is away does not start, and says which', async (t) => {
  const [nats, database] = [await startNats(t), await startPostgres(t)];
  await t.rejects(startNode({ nats: nowhere, database }), /ECONNREFUSED|CONNECTION_REFUSED|refused/i);
  await t.rejects(startNode({ nats, database: { url: 'postgres://127.0.0.1:1/x' } }), /ECONNREFUSED/);
  await t.rejects(startNode({ nats: { ...nats, pass: 'wrong' }, database }), /authorization/i);
});

t.test('a node whose port is taken closes what it had opened', async (t) => {
  const [nats, database] = [await startNats(t), await startPostgres(t)];
  const port = await quietPort();
  const taken = createServer().listen(port, '127.0.0.1');
  t.teardown(() => taken.close());
  await t.rejects(
    startNode({ nats, database, env: { PORT: String(port) } }),
    /Cannot listen on 127.0.0.1:\d+/,
  );
  // The server notices a little later than the client that it is gone.
  await until(async () => {
    const connections = await (await fetch(`${nats.monitorUrl()}/connz`)).json();
    return (connections as { num_connections: number }).num_connections === 0;
  });
  t.pass('nothing is left on NATS');
});

t.test('it answers what machines ask', async (t) => {
  const node = await startNode({ nats: await startNats(t), database: await startPostgres(t) }, t);
  t.match((await call(node, 'GET', '/healthz')).body, { status: 'ok', timestamp: String });
  t.match((await call(node, 'GET', '/readyz')).body, {
    status: 'ready',
    checks: { nats: 'ok', postgres: 'ok', projection: 'ok' },
  });
  const metrics = (await call(node, 'GET', '/metrics')).body as unknown as string;
  t.match(metrics, /^parley_appends_total/m);
  t.same(undeclared(metrics, ['node'], false), [], 'what is declared, and nothing else');
  t.match((await call(node, 'GET', '/docs/openapi.json')).body, { openapi: '3.1.0' });
  t.match((await call(node, 'GET', '/docs/asyncapi.json')).body, { asyncapi: '3.0.0' });
  const llms = (await call(node, 'GET', '/docs/llms.txt')).body as unknown as string;
  t.match(
    llms,
    new RegExp(`^Base URL: ${node.url}$`, 'm'),
    'the address it listens on, where none is configured',
  );
  t.match((await call(node, 'GET', '/.well-known/jwks.json')).body.keys, [{ kty: 'OKP' }]);
});

t.test('readiness follows the servers', async (t) => {
  const nats = await startNats(t);
  const node = await startNode({ nats, database: await startPostgres(t), env: { LOG_LEVEL: 'silent' } }, t);
  const answers = (status: number): Promise<void> =>
    until(async () => (await call(node, 'GET', '/readyz')).status === status);
  await answers(200);
  await nats.kill();
  await answers(503);
  t.equal((await call(node, 'GET', '/healthz')).status, 200, 'the process lives');
  await nats.restart();
  await answers(200);
});

t.test('a drain sends sockets away with a hint, and finishes what is in flight', async (t) => {
  const servers = { nats: await startNats(t), database: await startPostgres(t) };
  const node = await startNodeProcess(servers, t);
  const account = await signUp(node);
  const clients = await Promise.all(
    Array.from({ length: 5 }, () => NativeClient.connect(node, account.token)),
  );
  const [first = clients[0]!] = clients;
  const { conversation } = await first.ask('create', { type: 'group', participants: [] });
  const posted = first.ask('post', { conversation: conversation.id ?? conversation, content: 'last words' });
  t.equal((await posted)['ok'], true);
  const messaging = await MessagingClient.connect(node, account.token);
  const events = await symbiaClient(t, node, account);
  const left = new Promise((resolve) => events.socket.once('disconnect', resolve));
  const closing = node.close();
  for (const client of clients) {
    t.match(await client.find((frame) => frame['bye'] !== undefined), { bye: { code: 1012 } });
    t.match(await client.closed, { code: 1012 });
  }
  t.match(await messaging.closed, { code: 1012 });
  t.match(await left, /^transport (close|error)$/, 'after which a Socket.IO client comes back by itself');
  await closing;
  await t.rejects(fetch(`${node.url}/healthz`), 'it does not listen any more');
});

t.test('for PARLEY_DRAIN_DELAY_MS a node that ends is not ready, and serves', async (t) => {
  const servers = { nats: await startNats(t), database: await startPostgres(t) };
  const { node, url } = await startNode({ ...servers, env: { PARLEY_DRAIN_DELAY_MS: '30000' } });
  t.equal((await call({ url }, 'GET', '/healthz')).headers.get('connection'), null);
  const closing = node.close();
  const unready = await call({ url }, 'GET', '/readyz');
  t.match([unready.status, unready.body.status], [503, 'draining']);
  const answer = await call({ url }, 'GET', '/healthz');
  t.match([answer.status, answer.headers.get('connection')], [200, 'close'], 'and sends connections away');
  const { token } = await signUp({ url });
  t.ok(await NativeClient.connect({ url }, token), 'new sockets are taken, too');
  await node.close(true);
  await closing;
  await t.rejects(fetch(`${url}/healthz`), 'one that is replaced waits for nobody');
});
