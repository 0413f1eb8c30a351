/** What blocking does to lists and counts: the blocker alone sees less. */
import t from 'tap';
import { signUpInto } from '../../../../kit/clients/accounts.ts';
import { type Speaker, startChat } from '../stage.ts';

const { ann, bob, robot, ask, group, node } = await startChat(t);
const path = '/v1/chat/conversations';

const post = async (who: Speaker, id: string, content: string): Promise<void> => {
  const sent = await ask(who, `POST /api/conversations/${id}/messages`, { content });
  t.equal(sent.status, 201);
};
const block = async (who: Speaker, whom: Speaker): Promise<void> => {
  t.equal((await ask(who, `POST /v1/chat/users/${whom.id}/block`)).status, 200);
};
const unblock = async (who: Speaker, whom: Speaker): Promise<void> => {
  t.equal((await ask(who, `DELETE /v1/chat/users/${whom.id}/block`)).status, 200);
};
const found = async (who: Speaker, id: string) =>
  (await ask(who, `GET ${path}`)).body.conversations.find((one: { id: string }) => one.id === id);
const unread = async (who: Speaker, id: string): Promise<number | undefined> => {
  const { conversations } = (await ask(who, `GET ${path}/unread`)).body;
  return conversations.find((one: { conversation_id: string }) => one.conversation_id === id)?.unread_count;
};

t.test(
  'messages of whom one blocks are in no preview and no count, until they are shown again',
  async (t) => {
    const id = await group(bob, robot);
    await post(bob, id, 'one');
    await post(robot, id, 'two');
    await post(bob, id, 'three');
    t.match(await found(ann, id), { unread_count: 3, last_message_preview: 'three' });
    await block(ann, bob);
    t.match(await found(ann, id), { unread_count: 1, last_message_preview: 'two', seq_counter: 3 });
    t.equal(await unread(ann, id), 1);
    await post(bob, id, 'four');
    t.match(await found(ann, id), { unread_count: 1, last_message_preview: 'two', seq_counter: 4 });
    t.match(await found(robot, id), { unread_count: 3, last_message_preview: 'four' });
    const read = await ask(ann, `POST ${path}/${id}/read`, { up_to_seq: 0 });
    t.equal(read.body.unread_count, 1);
    await unblock(ann, bob);
    t.match(await found(ann, id), { unread_count: 4, last_message_preview: 'four' });
  },
);

t.test('what a blocked one begins is not listed until the blocker writes there, or unblocks', async (t) => {
  for (const ends of ['writes', 'unblocks']) {
    const dora = await signUpInto(node, ann, 'dora');
    const eric = await signUpInto(node, ann, 'eric');
    await block(dora, eric);
    const made = await ask(eric, `POST ${path}`, { participant_ids: [dora.id] });
    t.equal(made.status, 201, 'the blocked one notices nothing');
    const { id } = made.body;
    await post(eric, id, 'hello?');
    t.equal(await found(dora, id), undefined);
    t.equal(await unread(dora, id), undefined);
    t.match(await found(eric, id), { last_message_preview: 'hello?' });
    const same = await ask(dora, `POST ${path}`, { participant_ids: [eric.id] });
    t.match(same, { status: 200, body: { id, last_message_preview: '', unread_count: 0 } });
    if (ends === 'unblocks') await unblock(dora, eric);
    else await post(dora, id, 'later');
    const listed = await found(dora, id);
    t.match(
      listed,
      ends === 'unblocks' ? { unread_count: 1 } : { unread_count: 0, last_message_preview: 'later' },
    );
  }
});

t.test('a conversation that a blocked one joined, or that one began oneself, stays listed', async (t) => {
  const frank = await signUpInto(node, ann, 'frank');
  const { id } = (await ask(ann, `POST ${path}`, { participant_ids: [frank.id] })).body;
  await block(ann, frank);
  t.match(await found(ann, id), { type: 'direct', contact: { user_id: frank.id } });
  const shared = await group(frank);
  t.match(await found(ann, shared), { type: 'group' });
});

t.test('after a clearing, what only a blocked one wrote does not bring it back', async (t) => {
  const gina = await signUpInto(node, ann, 'gina');
  const id = await group(gina, robot);
  await block(ann, gina);
  await ask(ann, `DELETE ${path}/${id}`);
  await post(gina, id, 'unseen');
  t.equal(await found(ann, id), undefined);
  await post(robot, id, 'seen');
  t.match(await found(ann, id), { last_message_preview: 'seen', unread_count: 1 });
});
