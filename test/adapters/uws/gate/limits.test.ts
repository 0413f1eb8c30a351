/** The limits of the front end, over real connections. */
import t from 'tap';
import { compileTrustedProxies } from '../../../../src/adapters/uws/gate/client-address.ts';
import { operation, type RequestContext } from '../../../../src/contract/operation.ts';
import { openRateLimiter } from '../../../../src/core/limits/rate-limiter.ts';
import { rates } from '../../../../src/domain/limiting/rates.ts';
import { connectRaw, echo, startFront, testDialect } from '../../../kit/clients/http-front.ts';
import { quietMetrics } from '../../../kit/memory/quiet-metrics.ts';

const seen: RequestContext[] = [];
const search = operation(
  {
    id: 'test.search',
    method: 'GET',
    path: '/t/search',
    summary: 'Is of a class that it names',
    access: 'optional',
    rate: 'search',
    schemas: {},
    responses: { 200: { description: 'Found', schema: null } },
  },
  (request) => {
    seen.push({ ...request, address: request.address, isSecure: request.isSecure });
    return { status: 200, body: {} };
  },
);
const poke = operation(
  {
    id: 'test.poke',
    method: 'POST',
    path: '/t/poke',
    summary: 'Takes no body',
    access: 'principal',
    schemas: {},
    responses: { 200: { description: 'Poked', schema: null } },
  },
  ({ principal }) => ({ status: 200, body: { by: principal.id } }),
);
const dialect = testDialect([echo, search, poke]);
const asAnn = { authorization: 'Bearer ann' };

/** A limiter whose clock stands still. */
function limiter() {
  const metrics = quietMetrics();
  return { metrics, rates: openRateLimiter(true, { clock: { monotonicMs: () => 1_000 }, metrics }) };
}

t.test('a request too many is 429 in the words of its dialect, before its body is read', async (t) => {
  const { rates: limits, metrics } = limiter();
  const front = await startFront(t, [dialect], { rates: limits });
  const get = (): Promise<Response> => fetch(`${front.url}/t/search`, { headers: asAnn });
  for (let n = 0; n < rates.search.principal.burst; n += 1) t.equal((await get()).status, 200);
  const refused = await get();
  t.equal(refused.status, 429);
  t.match(await refused.json(), { refused: 'rate_limited' });
  t.equal(refused.headers.get('retry-after'), '1');
  t.equal(metrics.rateLimited.totals.get('search'), 1);
  const write = await fetch(`${front.url}/t/echo/1`, { method: 'POST', headers: asAnn, body: '' });
  t.equal(write.status, 201, 'other classes are not concerned');
  for (let n = 0; n < rates.write.principal.burst; n += 1)
    await fetch(`${front.url}/t/echo/1`, { method: 'POST', headers: asAnn });
  const malformed = await fetch(`${front.url}/t/echo/1`, { method: 'POST', headers: asAnn, body: '{' });
  t.equal(malformed.status, 429, 'nobody looked at the body');
});

t.test('who guesses credentials is told to slow down, and nobody else behind that address', async (t) => {
  const front = await startFront(t, [dialect], { rates: limiter().rates });
  const guess = (n: number): Promise<Response> =>
    fetch(`${front.url}/t/poke`, { method: 'POST', headers: { authorization: `Bearer guess-${n}` } });
  for (let n = 0; n < rates.refused.address.burst; n += 1) t.equal((await guess(n)).status, 401);
  t.equal((await guess(1_000)).status, 429);
  const valid = await fetch(`${front.url}/t/poke`, { method: 'POST', headers: asAnn });
  t.equal(valid.status, 200, 'a valid credential from there is let in');
  t.equal((await fetch(`${front.url}/t/poke`, { method: 'POST' })).status, 401, 'none at all is no guess');
});

t.test('the address behind a trusted proxy is limited, not the proxy', async (t) => {
  const proxies = compileTrustedProxies(['127.0.0.1']);
  const front = await startFront(t, [dialect], { rates: limiter().rates, proxies });
  const from = (client: string): Promise<Response> =>
    fetch(`${front.url}/t/search`, { headers: { 'x-forwarded-for': `6.6.6.6, ${client}` } });
  for (let n = 0; n < rates.search.address.burst; n += 1) t.equal((await from('203.0.113.1')).status, 200);
  t.equal((await from('203.0.113.1')).status, 429);
  t.equal((await from('203.0.113.2')).status, 200);
});

t.test('operations see the client as the proxy saw it, or as it is', async (t) => {
  seen.length = 0;
  const headers = { 'x-forwarded-for': '203.0.113.1', 'x-forwarded-proto': 'https' };
  const behind = await startFront(t, [dialect], { proxies: compileTrustedProxies(['127.0.0.0/8']) });
  await fetch(`${behind.url}/t/search`, { headers });
  const direct = await startFront(t, [dialect]);
  await fetch(`${direct.url}/t/search`, { headers });
  t.match(seen, [
    { address: '203.0.113.1', isSecure: true },
    { address: '127.0.0.1', isSecure: false },
  ]);
});

t.test('what is sent to an operation without a body must be JSON all the same', async (t) => {
  const front = await startFront(t, [dialect]);
  const post = (body: string | null, type: string): Promise<Response> =>
    fetch(`${front.url}/t/poke`, { method: 'POST', headers: { ...asAnn, 'content-type': type }, body });
  t.equal((await post('{"x":1}', 'application/json')).status, 200);
  t.equal((await post(null, 'application/json')).status, 200, 'none is fine');
  t.equal((await post('{"x":', 'application/json')).status, 400);
  t.equal((await post('{"x":"\\u0000"}', 'application/json')).status, 400);
  t.equal((await post('x=1', 'application/x-www-form-urlencoded')).status, 415);
});

t.test('a cookie changes nothing unless the page is of our own origin', async (t) => {
  const status = async (url: string, headers: Record<string, string>): Promise<number> =>
    (await fetch(`${url}/t/poke`, { method: 'POST', headers: { cookie: 'parley_session=ann', ...headers } }))
      .status;
  const front = await startFront(t, [dialect]);
  const { url, port } = front;
  t.equal(await status(url, { origin: url }), 200);
  t.equal(await status(url, {}), 200, 'who says neither is no browser');
  t.equal(await status(url, { origin: 'http://evil.example', 'sec-fetch-site': 'same-origin' }), 401);
  t.equal(await status(url, { 'sec-fetch-site': 'same-origin' }), 200);
  const foreign = [
    'null',
    'http://127.0.0.1:1',
    `https://127.0.0.1:${port}`,
    'http://127.0.0.1',
    'http://evil.example',
    `${url}.evil.example`,
  ];
  for (const origin of foreign) t.equal(await status(url, { origin }), 401, origin);
  for (const site of ['cross-site', 'same-site', 'none'])
    t.equal(await status(url, { 'sec-fetch-site': site }), 401, site);

  const behind = await startFront(t, [dialect], { proxies: compileTrustedProxies(['127.0.0.1']) });
  const forwarded = { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'chat.example' };
  t.equal(await status(behind.url, { ...forwarded, origin: 'https://chat.example' }), 200);
  t.equal(await status(behind.url, { ...forwarded, origin: 'http://chat.example' }), 401);
  t.equal(
    await status(behind.url, {
      ...forwarded,
      'x-forwarded-host': 'chat.example:443',
      origin: 'https://chat.example',
    }),
    200,
  );
  t.equal(
    await status(url, { ...forwarded, origin: 'https://chat.example' }),
    401,
    'anybody can write such headers',
  );
});

t.test('every answer carries what keeps a browser from misusing it', async (t) => {
  const plain = await startFront(t, [dialect]);
  const shared = await startFront(t, [testDialect([echo], { headers: { 'cache-control': 'max-age=1' } })], {
    corsOrigins: ['*'],
    isTls: true,
  });
  const headersOf = async (url: string): Promise<Record<string, string>> =>
    Object.fromEntries((await fetch(`${url}/t/nowhere`)).headers);
  t.match(await headersOf(plain.url), {
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cache-control': 'no-store',
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    'cross-origin-resource-policy': 'same-origin',
    'strict-transport-security': undefined,
  });
  t.match(await headersOf(shared.url), {
    'cache-control': 'max-age=1',
    'cross-origin-resource-policy': 'cross-origin',
    'strict-transport-security': /max-age=\d+/,
  });
});

t.test(
  'a token of an external issuer has room, and headers beyond the limit are no reason to die',
  async (t) => {
    const front = await startFront(t, [dialect]);
    const long = await fetch(`${front.url}/t/search`, {
      headers: { authorization: `Bearer ${'x'.repeat(12_000)}` },
    });
    t.equal(long.status, 200, 'an optional caller with a token that is not valid is nobody');
    const connection = await connectRaw(t, front.port);
    connection.write(`GET /t/search HTTP/1.1\r\nHost: a\r\nX-Big: ${'y'.repeat(20_000)}\r\n\r\n`);
    t.match(await connection.ended, /^HTTP\/1\.1 431 /);
  },
);

t.test('a header that never ends is cut off', async (t) => {
  const front = await startFront(t, [dialect]);
  const connection = await connectRaw(t, front.port);
  const startedMs = performance.now();
  connection.write('GET /t/search HTTP/1.1\r\n');
  const drip = setInterval(() => connection.write('X-More: 1\r\n'), 500);
  t.teardown(() => clearInterval(drip));
  t.equal(await connection.ended, '');
  t.ok(performance.now() - startedMs < 30_000);
});
