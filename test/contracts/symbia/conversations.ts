import type { Test } from 'tap';
import { call } from '../../kit/clients/http-client.ts';
import { until } from '../../kit/log-entries.ts';
import {
  Client,
  group,
  missing,
  noConversation,
  notParticipant,
  refused,
  type SymbiaWorld,
  said,
  timestamp,
  uuid,
} from './world.ts';

const conversationKeys = [
  ...['created_at', 'created_by', 'description', 'id', 'metadata', 'name', 'org_id', 'type', 'updated_at'],
];

export function conversations(t: Test, world: SymbiaWorld): void {
  const { ada, ben, cleo, iris, stranger } = world;
  const asAda = new Client(world, ada);
  const asBen = new Client(world, ben);

  t.test(
    'a created conversation is a row with all keys and its participants, the creator as owner',
    async (t) => {
      const { status, body, headers } = await asAda.post('', {
        type: 'group',
        name: 'Harbour',
        metadata: { a: { b: 1 } },
        participants: [
          { userId: ben.id },
          { userId: ada.id },
          {},
          null,
          { userId: '' },
          { userId: ben.id },
          'x',
        ],
      });
      t.equal(status, 201);
      t.equal(headers.get('cache-control'), 'no-cache, no-store, must-revalidate');
      t.ok(headers.get('x-trace-id'));
      t.same(Object.keys(body).sort(), [...conversationKeys, 'participants'].sort());
      t.match(body, {
        id: uuid,
        type: 'group',
        name: 'Harbour',
        description: null,
        org_id: ada.tenant,
        created_by: ada.id,
        created_at: timestamp,
        updated_at: timestamp,
        metadata: { a: { b: 1 } },
      });
      t.same(
        body.participants.map((one: { user_id: string; role: string }) => [one.user_id, one.role]),
        [
          [ada.id, 'owner'],
          [ben.id, 'member'],
        ],
      );
      t.match(body.participants[0], {
        id: uuid,
        conversation_id: body.id,
        user_type: 'user',
        entity_id: null,
        joined_at: timestamp,
        last_read_at: null,
      });
      t.equal(Object.keys(body.participants[0]).length, 8);
      const read = await asAda.get(`/${body.id}`);
      t.same(said(read), { status: 200, body });
    },
  );

  t.test('a participant that is known is what it is, another one what is said of it', async (t) => {
    const { body } = await asAda.post('', {
      type: 'private',
      participants: [
        { userId: iris.id, userType: 'user' },
        { userId: 'assistant:nobody' },
        { userId: 'assistant:said', userType: 'agent' },
        { userId: stranger.id },
      ],
    });
    t.same(
      body.participants.map((one: { user_id: string; user_type: string }) => [one.user_id, one.user_type]),
      [
        [ada.id, 'user'],
        [iris.id, 'agent'],
        ['assistant:nobody', 'user'],
        ['assistant:said', 'agent'],
        [stranger.id, 'user'],
      ],
    );
    t.match(await new Client(world, stranger).get(`/${body.id}`), notParticipant);
  });

  t.test('what cannot be created is refused in upstream’s words', async (t) => {
    for (const [body, error] of [
      [{}, 'Invalid conversation type'],
      [{ type: 'direct', name: 'x' }, 'Invalid conversation type'],
      [{ type: ['group'], name: 'x' }, 'Invalid conversation type'],
      [{ type: 'group' }, 'Group conversations require a name'],
      [{ type: 'group', name: '' }, 'Group conversations require a name'],
    ] as const) {
      t.match(await asAda.post('', body), refused(400, error));
    }
    for (const body of [
      { name: 5 },
      { name: 'x'.repeat(256) },
      { description: {} },
      { metadata: [] },
      { metadata: 'x' },
      { participants: {} },
      { participants: [{ userId: 5 }] },
      { participants: [{ userId: 'x'.repeat(256) }] },
      { participants: [{ userId: 'x', userType: 'bot' }] },
      { participants: Array.from({ length: 1_001 }, (_, i) => ({ userId: `u${i}` })) },
    ]) {
      t.equal(
        (await asAda.post('', { type: 'group', name: 'x', ...body })).status,
        400,
        Object.keys(body).join(),
      );
    }
    const large = await asAda.post('', { type: 'private', metadata: { a: 'x'.repeat(17_000) } });
    t.equal(large.status, 413);
  });

  t.test('an organization that is not the caller’s is refused, its own one is not', async (t) => {
    const error = refused(403, 'Not authorized for this organization');
    const body = { type: 'private' };
    t.match(await asAda.post('', { ...body, orgId: stranger.tenant }), error);
    t.match(await asAda.get(`?orgId=${stranger.tenant}`), error);
    const other = { headers: { 'x-org-id': stranger.tenant } };
    t.match(await asAda.request('POST', '', body, other), error);
    t.match(await asAda.request('GET', '', undefined, other), error);
    t.match(await asAda.post('', { ...body, orgId: ada.tenant.toUpperCase() }), { status: 201 });
    t.match(await asAda.get(`?orgId=${ada.tenant}`), { status: 200 });
    const own = { headers: { 'x-org-id': ada.tenant } };
    t.match(await asAda.request('GET', '', undefined, own), { status: 200 });
  });

  t.test('hidden and missing are one answer, also to who may observe', async (t) => {
    const path = `/${(await asBen.post('', { type: 'private', participants: [{ userId: cleo.id }] })).body.id}`;
    for (const player of [ada, iris, world.hook, stranger]) {
      const client = new Client(world, player);
      t.match(await client.get(path), notParticipant);
      for (const [method, route, body] of [
        ['GET', '', undefined],
        ['GET', '/messages', undefined],
        ['PATCH', '', { name: 'x' }],
        ['DELETE', '', undefined],
        ['PATCH', `/messages${missing()}`, { content: 'x' }],
        ['DELETE', `/messages${missing()}`, undefined],
        ['GET', `/messages${missing()}/history`, undefined],
        ['POST', '/control', { event: 'x.note' }],
        ['POST', '/join', undefined],
        ['POST', '/leave', undefined],
        ['POST', '/participants', { userId: 'x' }],
        ['DELETE', `/participants/${ben.id}`, undefined],
        ['PATCH', `/participants/${ben.id}`, { role: 'admin' }],
      ] as const) {
        const hidden = await client.request(method, path + route, body);
        const absent = await client.request(method, missing() + route, body);
        t.same(said(hidden), said(absent), `${method} ${route}`);
        const isParticipantRoute = /^\/(join|participants)/.test(route);
        if (isParticipantRoute) t.match(hidden, noConversation);
        else t.match(hidden.body, { error: 'Not a participant in this conversation' });
      }
    }
    t.match(await asAda.post(`${path}/messages`, { content: 'x' }), notParticipant);
  });

  t.test('an id that is no UUID names no conversation', async (t) => {
    for (const id of [
      '1',
      'null',
      'me',
      '%00',
      "'; drop table",
      '../../etc',
      `${missing().slice(1)}0`,
      '%F0%9F%92%A9',
    ]) {
      const path = `/${encodeURIComponent(decodeURIComponent(id))}`;
      for (const [method, route] of [
        ['GET', ''],
        ['GET', '/messages'],
        ['POST', '/join'],
        ['POST', '/leave'],
        ['DELETE', ''],
      ] as const) {
        const answer = await asAda.request(method, path + route);
        t.ok(answer.status === 404 || answer.status === 400, `${method} ${path}${route}`);
        t.type(answer.body.error, 'string');
      }
    }
    t.match(await asAda.get('/not-a-uuid'), noConversation);
    t.match(await asAda.post('/not-a-uuid/join'), noConversation);
  });

  t.test('UUIDs compare without case', async (t) => {
    const path = await group(world);
    t.match(await asAda.get(path.toUpperCase()), { status: 200, body: { id: path.slice(1) } });
    t.match(await asAda.get(`${path.toUpperCase()}/messages`), { status: 200 });
  });

  t.test('the list holds all that the caller is in and nothing else, newest activity first', async (t) => {
    const paths: string[] = [];
    for (let i = 0; i < 5; i += 1) paths.push(await group(world, cleo));
    await group(world, ben);
    await asAda.post(`${paths[1]}/messages`, { content: 'up' });
    const first = await asAda.get(paths[1] ?? '');
    // Where a message stands in the list follows the projection.
    let body: { id: string }[] = [];
    await until(async () => {
      const listing = await new Client(world, cleo).get('');
      t.equal(listing.status, 200);
      body = listing.body;
      return `/${body[0]?.id}` === paths[1];
    });
    const listed = body.map((one) => `/${one.id}`).slice(0, 5);
    t.same(listed, [paths[1], paths[4], paths[3], paths[2], paths[0]]);
    t.same(Object.keys(body[0] ?? {}).sort(), conversationKeys);
    const { participants: _, ...row } = first.body;
    t.same(body[0], row);
  });

  t.test('owner and admin update; null clears, unknown fields are ignored', async (t) => {
    const path = await group(world, ben);
    const changed = await asAda.patch(path, {
      name: 'Port',
      description: 'boats',
      metadata: { a: 1 },
      type: 'private',
    });
    t.match(changed, {
      status: 200,
      body: { name: 'Port', description: 'boats', metadata: { a: 1 }, type: 'group' },
    });
    t.notOk(changed.body.participants);
    const cleared = await asAda.patch(path, { name: null, metadata: null });
    t.match(cleared, { status: 200, body: { name: null, description: 'boats' } });
    t.same(cleared.body.metadata, {});
    t.match(await asAda.patch(path, {}), { status: 200, body: { updated_at: cleared.body.updated_at } });
    t.match(
      await asBen.patch(path, { name: 'x' }),
      refused(403, 'Not authorized to update this conversation'),
    );
    await asAda.patch(`${path}/participants/${ben.id}`, { role: 'admin' });
    t.match(await asBen.patch(path, { name: 'Pier' }), { status: 200, body: { name: 'Pier' } });
    for (const body of [{ name: 5 }, { metadata: [] }, { description: 'x'.repeat(4_001) }]) {
      t.equal((await asAda.patch(path, body)).status, 400);
    }
  });

  t.test('only the owner deletes, and then there is nothing', async (t) => {
    const path = await group(world, ben);
    const error = refused(403, 'Only the owner can delete this conversation');
    t.match(await asBen.delete(path), error);
    await asAda.patch(`${path}/participants/${ben.id}`, { role: 'admin' });
    t.match(await asBen.delete(path), error);
    t.same(said(await asAda.delete(path)), { status: 204, body: null });
    t.match(await asAda.get(path), notParticipant);
    t.match(await asAda.get(`${path}/messages`), notParticipant);
    t.match(await asAda.post(`${path}/messages`, { content: 'x' }), notParticipant);
    t.match(await asAda.delete(path), notParticipant);
    const { body } = await asAda.get('');
    t.notOk(body.some((one: { id: string }) => `/${one.id}` === path));
  });

  t.test('an environment sees its own conversations', async (t) => {
    const inEnv = (env: string): Client => new Client(world, ada, { 'x-env': env });
    const { body } = await inEnv('prod').post('', { type: 'private' });
    const path = `/${body.id}`;
    const isListed = async (client: Client): Promise<boolean> =>
      (await client.get('')).body.some((one: { id: string }) => one.id === body.id);
    t.match(await inEnv('prod').get(path), { status: 200 });
    t.match(await inEnv('dev').get(path), notParticipant);
    t.match(await inEnv('dev').post(`${path}/messages`, { content: 'x' }), notParticipant);
    t.match(await asAda.get(path), { status: 200 });
    t.same(
      [await isListed(inEnv('prod')), await isListed(inEnv('dev')), await isListed(asAda)],
      [true, false, true],
    );
    const unnamed = await group(world);
    t.match(await inEnv('dev').get(unnamed), { status: 200 });
    t.match(await inEnv('test').get(''), { status: 400 });
  });

  t.test('without a valid credential every route answers 401 in the shape of this API', async (t) => {
    const path = await group(world);
    const anyone = { error: 'Authentication required', message: 'Authentication required' };
    for (const [method, route] of [
      ['GET', ''],
      ['POST', ''],
      ['GET', path],
      ['PATCH', path],
      ['DELETE', path],
      ['POST', `${path}/join`],
      ['POST', `${path}/leave`],
      ['POST', `${path}/participants`],
      ['DELETE', `${path}/participants/x`],
      ['PATCH', `${path}/participants/x`],
      ['GET', `${path}/messages`],
      ['POST', `${path}/messages`],
      ['POST', `${path}/control`],
      ['PATCH', `${path}/messages${missing()}`],
      ['DELETE', `${path}/messages${missing()}`],
      ['GET', `${path}/messages${missing()}/history`],
    ] as const) {
      const body = method === 'GET' || method === 'DELETE' ? {} : { body: {} };
      for (const headers of [{}, { authorization: 'Bearer nonsense' }, { 'x-api-key': 'nonsense' }]) {
        const answer = await call(world, method, `/api/conversations${route}`, { ...body, headers });
        t.same(said(answer), { status: 401, body: anyone }, `${method} ${route}`);
      }
    }
  });

  t.test('unknown routes and methods below the prefix are refused in the shape of this API', async (t) => {
    const path = await group(world);
    for (const [method, route, status] of [
      ['GET', `${path}/nothing`, 404],
      ['PUT', path, 405],
      ['DELETE', '', 405],
      ['GET', `${path}/control`, 405],
    ] as const) {
      const answer = await asAda.request(method, route);
      t.equal(answer.status, status, `${method} ${route}`);
      t.match(answer.body, { error: String, message: String });
    }
  });
}
