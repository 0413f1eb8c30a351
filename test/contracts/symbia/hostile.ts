import type { Test } from 'tap';
import { call } from '../../kit/clients/http-client.ts';
import { Client, group, type SymbiaWorld } from './world.ts';

/** Texts of bodies that no route may take, whatever it wants. */
const badBodies: readonly [name: string, text: string][] = [
  ['no JSON', '{"content": '],
  ['trailing text', '{"content":"x"} x'],
  ['an array', '[]'],
  ['a string', '"content"'],
  ['a number', '1'],
  ['null', 'null'],
  [
    'U+0000',
    '{"content":"a\\u0000b","type":"group","name":"\\u0000","event":"x.\\u0000","userId":"\\u0000","role":"\\u0000"}',
  ],
  [
    'a lone surrogate',
    '{"content":"\\ud800","type":"group","name":"\\ud800","event":"x.\\ud800","userId":"\\ud800","role":"\\ud800"}',
  ],
  ['a deep one', `{"content":${'['.repeat(500)}${']'.repeat(500)},"type":"group","name":"x"}`],
  ['a deep metadata', `{"content":"x","metadata":${'{"a":'.repeat(500)}1${'}'.repeat(500)}}`],
];

const odd: readonly unknown[] = [
  ...[null, true, -1, 1e308, '', ' ', [], {}, [[]], { $ne: null }, "' or 1=1 --", '\u202e', '💥'],
  ...[
    { toString: 1 },
    { length: 1e9 },
    ['a', 'b'],
    { principalId: { principalId: 'x' } },
    'x'.repeat(10_000),
  ],
];

export function hostile(t: Test, world: SymbiaWorld): void {
  const { ada, ben, stranger } = world;
  const asAda = new Client(world, ada);

  /** Every route that takes a body, with the fields it looks at. */
  const routesOf = (path: string): [method: string, route: string, fields: readonly string[]][] => {
    const posted = ['replyTo', 'id', 'runId', 'traceId', 'priority', 'interruptible', 'preemptedBy'];
    const edited = ['content', 'metadata'];
    return [
      ['POST', '', ['type', 'name', 'description', 'orgId', 'metadata', 'participants']],
      ['PATCH', path, ['name', 'description', 'metadata']],
      ['POST', `${path}/participants`, ['userId', 'userType', 'role']],
      ['PATCH', `${path}/participants/${ben.id}`, ['role']],
      ['POST', `${path}/messages`, [...edited, 'contentType', ...posted]],
      ['PATCH', `${path}/messages/01900000-0000-7000-8000-000000000000`, edited],
      ['POST', `${path}/control`, ['event', 'target', 'reason', 'metadata', ...posted.slice(2)]],
    ];
  };

  t.test(
    'a body that is no JSON object of text is a 4xx on every route, and nothing is stored',
    async (t) => {
      const path = await group(world, ben);
      const before = (await asAda.get(path)).body;
      for (const [method, route] of routesOf(path)) {
        for (const [name, text] of badBodies) {
          const answer = await asAda.request(method, route, text);
          t.ok(
            answer.status >= 400 && answer.status < 500,
            `${method} ${route} with ${name}: ${answer.status}`,
          );
          t.match(answer.body, { error: String, message: String });
        }
      }
      t.same((await asAda.get(path)).body, before);
      t.same((await asAda.get(`${path}/messages`)).body, []);
    },
  );

  t.test('a body that is not announced as JSON is refused', async (t) => {
    const path = await group(world);
    for (const type of ['text/plain', 'multipart/form-data', 'application/jsonx']) {
      const headers = { 'content-type': type };
      const answer = await asAda.request('POST', `${path}/messages`, '{"content":"x"}', { headers });
      t.equal(answer.status, 415, type);
    }
    t.same((await asAda.get(`${path}/messages`)).body, []);
  });

  t.test('a body that is too large is a 413', async (t) => {
    const path = await group(world);
    const answer = await asAda.post(`${path}/messages`, { content: 'x', extra: 'x'.repeat(1_100_000) });
    t.equal(answer.status, 413);
    t.type(answer.body.error, 'string');
  });

  t.test('any field may hold anything: no answer is a 5xx, every refusal has the shape', async (t) => {
    const path = await group(world, ben);
    const fine = { type: 'group', name: 'x', userId: 'x', role: 'member', content: 'x', event: 'x.note' };
    for (const [method, route, fields] of routesOf(path)) {
      for (const field of fields) {
        const values = await Promise.all(
          odd.map((value) => asAda.request(method, route, { ...fine, [field]: value })),
        );
        const bad = values.filter(({ status, body }) => status >= 500 || (status >= 400 && !body?.error));
        t.same(bad, [], `${method} ${route} ${field}`);
      }
    }
    t.match(await asAda.get(path), { status: 200 });
  });

  t.test('prototypes are not polluted, and stay data where they are kept', async (t) => {
    const path = await group(world);
    const body =
      '{"content":"x","__proto__":{"priority":"critical"},"constructor":{"a":1},"metadata":{"constructor":{"a":1},"__proto__":{"b":2}}}';
    const answer = await asAda.request('POST', `${path}/messages`, body);
    t.match(answer, { status: 201, body: { priority: 'normal', metadata: { constructor: { a: 1 } } } });
    t.notOk(Object.hasOwn(answer.body.metadata, '__proto__'));
    t.notOk(({} as { b?: number }).b);
  });

  t.test('queries and headers may hold anything, too', async (t) => {
    const path = await group(world);
    for (const query of [
      'limit=1&limit=2',
      '%',
      '%FF',
      '=',
      '&&&',
      'limit[]=1',
      'before[$gt]=1',
      `a=${'x'.repeat(3_000)}`,
    ]) {
      const answer = await asAda.get(`${path}/messages?${query}`);
      t.ok(answer.status === 200 || answer.status === 400, `${query}: ${answer.status}`);
    }
    for (const headers of [
      { 'x-env': 'production' },
      { 'x-data-class': 'top' },
      { 'x-org-id': 'x'.repeat(300) },
      { 'x-policy-ref': 'x'.repeat(300) },
      { 'idempotency-key': 'x'.repeat(300) },
    ]) {
      const answer = await asAda.request('POST', `${path}/messages`, { content: 'x' }, { headers });
      t.ok(answer.status === 400 || answer.status === 403, JSON.stringify(headers).slice(0, 40));
      t.type(answer.body.error, 'string');
    }
    const asUser = { 'x-as-user-id': 'a b' };
    const answer = await call(world, 'GET', `/api/conversations${path}`, {
      token: world.hook.token,
      headers: asUser,
    });
    t.equal(answer.status, 400);
  });

  t.test('another tenant cannot tell that any of this exists, with any header', async (t) => {
    const path = await group(world, ben);
    const { body } = await asAda.post(`${path}/messages`, { content: 'secret' });
    for (const headers of [
      {},
      { 'x-as-user-id': ada.id },
      { 'x-service-id': 'x' },
      { 'x-org-id': ada.tenant },
    ]) {
      const client = new Client(world, stranger, headers);
      for (const [method, route, sent] of [
        ['GET', path, undefined],
        ['GET', `${path}/messages`, undefined],
        ['GET', `${path}/messages/${body.id}/history`, undefined],
        ['POST', `${path}/messages`, { content: 'x' }],
        ['POST', `${path}/join`, undefined],
        ['DELETE', `${path}/messages/${body.id}`, undefined],
        ['DELETE', path, undefined],
      ] as const) {
        const answer = await client.request(method, route, sent);
        t.ok(answer.status === 403 || answer.status === 404, `${method} ${route}`);
        t.notMatch(JSON.stringify(answer.body), /secret|Harbour/);
      }
    }
    t.equal((await asAda.get(`${path}/messages`)).body.length, 1);
  });
}
