/** Participants over a whole node. */
import t from 'tap';
import { type Account, signUpInto } from '../../../../kit/clients/accounts.ts';
import { refusal, type Speaker, startChat } from '../stage.ts';

const { ann, bob, robot, stranger, ask, node } = await startChat(t);
const path = '/v1/chat/conversations';
const people = (await Promise.all(['carl', 'dora', 'eric'].map((name) => signUpInto(node, ann, name)))) as [
  Account,
  Account,
  Account,
];
const [carl, dora, eric] = people;

const group = async (by: Speaker, ...others: readonly Speaker[]): Promise<string> => {
  const body = { type: 'group', name: 'Harbour', participant_ids: others.map(({ id }) => id) };
  return (await ask(by, `POST ${path}`, body)).body.id;
};
const add = (by: Speaker, id: string, ...added: readonly string[]) =>
  ask(by, `POST ${path}/${id}/participants`, { user_ids: added });
const remove = (by: Speaker, id: string, who: string) => ask(by, `DELETE ${path}/${id}/participants/${who}`);
const rolesOf = async (by: Speaker, id: string): Promise<Record<string, string>> => {
  const { body } = await ask(by, `GET ${path}/${id}/participants`);
  return Object.fromEntries(
    body.participants.map((one: { user_id: string; role: string }) => [one.user_id, one.role]),
  );
};

t.test('participants come in pages, longest present first', async (t) => {
  const id = await group(ann, bob, robot);
  await add(ann, id, carl.id);
  const all = await ask(bob, `GET ${path}/${id}/participants`);
  t.equal(all.body.next_cursor, null);
  t.match(all.body.participants.at(-1), {
    ...{ user_id: carl.id, display_name: 'carl', is_agent: false, role: 'member', status: 'offline' },
  });
  t.match(await rolesOf(bob, id), { [ann.id]: 'owner', [bob.id]: 'member', [robot.id]: 'agent' });
  const first = (await ask(bob, `GET ${path}/${id}/participants?limit=3`)).body;
  const rest = (await ask(bob, `GET ${path}/${id}/participants?limit=3&cursor=${first.next_cursor}`)).body;
  t.same([...first.participants, ...rest.participants], all.body.participants);
  t.equal(refusal(await ask(stranger, `GET ${path}/${id}/participants`)), '404 not_found');
  for (const query of ['limit=0', 'limit=501', 'cursor=x']) {
    t.equal(refusal(await ask(bob, `GET ${path}/${id}/participants?${query}`)), '400 invalid_request', query);
  }
});

t.test('several are added at once, all or none, and who is there already stays', async (t) => {
  const id = await group(ann, bob);
  const added = await add(ann, id, carl.id.toUpperCase(), bob.id, robot.id, carl.id);
  t.equal(added.status, 200);
  t.equal(added.body.participants.length, 4);
  t.equal(refusal(await add(ann, id, dora.id, 'nobody')), '400 unknown_user');
  t.equal(refusal(await add(ann, id, dora.id, stranger.id)), '400 unknown_user');
  t.equal(Object.keys(await rolesOf(ann, id)).length, 4);
  t.equal(refusal(await add(bob, id, dora.id)), '403 forbidden');
  t.equal(refusal(await add(dora, id, dora.id)), '404 not_found');
  t.equal(refusal(await add(ann, id)), '400 invalid_request');
  t.equal(
    refusal(await add(ann, id, ...Array.from({ length: 101 }, (_, n) => `p${n}`))),
    '400 invalid_request',
  );
  const direct = (await ask(ann, `POST ${path}`, { participant_ids: [bob.id] })).body.id;
  t.equal(refusal(await add(ann, direct, carl.id)), '409 direct_conversation_immutable');
  t.equal(refusal(await remove(ann, direct, ann.id)), '409 direct_conversation_immutable');
});

t.test('who joins sees the history, and has read what was there', async (t) => {
  const id = await group(ann, bob);
  await ask(ann, `POST /api/conversations/${id}/messages`, { content: 'before' });
  await add(ann, id, carl.id);
  await ask(ann, `POST /api/conversations/${id}/messages`, { content: 'after' });
  t.equal((await ask(carl, `GET ${path}/${id}/messages`)).body.messages.length, 2);
  const { conversations } = (await ask(carl, `GET ${path}/unread`)).body;
  const own = conversations.find((one: { conversation_id: string }) => one.conversation_id === id);
  t.match(own, { unread_count: 1 });
});

t.test('who is removed is out with the answer, and owners are removed by nobody', async (t) => {
  const id = await group(ann, bob, carl);
  t.equal(refusal(await remove(bob, id, carl.id)), '403 forbidden');
  t.same((await remove(ann, id, bob.id)).body, { ok: true });
  t.equal(refusal(await ask(bob, `GET ${path}/${id}/participants`)), '404 not_found');
  t.equal(refusal(await remove(ann, id, bob.id)), '404 not_found');
  t.equal(refusal(await remove(stranger, id, ann.id)), '404 not_found');
  await ask(ann, `PATCH /api/conversations/${id}/participants/${carl.id}`, { role: 'admin' });
  t.equal(refusal(await remove(carl, id, ann.id)), '403 forbidden');
});

t.test(
  'the oldest admin follows an owner that leaves, else the oldest member; with the last it ends',
  async (t) => {
    const id = await group(ann, robot, dora, eric);
    await add(ann, id, carl.id);
    await ask(ann, `PATCH /api/conversations/${id}/participants/${carl.id}`, { role: 'admin' });
    t.same((await remove(ann, id, ann.id)).body, { ok: true });
    t.match(await rolesOf(dora, id), { [carl.id]: 'owner', [dora.id]: 'member' });
    await remove(carl, id, carl.id);
    const roles = await rolesOf(dora, id);
    t.same(Object.values(roles).sort(), ['agent', 'member', 'owner']);
    const [owner, other] = roles[dora.id] === 'owner' ? [dora, eric] : [eric, dora];
    await remove(owner, id, owner.id);
    t.match(await rolesOf(other, id), { [other.id]: 'owner', [robot.id]: 'agent' });
    t.same((await remove(other, id, other.id)).body, { ok: true });
    t.equal(refusal(await ask(robot, `GET ${path}/${id}/participants`)), '404 not_found');
    t.notOk(
      (await ask(robot, `GET ${path}`)).body.conversations.some((one: { id: string }) => one.id === id),
    );
  },
);
