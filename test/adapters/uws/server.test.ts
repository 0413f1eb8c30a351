import t from 'tap';
import { openClock } from '../../../src/adapters/system/clock.ts';
import { compileTrustedProxies } from '../../../src/adapters/uws/gate/client-address.ts';
import { openHttp } from '../../../src/adapters/uws/http/http-front.ts';
import { openServer } from '../../../src/adapters/uws/server.ts';
import { operation } from '../../../src/contract/operation.ts';
import { Problem } from '../../../src/domain/problem.ts';
import { connectRaw, echo, startFront, testAuthenticate, testDialect } from '../../kit/clients/http-front.ts';
import { noRateLimits } from '../../kit/hostile/rate-limits.ts';
import { quietPort } from '../../kit/temporary.ts';

const dialect = testDialect([echo]);

t.test('port 0 is a free port, and the real one is told', async (t) => {
  const front = await startFront(t, [dialect]);
  t.ok(front.port > 0);
  t.equal((await fetch(`${front.url}/t/nowhere`)).status, 404);
});

t.test('a port in use is an error that names it', async (t) => {
  const front = await startFront(t, [dialect]);
  const http = openHttp({
    dialects: [dialect],
    authenticate: testAuthenticate,
    corsOrigins: [],
    rates: noRateLimits,
    proxies: compileTrustedProxies([]),
    isTls: false,
    cookieNames: [],
    newRequestId: () => 'r',
    spills: { open: () => new Problem('unavailable') },
    clock: openClock(),
    logger: { debug() {}, info() {}, warn() {}, error() {}, child: () => http as never },
  });
  await t.rejects(openServer({ host: '127.0.0.1', port: front.port, mounts: [], http, tls: null }), {
    message: new RegExp(`127\\.0\\.0\\.1:${front.port}.*in use`),
  });
  await t.rejects(openServer({ host: '203.0.113.1', port: 0, mounts: [], http, tls: null }), {
    message: /Cannot listen/,
  });
});

t.test('a port is free again as soon as a server that closed connections has ended', async (t) => {
  const { port, server } = await startFront(t, [dialect], {}, [], null, await quietPort());
  await server.close(0);
  const first = await startFront(t, [dialect], {}, [], null, port);
  const reader = await connectRaw(t, port);
  reader.write('GET /t/nowhere HTTP/1.1\r\nHost: x\r\n\r\n');
  await reader.until(/404/);
  await first.server.close(0);
  await reader.ended;
  const second = await startFront(t, [dialect], {}, [], null, port);
  t.equal(second.port, port);
});

t.test('what is mounted comes before the operations', async (t) => {
  const front = await startFront(t, [dialect], {}, [
    (app) => {
      app.get('/t/mounted', (response) => {
        response.end('mounted');
      });
    },
  ]);
  t.equal(await (await fetch(`${front.url}/t/mounted`)).text(), 'mounted');
  t.equal((await fetch(`${front.url}/t/other`)).status, 404);
});

t.test('closing answers what is in flight and takes nothing new', async (t) => {
  let release: () => void = () => {};
  const held = operation(
    {
      id: 'test.held',
      method: 'GET',
      path: '/t/held',
      summary: 'Answers when the test says so',
      access: 'public',
      schemas: {},
      responses: { 200: { description: 'Released', schema: null } },
    },
    async () => {
      await new Promise<void>((resolve) => {
        release = resolve;
      });
      return { status: 200, body: { held: true } };
    },
  );
  const front = await startFront(t, [testDialect([held])]);
  const idle = await connectRaw(t, front.port);
  const answer = fetch(`${front.url}/t/held`);
  while (front.inFlight() === 0) await new Promise((resolve) => setTimeout(resolve, 2));
  const closed = front.server.close();
  await t.rejects(fetch(`${front.url}/t/held`, { headers: { connection: 'close' } }), 'no new connection');
  release();
  const last = await answer;
  t.same(await last.json(), { held: true });
  t.equal(last.headers.get('connection'), 'close');
  await closed;
  t.equal(await idle.ended, '', 'idle connections end');
  t.equal(front.server.close(), front.server.close(), 'closing twice is closing once');
});

t.test('what does not end in time does not hold up closing', async (t) => {
  const never = operation(
    {
      id: 'test.never',
      method: 'GET',
      path: '/t/never',
      summary: 'Never answers',
      access: 'public',
      schemas: {},
      responses: { 200: { description: 'Never', schema: null } },
    },
    () => new Promise(() => {}),
  );
  const front = await startFront(t, [testDialect([never])]);
  const connection = await connectRaw(t, front.port);
  connection.write('GET /t/never HTTP/1.1\r\nHost: parley\r\n\r\n');
  while (front.inFlight() === 0) await new Promise((resolve) => setTimeout(resolve, 2));
  const keepAlive = setInterval(() => {}, 1_000);
  await front.server.close(20);
  clearInterval(keepAlive);
  t.equal(await connection.ended, '');
  t.equal(front.inFlight(), 0);
});
