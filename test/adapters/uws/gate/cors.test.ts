/** What pages of other origins, and the caches on their way, are told. */
import t from 'tap';
import { echo, startFront, testDialect } from '../../../kit/clients/http-front.ts';

t.test('pages of other origins get what the policy allows', async (t) => {
  const preflight = { origin: 'https://app.example', 'access-control-request-method': 'POST' };
  const allowed = async (url: string, origin: string, method = 'GET'): Promise<unknown[]> => {
    const headers = method === 'OPTIONS' ? { ...preflight, origin } : { origin };
    const { headers: got } = await fetch(`${url}/t/nowhere`, { method, headers });
    return [got.get('access-control-allow-origin'), got.get('access-control-allow-credentials')];
  };
  const open = await startFront(t, [testDialect([])], { corsOrigins: ['*'] });
  t.same(await allowed(open.url, 'https://app.example'), ['*', null]);
  t.same(await allowed(open.url, 'https://app.example', 'OPTIONS'), ['*', null]);
  const named = await startFront(t, [testDialect([])], { corsOrigins: ['https://app.example'] });
  t.same(await allowed(named.url, 'https://app.example'), ['https://app.example', 'true']);
  t.same(await allowed(named.url, 'https://app.example', 'OPTIONS'), ['https://app.example', 'true']);
  t.same(await allowed(named.url, 'https://evil.example'), [null, null]);
  const none = await startFront(t, [testDialect([])]);
  t.same(await allowed(none.url, 'https://app.example'), [null, null]);
  const missing = await fetch(`${named.url}/t/nowhere`, { headers: { origin: 'https://app.example' } });
  t.equal(missing.headers.get('access-control-allow-origin'), 'https://app.example', 'also on refusals');
});

t.test('caches are told that answers differ by origin, on answers that no page asked for, too', async (t) => {
  const vary = async (
    origins: readonly string[],
    headers: Record<string, string>,
  ): Promise<string | null> => {
    const { url } = await startFront(t, [testDialect([])], { corsOrigins: [...origins] });
    return (await fetch(`${url}/t/nowhere`, { headers })).headers.get('vary');
  };
  for (const origins of [['https://app.example'], ['*', 'https://app.example']])
    for (const headers of [{}, { origin: 'https://evil.example' }, { origin: 'https://app.example' }])
      t.equal(await vary(origins, headers), 'Origin', JSON.stringify([origins, headers]));
  for (const origins of [[], ['*']])
    t.equal(await vary(origins, { origin: 'https://app.example' }), null, 'all pages get the same');
});

t.test('pages may send every header that clients send', async (t) => {
  const { url } = await startFront(t, [testDialect([echo])], { corsOrigins: ['*'] });
  const headers = { origin: 'https://app.example', 'access-control-request-method': 'POST' };
  const { status, headers: got } = await fetch(`${url}/t/echo/1`, { method: 'OPTIONS', headers });
  t.equal(status, 204);
  const allowed = (got.get('access-control-allow-headers') ?? '').toLowerCase().split(', ');
  for (const name of [
    ...['content-type', 'authorization', 'x-api-key', 'x-org-id', 'x-service-id', 'x-env', 'x-environment'],
    ...['x-data-class', 'x-policy-ref', 'x-as-user-id', 'x-trace-id', 'idempotency-key', 'traceparent'],
    'x-symbia-origin',
  ])
    t.ok(allowed.includes(name), name);
  const methods = (got.get('access-control-allow-methods') ?? '').split(', ');
  for (const name of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']) t.ok(methods.includes(name), name);
  t.equal(got.get('access-control-max-age'), '86400');
});

t.test('pages may read every header that an answer says something in', async (t) => {
  const { url } = await startFront(t, [testDialect([])], { corsOrigins: ['*'] });
  const { headers } = await fetch(`${url}/t/nowhere`, { headers: { origin: 'https://app.example' } });
  const exposed = (headers.get('access-control-expose-headers') ?? '').toLowerCase().split(', ');
  for (const name of ['x-request-id', 'x-trace-id', 'retry-after', 'location', 'idempotency-replayed'])
    t.ok(exposed.includes(name), name);
  for (const name of ['etag', 'content-range', 'content-disposition']) t.ok(exposed.includes(name), name);
});
