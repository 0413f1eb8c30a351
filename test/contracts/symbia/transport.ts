/** What every route shares (symbia.md §1, §2): paths before credentials, their order, forms, headers. */
import type { Test } from 'tap';
import { call } from '../../kit/clients/http-client.ts';
import { Client, group, noConversation, refused, type SymbiaWorld } from './world.ts';

export function transport(t: Test, world: SymbiaWorld): void {
  const { ada, ben, hook } = world;
  const routes = [
    ...(['GET', 'PATCH', 'DELETE'] as const).map((method) => [method, ''] as const),
    ...(['join', 'leave', 'participants', 'messages', 'control'] as const).map(
      (name) => ['POST', `/${name}`] as const,
    ),
    ...[
      ['GET', '/messages'] as const,
      ['DELETE', '/participants/x'] as const,
      ['PATCH', '/participants/x'] as const,
    ],
    ...[
      ['GET', '/messages/x/history'] as const,
      ['PATCH', '/messages/x'] as const,
      ['DELETE', '/messages/x'] as const,
    ],
  ];

  t.test('an id that is no UUID is 404 on every route, before anybody is asked who it is', async (t) => {
    for (const [method, route] of routes) {
      for (const id of [
        'x',
        'not-a-uuid',
        '123',
        '%FF',
        ' ',
        `${'0'.repeat(8)}-0000-0000-0000-00000000000`,
      ]) {
        const path = `/api/conversations/${encodeURIComponent(id).replace('%25FF', '%FF')}${route}`;
        t.match(await call(world, method, path), noConversation, `${method} ${path}`);
      }
    }
  });

  t.test('an id that is a UUID asks who it is', async (t) => {
    const path = await group(world);
    for (const [method, route] of routes) {
      const answer = await call(world, method, `/api/conversations${path}${route}`);
      t.match(answer, refused(401, 'Authentication required'), `${method} ${route}`);
    }
    t.match(await call(world, 'GET', '/api/conversations'), refused(401, 'Authentication required'));
  });

  t.test('bearer, key, cookie token, cookie symbia_session: the first that is valid counts', async (t) => {
    const who = async (headers: Record<string, string>): Promise<unknown> => {
      const body = { type: 'group', name: 'whose' };
      const made = await call(world, 'POST', '/api/conversations', { headers, body });
      return made.status === 201 ? made.body.created_by : made.status;
    };
    const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
    const [token, session] = [`token=${ada.token}`, `symbia_session=${ben.token}`];
    t.equal(await who({ ...bearer(ada.token), 'x-api-key': hook.token, cookie: session }), ada.id);
    t.equal(await who({ ...bearer('no'), 'x-api-key': hook.token, cookie: session }), hook.id);
    t.equal(await who({ ...bearer('no'), 'x-api-key': 'no', cookie: session }), ben.id);
    t.equal(await who({ cookie: `${session}; ${token}` }), ada.id);
    t.equal(await who({ cookie: session }), ben.id);
    t.equal(await who({ cookie: `${session}; token=no` }), 401, 'a cookie token hides the other one');
    t.equal(await who({ cookie: token, origin: world.url }), ada.id);
    t.equal(await who({ cookie: token, origin: 'https://evil.example' }), 401);
    t.equal(await who({ cookie: token, 'sec-fetch-site': 'cross-site' }), 401);
    t.equal(await who({ authorization: `Basic ${ada.token}` }), 401);
  });

  t.test('a form is read like JSON', async (t) => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const asAda = new Client(world, ada, headers);
    const made = await asAda.request('POST', '', 'type=group&name=From+a+form');
    t.match(made, { status: 201, body: { name: 'From a form', metadata: {} } });
    const path = `/${made.body.id}`;
    const said = await asAda.request('POST', `${path}/messages`, 'content=a%20b+c&priority=high');
    t.match(said, { status: 201, body: { content: 'a b c', priority: 'high' } });
    t.match(
      await asAda.request('POST', `${path}/messages`, '{"content":"x"}'),
      refused(400, 'Message content is required'),
    );
    t.match(
      await asAda.request('POST', `${path}/messages`, 'content=x&metadata=1'),
      refused(400, 'metadata must be an object'),
    );
    t.match(await asAda.request('POST', `${path}/participants`, `userId=${ben.id}`), { status: 201 });
  });

  t.test('answers carry the trace id and are not cached; HEAD and OPTIONS answer', async (t) => {
    const asAda = new Client(world, ada);
    const traced = await asAda.request('GET', '', undefined, { headers: { 'x-trace-id': 'trace-1' } });
    t.equal(traced.headers.get('x-trace-id'), 'trace-1');
    t.equal(traced.headers.get('cache-control'), 'no-cache, no-store, must-revalidate');
    const refusedToo = await call(world, 'GET', '/api/conversations/x', {
      headers: { 'x-trace-id': 'trace-2' },
    });
    t.equal(refusedToo.headers.get('x-trace-id'), 'trace-2');
    t.match((await asAda.request('GET', '')).headers.get('x-trace-id'), /^\S+$/);
    const head = await asAda.request('HEAD', '');
    t.match([head.status, head.body, Number(head.headers.get('content-length')) > 1], [200, null, true]);
    const options = await call(world, 'OPTIONS', '/api/conversations');
    t.match([options.status, options.headers.get('allow')], [204, 'GET, HEAD, POST, OPTIONS']);
  });

  t.test('an unknown path and a wrong method are refused in the shape of this API', async (t) => {
    const shape = { error: String, message: String };
    const path = `/api/conversations${await group(world)}`;
    t.match(await call(world, 'GET', `${path}/nothing`), { status: 404, body: shape });
    t.match(await call(world, 'PUT', path), { status: 405, body: shape });
    for (const own of [
      '/api/auth/x',
      '/api/bootstrap/x',
      '/api/health/x',
      '/health/x',
      '/symbia-namespace/x',
    ]) {
      t.match(await call(world, 'GET', own), { status: 404, body: shape }, own);
    }
  });

  t.test('X-Environment is X-Env by another name', async (t) => {
    const staged = new Client(world, ada, { 'x-environment': 'stage' });
    const made = await staged.post('', { type: 'group', name: 'staged' });
    t.equal(made.status, 201);
    const path = `/${made.body.id}`;
    t.equal((await new Client(world, ada, { 'x-env': 'stage' }).get(path)).status, 200);
    t.equal((await new Client(world, ada, { 'x-environment': 'prod' }).get(path)).status, 403);
    t.equal(
      (await new Client(world, ada, { 'x-env': 'stage', 'x-environment': 'prod' }).get(path)).status,
      200,
    );
    t.equal((await new Client(world, ada, { 'x-environment': 'moon' }).get('')).status, 400);
  });
}
