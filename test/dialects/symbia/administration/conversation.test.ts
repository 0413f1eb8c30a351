/** One conversation in an administrator's hands, over a whole node. */
import { randomUUID } from 'node:crypto';
import t from 'tap';
import { noConversation, onlyAdmins, refused, startAdministrators } from './administrators.ts';

t.setTimeout(120_000);
const { ada, alf, ben, zoe, root, ask, get, create, post } = await startAdministrators(t);
const at = (id: string): string => `/api/admin/conversations/${id}`;

/** Newest first. */
const audit = async (action: string) =>
  (await get(ada, `/api/admin/audit?action=${action}`)).body.entries as readonly object[];

t.test('a conversation shows its participants and newest messages, with class and policy', async (t) => {
  const id = await create(ada, [ben]);
  for (let number = 1; number <= 103; number += 1) await post(ada, id, `message ${number}`);
  const gone = await post(ben, id, 'gone');
  await post(ben, id, 'last', { 'x-policy-ref': 'policy-7', 'x-data-class': 'pii' });
  await ask(ben, 'DELETE', `/api/conversations/${id}/messages/${gone}`);
  const { status, body } = await get(alf, at(id.toUpperCase()));
  t.equal(status, 200);
  t.match(body, { id, type: 'group', name: 'Harbour', org_id: ada.tenant });
  t.match(body.participants, [
    { user_id: ada.id, role: 'owner' },
    { user_id: ben.id, role: 'member' },
  ]);
  t.equal(body.recentMessages.length, 100);
  t.equal(body.recentMessages[0].content, 'message 5');
  t.match(body.recentMessages.at(-1), {
    ...{ content: 'last', sequence: 105, policy_ref: 'policy-7', data_class: 'pii', deleted_at: null },
  });
  t.match((await get(root, at(id))).body, { id, org_id: ada.tenant }, 'a super admin needs no organization');
  t.equal((await get(alf, at(id), { 'x-env': 'prod' })).status, 404);
});

t.test('phi and secret texts are withheld from who does not take part', async (t) => {
  const phi = { 'x-data-class': 'phi' };
  const id = await create(ada, [ben], { name: 'Ward 7', metadata: { ward: 7 } }, phi);
  await post(ben, id, 'open');
  await post(ben, id, 'diagnosis', { 'x-data-class': 'secret' });
  await ask(ada, 'POST', `/api/conversations/${id}/control`, { event: 'x.bell', reason: 'diagnosis' }, phi);
  for (const who of [alf, root]) {
    const { body } = await get(who, at(id));
    t.match(body, { name: null, metadata: { sealed: 'restricted' } });
    t.match(body.recentMessages, [
      { content: 'open', metadata: {} },
      { content: '', metadata: { sealed: 'restricted' }, data_class: 'secret' },
      { content: 'x.bell', metadata: { sealed: 'restricted' }, data_class: 'phi' },
    ]);
    const listed = (await get(who, '/api/admin/conversations')).body.conversations;
    const row = listed.find((one: { id: string }) => one.id === id);
    t.match(row, { name: null, metadata: { sealed: 'restricted' } });
    t.notMatch(JSON.stringify([body, listed]), /diagnosis|Ward/);
  }
  const own = (await get(ada, at(id))).body;
  t.match(own, { name: 'Ward 7', metadata: { ward: 7 } });
  t.match(own.recentMessages, [{ content: 'open' }, { content: 'diagnosis' }, { content: 'x.bell' }]);
});

t.test('what is of another tenant, missing or no id is one answer', async (t) => {
  const foreign = await create(zoe);
  for (const id of [foreign, randomUUID(), 'no-id']) {
    t.match(await get(ada, at(id)), noConversation);
    t.match(await ask(ada, 'DELETE', at(id)), noConversation);
    t.match(await ask(ada, 'POST', `${at(id)}/participants`, { userId: ben.id }), noConversation);
    t.match(await ask(ada, 'DELETE', `${at(id)}/participants/${zoe.id}`), noConversation);
  }
  t.equal((await get(zoe, `/api/conversations/${foreign}`)).status, 200);
  t.match(await get({ token: '' }, at('no-id')), noConversation, 'before anybody is asked who it is');
  for (const id of [randomUUID(), 'no-id']) t.match(await get(root, at(id)), noConversation);
  t.match(await get(root, at(foreign), { 'x-org-id': ada.tenant }), noConversation);
});

t.test('members are refused, also the owner of a conversation', async (t) => {
  const id = await create(ben);
  const tries = [
    await get(ben, at(id)),
    await ask(ben, 'DELETE', at(id)),
    await ask(ben, 'POST', `${at(id)}/participants`, { userId: alf.id }),
    await ask(ben, 'DELETE', `${at(id)}/participants/${ben.id}`),
  ];
  for (const answer of tries) t.match(answer, onlyAdmins);
  t.equal((await get(ben, `/api/conversations/${id}`)).status, 200);
});

t.test('an administrator deletes what it is not in, and the audit says so', async (t) => {
  const [one, other] = [await create(ben), await create(zoe)];
  t.same(await ask(alf, 'DELETE', at(one)).then(({ status, body }) => [status, body]), [204, null]);
  t.equal((await ask(root, 'DELETE', at(other))).status, 204);
  t.equal((await get(ben, `/api/conversations/${one}`)).status, 403);
  t.match(await ask(alf, 'DELETE', at(one)), noConversation);
  t.match(await audit('conversation.deleted'), [
    { subject: one, actor: { id: alf.id }, tenant_id: ada.tenant, address: '127.0.0.1' },
  ]);
  const { entries } = (await get(root, `/api/admin/audit?tenant=${zoe.tenant}&action=conversation.deleted`))
    .body;
  t.match(entries, [{ subject: other, actor: { id: root.id, tenant_id: /./ } }]);
});

t.test('it adds in any role, gives who is there another one, and removes anybody', async (t) => {
  const id = await create(ben, [{ id: 'assistant:iris' }]);
  const add = (body: object, who = alf) => ask(who, 'POST', `${at(id)}/participants`, body);
  t.match(await add({ userId: 'u-1' }), {
    ...{ status: 201, body: { user_id: 'u-1', user_type: 'user', role: 'member', conversation_id: id } },
  });
  t.match(await add({ userId: 'assistant:x', role: 'admin' }), {
    body: { user_type: 'user', role: 'admin' },
  });
  t.match(await add({ userId: ada.id, userType: 'agent', role: 'owner' }), {
    body: { user_id: ada.id, user_type: 'user', role: 'owner' },
  });
  const [former] = (await get(alf, at(id))).body.participants;
  t.match(former, { user_id: ben.id, role: 'owner' });
  const again = await add({ userId: ben.id, role: 'member' });
  t.match(again, { status: 201, body: { id: former.id, role: 'member', joined_at: former.joined_at } });
  t.equal((await add({ userId: ben.id, role: 'member' })).status, 201, 'nothing to change');
  for (const [body, error] of [
    [{}, 'userId is required'],
    [{ userId: 'x', role: 'boss' }, 'role must be owner, admin or member'],
    [{ userId: 'x', userType: 'bot' }, 'userType must be user or agent'],
  ] as const) {
    t.match(await add(body), refused(400, error));
  }
  for (const gone of ['assistant:iris', ada.id, 'assistant:x']) {
    const { status } = await ask(alf, 'DELETE', `${at(id)}/participants/${encodeURIComponent(gone)}`);
    t.equal(status, 204, gone);
  }
  t.match(
    await ask(alf, 'DELETE', `${at(id)}/participants/${ada.id}`),
    refused(404, 'Participant not found'),
  );
  t.match(await audit('participant.added'), [
    { subject: id, detail: { participant: ada.id, role: 'owner' } },
    { detail: { participant: 'assistant:x', role: 'admin' } },
    { detail: { participant: 'u-1', role: 'member' }, actor: { id: alf.id } },
  ]);
  t.match(await audit('participant.role_changed'), [{ detail: { participant: ben.id, role: 'member' } }]);
  t.equal((await audit('participant.removed')).length, 3);
});

t.test('who is removed by an administrator reads and posts no more', async (t) => {
  const id = await create(ada, [ben]);
  await post(ben, id, 'still here');
  t.equal((await ask(alf, 'DELETE', `${at(id)}/participants/${ben.id}`)).status, 204);
  const message = `/api/conversations/${id}/messages`;
  t.equal((await get(ben, message)).status, 403);
  t.equal((await ask(ben, 'POST', message, { content: 'x' })).status, 403);
  t.match((await get(ada, message)).body.at(-1), { content: 'still here' });
});
