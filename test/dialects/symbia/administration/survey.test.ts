/** Lists and counts of administrators, over a whole node: right at once after each change. */
import t from 'tap';
import { idsOf, onlyAdmins, otherOrg, refused, startAdministrators } from './administrators.ts';

t.setTimeout(120_000);
const { ada, alf, ben, zoe, root, ask, get, create, post } = await startAdministrators(t);

const list = '/api/admin/conversations';
const stats = '/api/admin/stats';
const harbour = await create(ada, [ben, { id: 'assistant:iris' }]);
const pier = await create(ada, [], { type: 'private', name: null });
const foreign = await create(zoe, [{ id: 'assistant:iris' }]);

t.test('owner and admin list their tenant, a super admin every one, or the one that it names', async (t) => {
  for (const who of [ada, alf]) {
    const { status, body } = await get(who, list);
    t.equal(status, 200);
    t.match(body, { total: 2, limit: 50, offset: 0 });
    t.same(idsOf(body.conversations), [pier, harbour]);
    t.match(body.conversations[1], { id: harbour, org_id: ada.tenant, name: 'Harbour', created_by: ada.id });
  }
  const all = (await get(root, list)).body;
  t.equal(all.total, 3);
  t.same(idsOf(all.conversations), [foreign, pier, harbour]);
  for (const [path, headers] of [
    [`${list}?orgId=${ada.tenant.toUpperCase()}`, {}],
    [list, { 'x-org-id': ada.tenant }],
  ] as const) {
    t.same(idsOf((await get(root, path, headers)).body.conversations), [pier, harbour]);
  }
  t.same((await get(root, `${list}?orgId=nobody`)).body, {
    conversations: [],
    total: 0,
    limit: 50,
    offset: 0,
  });
  const both = await get(root, `${list}?orgId=${ada.tenant}`, { 'x-org-id': zoe.tenant });
  t.match(both, refused(400, 'orgId and X-Org-Id name different organizations'));
});

t.test('everybody else is refused, and so is who names a foreign organization', async (t) => {
  for (const path of [list, stats, `/api/admin/users/${ben.id}/conversations`]) {
    t.match(await get(ben, path), onlyAdmins);
    t.match(await get({ token: '' }, path), refused(401, 'Authentication required'));
    t.match(await get(ada, `${path}?orgId=${zoe.tenant}`), otherOrg);
    t.match(await get(ada, path, { 'x-org-id': zoe.tenant }), otherOrg);
    t.equal((await get(ada, `${path}?orgId=${ada.tenant}`)).status, 200);
    // Speaking for a member takes nothing away, for an owner gives nothing.
    t.match(await get(ben, path, { 'x-as-user-id': ada.id }), onlyAdmins);
    t.equal((await get(root, path, { 'x-as-user-id': ben.id })).status, 200);
  }
});

t.test('a list has pages, a type, and an order that a post changes at once', async (t) => {
  await post(ada, harbour, 'first again');
  t.same(idsOf((await get(ada, list)).body.conversations), [harbour, pier]);
  const second = (await get(ada, `${list}?limit=1&offset=1`)).body;
  t.match(second, { total: 2, limit: 1, offset: 1, conversations: [{ id: pier }] });
  t.same((await get(ada, `${list}?offset=2`)).body, { conversations: [], total: 2, limit: 50, offset: 2 });
  t.match((await get(ada, `${list}?type=private`)).body, { total: 1, conversations: [{ id: pier }] });
  t.match((await get(ada, list, { 'x-env': 'prod' })).body, { total: 0, conversations: [] });
  for (const query of [
    'limit=0',
    'limit=201',
    'limit=x',
    'limit=-1',
    'offset=-1',
    'offset=1.5',
    'type=room',
  ]) {
    t.equal((await get(ada, `${list}?${query}`)).status, 400, query);
  }
});

t.test('counts hold whatever was acknowledged before', async (t) => {
  const before = (await get(ada, stats)).body;
  t.match(before, { totalConversations: 2, activeConversations24h: 2, filters: { orgId: null, type: null } });
  t.equal(before.uniqueParticipants, 3);
  for (let round = 1; round <= 20; round += 1) {
    await post(ben, harbour, `message ${round}`);
    const { totalMessages } = (await get(alf, stats)).body;
    t.equal(totalMessages, before.totalMessages + round);
  }
  const last = await post(ada, pier, 'gone soon');
  t.equal((await ask(ada, 'DELETE', `/api/conversations/${pier}/messages/${last}`)).status, 204);
  await ask(ada, 'POST', `/api/conversations/${pier}/control`, { event: 'x.bell' });
  const { body } = await get(ada, stats);
  t.equal(body.totalMessages, before.totalMessages + 22, 'deleted messages and control events count');
  t.match((await get(root, stats)).body, { totalConversations: 3, uniqueParticipants: 5 }, 'two tenants');
  t.match((await get(root, `${stats}?orgId=${zoe.tenant}&type=group`)).body, {
    ...{ totalConversations: 1, totalMessages: 0, uniqueParticipants: 2 },
    filters: { orgId: zoe.tenant, type: 'group' },
  });
  t.match((await get(ada, `${stats}?type=private`)).body, { totalConversations: 1, uniqueParticipants: 1 });
});

t.test('every principal counts its own tenant', async (t) => {
  const { body } = await get(ben, '/api/stats');
  const { totalConversations, totalMessages, uniqueParticipants } = (await get(ada, stats)).body;
  t.same(body, { totalConversations, totalMessages, uniqueParticipants });
  t.match((await get(zoe, '/api/stats')).body, { totalConversations: 1, uniqueParticipants: 2 });
  t.match(await get({ token: '' }, '/api/stats'), refused(401, 'Authentication required'));
  t.match((await get(root, '/api/stats', { 'x-org-id': zoe.tenant })).body, { totalConversations: 1 });
});

t.test('whoever takes part somewhere is found by its id, whatever that looks like', async (t) => {
  const of = (id: string): string => `/api/admin/users/${encodeURIComponent(id)}/conversations`;
  t.same(idsOf((await get(ada, of(ben.id.toUpperCase()))).body), [harbour]);
  t.same(idsOf((await get(ada, of('assistant:iris'))).body), [harbour]);
  t.same(new Set(idsOf((await get(root, of('assistant:iris'))).body)), new Set([harbour, foreign]));
  t.same((await get(ada, of(zoe.id))).body, [], 'a foreign principal takes part in nothing here');
  for (const id of ['no body', 'nobody', 'x'.repeat(300)]) {
    t.match(await get(ada, of(id)), refused(404, 'User not found'));
  }
});

t.test('removals, leavings and deletions count at once', async (t) => {
  const mole = await create(ada, [ben]);
  const counted = (await get(ada, stats)).body;
  await ask(ada, 'DELETE', `/api/conversations/${harbour}/participants/assistant:iris`);
  t.equal((await get(ada, stats)).body.uniqueParticipants, counted.uniqueParticipants - 1);
  await post(ada, mole, 'one');
  await ask(ada, 'DELETE', `/api/conversations/${mole}`);
  const { body } = await get(ada, stats);
  t.equal(body.totalConversations, counted.totalConversations - 1);
  t.equal(body.totalMessages, counted.totalMessages, 'what it held counts nowhere');
  t.equal((await get(ada, list)).body.total, body.totalConversations);
});
