import { Type } from '@sinclair/typebox';
import t from 'tap';
import { operation, type RequestContext } from '../../../../src/contract/operation.ts';
import type { Principal } from '../../../../src/domain/principal.ts';
import { Problem } from '../../../../src/domain/problem.ts';
import type { RateLimiter } from '../../../../src/ports/limits/rate-limiter.ts';
import { ann, echo, startFront, testDialect } from '../../../kit/clients/http-front.ts';

const json = { 'content-type': 'application/json' };
const asAnn = { authorization: 'Bearer ann', ...json };

const nothing = { 200: { description: 'Something', schema: null } };
const seen: RequestContext[] = [];
const look = operation(
  {
    id: 'test.look',
    method: 'GET',
    path: '/t/look',
    summary: 'Shows the context',
    access: 'optional',
    schemas: {},
    responses: nothing,
  },
  (request) => {
    seen.push({ ...request, address: request.address });
    return { status: 200, body: { by: request.caller?.id ?? null, query: request.query } };
  },
);
const remove = operation(
  {
    id: 'test.remove',
    method: 'DELETE',
    path: '/t/echo/:id',
    summary: 'Takes an optional body',
    access: 'principal',
    schemas: { body: Type.Object({ reason: Type.Optional(Type.String()) }) },
    responses: { 204: { description: 'Gone', schema: null } },
  },
  ({ body }) => (body.reason === undefined ? { status: 204 } : { status: 200, body }),
);
const later = operation(
  {
    id: 'test.later',
    method: 'GET',
    path: '/t/later/:what',
    summary: 'Answers in a later turn',
    access: 'public',
    schemas: {},
    responses: nothing,
  },
  async ({ params }) => {
    await new Promise((resolve) => setImmediate(resolve));
    if (params['what'] === 'throw') throw new Error('a secret of ours');
    if (params['what'] === 'paused') return new Problem('unavailable', undefined, { retryAfterMs: 1_200 });
    return {
      status: 200,
      text: 'text',
      contentType: 'text/plain',
      headers: { 'Set-Cookie': ['a=1', 'b=2'], 'Cache-Control': 'max-age=9' },
    };
  },
);
const broken = operation(
  {
    id: 'test.broken',
    method: 'GET',
    path: '/t/broken/:how',
    summary: 'Fails',
    access: 'public',
    schemas: {},
    responses: nothing,
  },
  ({ params }) => {
    if (params['how'] === 'throw') throw new Error('a secret of ours');
    if (params['how'] === 'header')
      return { status: 200, body: {}, headers: { Location: 'x\r\nSet-Cookie: evil=1' } };
    if (params['how'] === 'body') return { status: 200, body: { big: 1n } };
    return { status: 999, body: {} };
  },
);
const dialect = testDialect([echo, look, remove, later, broken]);

t.test('a request goes through to its operation', async (t) => {
  const { url } = await startFront(t, [dialect]);
  const answer = await fetch(`${url}/t/echo/a%20b?limit=5`, {
    method: 'POST',
    headers: asAnn,
    body: '{"content":"ü😀","any":[1]}',
  });
  t.equal(answer.status, 201);
  t.same(await answer.json(), { id: 'a b', limit: 5, content: 'ü😀', any: [1], by: 'ann' });
  t.equal(answer.headers.get('content-type'), 'application/json');
  t.equal(answer.headers.get('x-content-type-options'), 'nosniff');
  t.equal(answer.headers.get('cache-control'), 'no-store');
  t.equal(answer.headers.get('x-request-id'), 'made-here');
});

t.test('each step refuses in the words of the dialect', async (t) => {
  const { url } = await startFront(t, [dialect]);
  const refusal = async (path: string, init: RequestInit): Promise<unknown[]> => {
    const answer = await fetch(url + path, init);
    const body = (await answer.json()) as { refused?: string; reason?: string; fields?: unknown };
    return [answer.status, body.refused, body.reason ?? body.fields];
  };
  const post = (headers: Record<string, string>, body?: string): RequestInit => ({
    method: 'POST',
    headers,
    ...(body === undefined ? {} : { body }),
  });
  const cases: [string, RequestInit, unknown[]][] = [
    ['/t/nowhere', {}, [404, 'not_found', 'unknown_path']],
    ['/t/echo//', post(asAnn, '{}'), [404, 'not_found', 'unknown_path']],
    ['/t/echo/1', { method: 'PUT', headers: asAnn, body: '{}' }, [405, 'method_not_allowed', undefined]],
    ['/t/echo/1', post(json, '{}'), [401, 'unauthenticated', undefined]],
    [
      '/t/echo/1',
      post({ authorization: 'Bearer nobody', ...json }, '{}'),
      [401, 'unauthenticated', undefined],
    ],
    ['/t/echo/1', post({ 'x-api-key': 'gone', ...json }, '{}'), [403, 'suspended', undefined]],
    ['/t/echo/1', post({ authorization: 'Bearer down', ...json }, '{}'), [503, 'unavailable', undefined]],
    [
      '/t/echo/1',
      post({ authorization: 'Bearer ann', 'content-type': 'text/plain' }, '{}'),
      [415, 'unsupported_media_type', undefined],
    ],
    [
      '/t/echo/1',
      post({ authorization: 'Bearer ann', 'content-type': 'application/json; charset=latin1' }, '{}'),
      [415, 'unsupported_media_type', undefined],
    ],
    ['/t/echo/1', post(asAnn, '{"content":'), [400, 'invalid_request', 'invalid_json']],
    ['/t/echo/1', post(asAnn, '{"content":"\\u0000"}'), [400, 'invalid_request', 'invalid_text']],
    [
      '/t/echo/1',
      post(asAnn, '{"content":1}'),
      [400, 'invalid_request', [{ path: 'content', reason: 'type' }]],
    ],
    ['/t/echo/1', post(asAnn, '[]'), [400, 'invalid_request', [{ path: '', reason: 'type' }]]],
    ['/t/echo/1?limit=x', post(asAnn, '{}'), [400, 'invalid_request', [{ path: 'limit', reason: 'type' }]]],
    ['/t/echo/%ff', post(asAnn, '{}'), [400, 'invalid_request', 'invalid_path']],
    ['/t/echo/%00', post(asAnn, '{}'), [400, 'invalid_request', 'invalid_path']],
    [
      '/t/echo/1?limit=%e0',
      post(asAnn, '{}'),
      [400, 'invalid_request', [{ path: 'limit', reason: 'invalid_encoding' }]],
    ],
    ['/t/echo/1', post({ ...asAnn, 'x-org-id': 'tenant-b' }, '{}'), [403, 'forbidden', 'other_tenant']],
    [
      '/t/echo/1',
      post({ ...asAnn, 'x-env': 'qa' }, '{}'),
      [400, 'invalid_request', [{ path: 'X-Env', reason: 'not_allowed' }]],
    ],
    [
      '/t/echo/1',
      post({ ...asAnn, 'x-data-class': 'PII' }, '{}'),
      [400, 'invalid_request', [{ path: 'X-Data-Class', reason: 'not_allowed' }]],
    ],
    [
      '/t/echo/1',
      post({ ...asAnn, 'x-policy-ref': 'p'.repeat(256) }, '{}'),
      [400, 'invalid_request', [{ path: 'X-Policy-Ref', reason: 'too_long', limit: 255 }]],
    ],
    [
      '/t/echo/1',
      post({ ...asAnn, 'idempotency-key': 'a b' }, '{}'),
      [400, 'invalid_request', [{ path: 'Idempotency-Key', reason: 'format' }]],
    ],
    [
      '/t/echo/1',
      post({ ...asAnn, 'idempotency-key': 'k'.repeat(129) }, '{}'),
      [400, 'invalid_request', [{ path: 'Idempotency-Key', reason: 'too_long', limit: 128 }]],
    ],
  ];
  for (const [path, init, expected] of cases)
    t.same(await refusal(path, init), expected, `${init.method} ${path} ${JSON.stringify(init.headers)}`);
  const elsewhere = await fetch(`${url}/elsewhere`);
  t.match(await elsewhere.json(), { error: { code: 'not_found' } }, 'a path of no dialect');
});

t.test('a body that is absent is an empty object, also of DELETE', async (t) => {
  const { url } = await startFront(t, [dialect]);
  const post = await fetch(`${url}/t/echo/1`, { method: 'POST', headers: { authorization: 'Bearer ann' } });
  t.equal(post.status, 201);
  const bare = await fetch(`${url}/t/echo/1`, { method: 'DELETE', headers: asAnn });
  t.equal(bare.status, 204);
  t.equal(bare.headers.get('content-length'), null);
  const reasoned = await fetch(`${url}/t/echo/1`, {
    method: 'DELETE',
    headers: asAnn,
    body: '{"reason":"old"}',
  });
  t.same(await reasoned.json(), { reason: 'old' });
});

t.test('the context carries the headers of every dialect', async (t) => {
  const { url } = await startFront(t, [dialect]);
  const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
  const headers = {
    'X-Org-Id': 'tenant-a',
    'x-service-id': 'svc',
    'x-env': 'stage',
    'x-data-class': 'phi',
    'x-policy-ref': 'p/1',
    'idempotency-key': 'k1',
    'x-as-user-id': 'assistant:x',
    'x-request-id': 'r-1',
    'user-agent': 'test/1',
    authorization: 'Bearer ann',
    traceparent,
  };
  const answer = await fetch(`${url}/t/look/`, { headers });
  t.equal(answer.status, 200);
  t.equal(answer.headers.get('x-request-id'), 'r-1');
  t.match(seen.pop(), {
    orgId: 'tenant-a',
    serviceId: 'svc',
    env: 'stage',
    dataClass: 'phi',
    policyRef: 'p/1',
    idempotencyKey: 'k1',
    asUserId: 'assistant:x',
    requestId: 'r-1',
    userAgent: 'test/1',
    traceparent,
    address: '127.0.0.1',
  });
  const likeHers = await fetch(`${url}/t/look/`, { headers: { ...headers, 'X-Org-Id': 'Tenant-A' } });
  t.equal(likeHers.status, 403, 'ids of other providers are compared with case');
  await fetch(`${url}/t/look`, { headers: { traceparent: 'nonsense', 'x-request-id': 'a b' } });
  t.match(seen.pop(), {
    orgId: null,
    env: null,
    dataClass: 'none',
    traceparent: null,
    requestId: 'made-here',
  });
});

t.test('an optional caller is nobody without a valid credential, and refused when suspended', async (t) => {
  const { url } = await startFront(t, [dialect]);
  const by = async (headers: Record<string, string>): Promise<unknown> => {
    const answer = await fetch(`${url}/t/look`, { headers });
    return answer.status === 200 ? ((await answer.json()) as { by: string | null }).by : answer.status;
  };
  t.equal(await by({}), null);
  t.equal(await by({ authorization: 'Bearer nobody' }), null);
  t.equal(await by({ authorization: 'bearer ann' }), 'ann');
  t.equal(await by({ authorization: 'Bearer slow' }), 'ann');
  t.equal(await by({ 'x-api-key': 'ann' }), 'ann');
  t.equal(await by({ cookie: 'other=1; parley_session=ann' }), 'ann');
  t.equal(await by({ authorization: 'Bearer gone' }), 403);
  t.equal(
    await by({ authorization: 'Bearer root', 'x-org-id': 'tenant-b' }),
    'ann',
    'a super admin names any tenant',
  );
});

t.test('guesses on an operation that needs no credential are counted, too', async (t) => {
  const refusal = new Problem('rate_limited');
  const rates: RateLimiter = { take: (_caller, _origin, rate) => (rate === 'refused' ? refusal : null) };
  const { url } = await startFront(t, [dialect], { rates });
  const status = async (headers: Record<string, string>) =>
    (await fetch(`${url}/t/look`, { headers })).status;
  t.equal(await status({ authorization: 'Bearer guess' }), 429);
  t.equal(await status({ authorization: 'Bearer ann' }), 200);
  t.equal(await status({}), 200);
});

const guarded = operation(
  {
    id: 'test.guarded',
    method: 'POST',
    path: '/t/guarded/:id',
    summary: 'Looks at its path first',
    access: 'principal',
    takesForms: true,
    guard: ({ id }) => (id === 'good' ? null : new Problem('not_found', `No ${id}`)),
    schemas: { body: Type.Object({}) },
    responses: nothing,
  },
  ({ body }) => ({ status: 200, body }),
);

t.test('a guard refuses before anybody is asked who it is', async (t) => {
  const asked: unknown[] = [];
  const authenticate = (shown: unknown): Principal => {
    asked.push(shown);
    return ann;
  };
  const { url } = await startFront(t, [testDialect([guarded])], { authenticate });
  const post = (id: string, headers: Record<string, string> = {}) =>
    fetch(`${url}/t/guarded/${id}`, { method: 'POST', headers: { ...json, ...headers }, body: '{}' });
  t.equal((await post('bad')).status, 404);
  t.match(await (await post('bad', asAnn)).json(), { refused: 'not_found', message: 'No bad' });
  t.match(await (await post('%FF', asAnn)).json(), { refused: 'not_found', message: 'No undefined' });
  t.same(asked, []);
  t.equal((await post('good')).status, 401);
  t.equal((await post('go%6Fd', asAnn)).status, 200);
  t.equal(asked.length, 1);
});

t.test('forms are read where they are declared, flat, and nothing in them is repeated', async (t) => {
  const { url } = await startFront(t, [testDialect([guarded, echo])]);
  const post = async (body: string | Uint8Array, type = 'application/x-www-form-urlencoded') => {
    const headers = { ...asAnn, 'content-type': type };
    const answer = await fetch(`${url}/t/guarded/good`, { method: 'POST', headers, body: body as string });
    return answer.status === 200 ? answer.json() : answer.status;
  };
  t.same(await post('content=a+b%20c&metadata[a]=1&empty='), {
    content: 'a b c',
    'metadata[a]': '1',
    empty: '',
  });
  t.same(await post('a=%F0%9F%92%A5', 'Application/X-WWW-Form-Urlencoded; charset=UTF-8'), { a: '💥' });
  t.same(await post('__proto__=1&constructor=2'), { constructor: '2' });
  for (const bad of ['a=1&a=2', 'a=%00', 'a=%FF', '%E0=1', 'a&'.repeat(200), Uint8Array.of(0x61, 0x3d, 0xff)])
    t.equal(await post(bad), 400, String(bad).slice(0, 20));
  t.equal(await post('a=1', 'application/x-www-form-urlencoded; charset=latin1'), 415);
  const headers = { ...asAnn, 'content-type': 'application/x-www-form-urlencoded' };
  t.equal((await fetch(`${url}/t/echo/1`, { method: 'POST', headers, body: 'content=x' })).status, 415);
});

t.test('a cookie proves nothing on a page of another origin', async (t) => {
  const { url } = await startFront(t, [dialect], { corsOrigins: ['https://app.example'] });
  const status = async (origin: Record<string, string>): Promise<number> => {
    const headers = { ...json, cookie: 'parley_session=ann', ...origin };
    return (await fetch(`${url}/t/echo/1`, { method: 'POST', headers, body: '{}' })).status;
  };
  t.equal(await status({}), 201, 'who says neither Origin nor Sec-Fetch-Site is no browser');
  t.equal(await status({ origin: url }), 201);
  t.equal(await status({ origin: 'https://app.example' }), 201);
  t.equal(await status({ origin: 'https://evil.example' }), 401);
  t.equal(await status({ origin: 'null' }), 401);
});

t.test('a slow authentication and a body wait for each other', async (t) => {
  const { url } = await startFront(t, [dialect]);
  const headers = { ...json, authorization: 'Bearer slow' };
  const content = 'x'.repeat(90_000);
  const answers = await Promise.all(
    Array.from({ length: 20 }, async (_, index) => {
      const body = JSON.stringify({ content: index % 2 === 0 ? content : `short ${index}` });
      const answer = await fetch(`${url}/t/echo/${index}`, { method: 'POST', headers, body });
      return [answer.status, ((await answer.json()) as { content: string }).content];
    }),
  );
  t.same(
    answers,
    Array.from({ length: 20 }, (_, index) => [201, index % 2 === 0 ? content : `short ${index}`]),
  );
});

t.test('who waits for long learns that its client went away', async (t) => {
  let arrive = (_: AbortSignal): void => undefined;
  const arrived = new Promise<AbortSignal>((resolve) => {
    arrive = resolve;
  });
  const waiting = operation(
    {
      ...{ id: 'test.waiting', method: 'GET', path: '/t/waiting', summary: 'Waits for its client to leave' },
      ...{ access: 'public', schemas: {}, responses: nothing },
    },
    async ({ gone }) => {
      arrive(gone);
      await new Promise<void>((resolve) => gone.addEventListener('abort', () => resolve()));
      return { status: 200 };
    },
  );
  const { url } = await startFront(t, [testDialect([waiting])]);
  const client = new AbortController();
  const asked = fetch(`${url}/t/waiting`, { signal: client.signal });
  const gone = await arrived;
  t.notOk(gone.aborted);
  client.abort();
  await t.rejects(asked);
  if (!gone.aborted) await new Promise((resolve) => gone.addEventListener('abort', resolve));
  t.ok(gone.aborted);
});

t.test('GET answers HEAD, and OPTIONS says what a path can do', async (t) => {
  const { url } = await startFront(t, [dialect]);
  const get = await fetch(`${url}/t/look`);
  const head = await fetch(`${url}/t/look`, { method: 'HEAD' });
  t.equal(head.status, 200);
  t.equal(head.headers.get('content-length'), String((await get.text()).length));
  t.equal(await head.text(), '');
  const options = await fetch(`${url}/t/echo/1`, { method: 'OPTIONS' });
  t.equal(options.status, 204);
  t.equal(options.headers.get('allow'), 'DELETE, POST, OPTIONS');
  const wrong = await fetch(`${url}/t/look`, { method: 'POST' });
  t.equal(wrong.headers.get('allow'), 'GET, HEAD');
});

t.test('refusals carry what a client needs to go on', async (t) => {
  const { url } = await startFront(t, [dialect]);
  const paused = await fetch(`${url}/t/later/paused`);
  t.equal(paused.status, 503);
  t.equal(paused.headers.get('retry-after'), '2');
  const anonymous = await fetch(`${url}/t/echo/1`, { method: 'POST' });
  t.equal(anonymous.headers.get('www-authenticate'), 'Bearer');
});

t.test('an answer may be text, with headers of its own', async (t) => {
  const { url } = await startFront(t, [dialect]);
  const answer = await fetch(`${url}/t/later/text`);
  t.equal(await answer.text(), 'text');
  t.equal(answer.headers.get('content-type'), 'text/plain');
  t.equal(answer.headers.get('cache-control'), 'max-age=9');
  t.equal(answer.headers.get('x-content-type-options'), 'nosniff');
  t.same(answer.headers.getSetCookie(), ['a=1', 'b=2']);
});

t.test('a fault of ours is a 500 without details, and goes to the log', async (t) => {
  const { url, logged } = await startFront(t, [dialect]);
  for (const path of [
    '/t/broken/throw',
    '/t/broken/header',
    '/t/broken/body',
    '/t/broken/status',
    '/t/later/throw',
  ]) {
    const answer = await fetch(url + path);
    const text = await answer.text();
    t.equal(answer.status, 500, path);
    t.match(JSON.parse(text), { refused: 'internal' });
    t.notMatch(text, /secret|evil|bigint/i);
    const failed = logged.filter(({ message }) => message === 'request failed');
    t.match(failed.pop(), { fields: { request_id: 'made-here', error: Error } });
    logged.length = 0;
  }
});

t.test('a dialect that cannot even refuse does not end the process', async (t) => {
  const refuse = (): never => {
    throw new Error('no words');
  };
  const { url } = await startFront(t, [testDialect([echo], { refuse })]);
  const answer = await fetch(`${url}/t/echo/1`, { method: 'POST' });
  t.equal(answer.status, 500);
  t.match(await answer.json(), { error: { code: 'internal' } });
});

t.test('a dialect may echo the request id under a second name', async (t) => {
  const { url } = await startFront(t, [testDialect([look], { requestIdHeader: 'x-trace-id' })]);
  const answer = await fetch(`${url}/t/look`, { headers: { 'x-trace-id': 'trace-1' } });
  t.equal(answer.headers.get('x-trace-id'), 'trace-1');
  t.equal(answer.headers.get('x-request-id'), 'trace-1');
  const both = await fetch(`${url}/t/look`, { headers: { 'x-trace-id': 'trace-2', 'x-request-id': 'r-2' } });
  t.equal(both.headers.get('x-trace-id'), 'trace-2', 'each header is echoed as itself');
  t.equal(both.headers.get('x-request-id'), 'r-2');
});

t.test('each finished request is observed', async (t) => {
  const observed: unknown[] = [];
  const observe = (operation: { id: string } | null, status: number, seconds: number): void => {
    observed.push([operation?.id ?? null, status, seconds >= 0]);
  };
  const { url } = await startFront(t, [dialect], { observe });
  await fetch(`${url}/t/echo/1`, { method: 'POST', headers: asAnn, body: '{}' });
  await fetch(`${url}/nowhere`);
  t.same(observed, [
    ['test.echo', 201, true],
    [null, 404, true],
  ]);
  t.equal(ann.id, 'ann');
});

t.test(
  'requests are logged with their ids when asked, and a watcher that fails breaks nothing',
  async (t) => {
    const observe = (): never => {
      throw new Error('a watcher failed');
    };
    const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
    const watched = await startFront(t, [dialect], { logsRequests: true });
    await fetch(`${watched.url}/t/look`, { headers: { traceparent } });
    t.match(watched.logged, [
      {
        message: 'request',
        fields: { request_id: 'made-here', trace_id: 'a'.repeat(32), operation: 'test.look', status: 200 },
      },
    ]);
    const broken = await startFront(t, [dialect], { observe });
    t.equal((await fetch(`${broken.url}/t/look`)).status, 200);
    t.match(broken.logged, [{ message: 'observing a request failed' }]);
  },
);

t.test('who asks comes before how much it sends, also when that takes a moment to tell', async (t) => {
  const refused = new Problem('forbidden', 'Not today.', { reason: 'not_admitted' });
  const admitting = { ...echo, admit: ({ superAdmin }: Principal) => (superAdmin ? null : refused) };
  const front = await startFront(t, [testDialect([{ ...admitting, bodyBytesMax: 100 }])]);
  const ask = async (secret: string, length: number, more: object = {}) => {
    const headers = { ...json, authorization: `Bearer ${secret}` };
    const body = `"${'x'.repeat(length)}"`;
    const answer = await fetch(`${front.url}/t/echo/1`, { method: 'POST', headers, body, ...more });
    const { refused: code } = (await answer.json()) as { readonly refused: string };
    return `${answer.status} ${code}`;
  };
  for (const length of [10, 200]) {
    t.equal(await ask('down', length), '503 unavailable');
    t.equal(await ask('nobody', length), '401 unauthenticated');
    t.equal(await ask('ann', length), '403 forbidden');
    t.equal(await ask('slow', length), '403 forbidden');
  }
  t.equal(await ask('root', 200), '413 too_large');
  const body = new ReadableStream({
    start(stream) {
      for (let n = 0; n < 5; n += 1) stream.enqueue(new Uint8Array(50));
      stream.close();
    },
  });
  t.equal(await ask('root', 0, { body, duplex: 'half' }), '413 too_large', 'in chunks');
});

t.test('a dialect that reads for itself gets what came, and refuses as it likes', async (t) => {
  const seen: unknown[] = [];
  const reading = testDialect([echo], {
    inputReader: (operation) => (raw) => {
      seen.push({ ...raw, body: raw.body === null ? null : new TextDecoder().decode(raw.body) });
      if (raw.query === 'refuse') return new Problem('conflict', operation.id);
      return { params: { id: 'read' }, query: { limit: 7 }, body: { content: 'by itself' } };
    },
  });
  const front = await startFront(t, [reading]);
  const ask = async (path: string, init: RequestInit) => {
    const answer = await fetch(front.url + path, { method: 'POST', ...init });
    return await answer.json();
  };
  const headers = { authorization: 'Bearer slow', 'content-type': 'text/odd' };
  t.same(await ask('/t/echo/a%2Fb?x=%ff', { headers, body: '{' }), {
    ...{ id: 'read', limit: 7, content: 'by itself', by: 'ann' },
  });
  t.match(await ask('/t/echo/%ff?refuse', { headers: asAnn }), { refused: 'conflict', message: 'test.echo' });
  t.same(seen, [
    { params: { id: 'a/b' }, query: 'x=%ff', contentType: 'text/odd', body: '{' },
    { params: { id: null }, query: 'refuse', contentType: 'application/json', body: null },
  ]);
});

t.test('a dialect may say who asks without a credential; one that is shown must be valid', async (t) => {
  const nobody = { ...ann, id: 'nobody' };
  const { url } = await startFront(t, [testDialect([echo], { anonymous: nobody })]);
  const post = async (headers: Readonly<Record<string, string>>) => {
    const body = JSON.stringify({ content: 'hi' });
    const answer = await fetch(`${url}/t/echo/1`, { method: 'POST', headers: { ...json, ...headers }, body });
    return [answer.status, ((await answer.json()) as { by?: string }).by];
  };
  t.same(await post({}), [201, 'nobody']);
  t.same(await post({ authorization: 'Bearer ann' }), [201, 'ann']);
  for (const headers of [
    { authorization: 'Bearer who' },
    { authorization: 'Basic eA==' },
    { 'x-api-key': 'who' },
  ])
    t.same(await post(headers), [401, undefined], JSON.stringify(headers));
});
