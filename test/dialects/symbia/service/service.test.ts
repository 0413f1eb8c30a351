/** What the service tells of itself to anybody. */
import t from 'tap';
import { bootstrap, bootstrapRoutes } from '../../../../src/dialects/symbia/service/bootstrap-routes.ts';
import { healthRoutes } from '../../../../src/dialects/symbia/service/health-routes.ts';
import { followingEvents } from '../../../../src/dialects/symbia/socket/following-events.ts';
import { messageEvents } from '../../../../src/dialects/symbia/socket/message-events.ts';
import { presenceEvents } from '../../../../src/dialects/symbia/socket/presence-events.ts';
import { symbiaPushes } from '../../../../src/dialects/symbia/socket/pushes.ts';
import { call } from '../../../kit/clients/http-client.ts';
import { startFront, testDialect } from '../../../kit/clients/http-front.ts';

const found = { isReady: true, checks: { nats: 'ok', postgres: 'ok' } as Record<string, string> };
const also = { version: '1.2.3', dependencies: { agents: 'unknown' } };
const health = healthRoutes({
  ...{ clock: { nowMicros: () => 1_000_001 }, readiness: async () => found },
  also: async () => also,
});
const front = await startFront(t, [testDialect([...health, ...bootstrapRoutes()])]);
const get = async (path: string) => {
  const { status, body } = await call(front, 'GET', path);
  return { status, body };
};
const timestamp = '1970-01-01T00:00:01.000001Z';

t.test('a node that is well says so everywhere', async (t) => {
  for (const path of ['/health/live', '/health/ready']) {
    t.same(await get(path), { status: 200, body: { status: 'ok', timestamp } }, path);
  }
  for (const path of ['/health', '/api/health']) {
    t.same(await get(path), { status: 200, body: { status: 'ok', timestamp, ...also } }, path);
  }
});

t.test('one that cannot work says so, and why, and lives', async (t) => {
  Object.assign(found, { isReady: false, checks: { nats: 'not connected' } });
  t.same(await get('/health'), { status: 503, body: { status: 'degraded', timestamp, ...also } });
  const checks = { nats: 'not connected' };
  t.same(await get('/health/ready'), { status: 503, body: { status: 'unhealthy', timestamp, checks } });
  for (const path of ['/api/health', '/health/live']) t.equal((await get(path)).status, 200, path);
});

t.test('bootstrap has the shape that clients read', async (t) => {
  const answer = await get('/api/bootstrap');
  t.match(answer, {
    status: 200,
    body: {
      service: 'messaging',
      version: '1.0.0',
      description: String,
      endpoints: { auth: '/api/auth', rest: '/api', admin: '/api/admin', websocket: '/' },
    },
  });
  const { docsUrls, authentication, websocketEvents } = answer.body;
  t.same(Object.keys(docsUrls), [
    ...['openapi', 'llms', 'llmsFull', 'openapiDirect', 'openapiApi', 'llmsApi', 'llmsFullApi'],
  ]);
  const { client, server } = websocketEvents;
  t.same(
    [authentication, client, server].map((list) => new Set(list).size),
    [3, 9, 13],
  );
  t.same(await get('/api/bootstrap/service'), answer);
});

t.test('every event that bootstrap names is declared', async (t) => {
  const { client, server } = bootstrap.websocketEvents;
  const declared = [...followingEvents, ...messageEvents, ...presenceEvents].map(({ event }) => event.name);
  t.same(
    client.filter((name) => !declared.includes(name)),
    [],
  );
  const pushed = symbiaPushes.map(({ name }) => name);
  t.same(
    server.filter((name) => !pushed.includes(name)),
    [],
  );
});

t.test('the namespace has three properties', async (t) => {
  const { status, body } = await get('/symbia-namespace');
  t.same(
    [status, Object.keys(body), Object.keys(body.properties).length],
    [...[200, ['namespace', 'description', 'properties'], 3]],
  );
});
