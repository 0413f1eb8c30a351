/** What each socket sees: nothing of whom its principal blocks, and people nothing internal. */
import t from 'tap';
import { MessagingClient } from '../../../../kit/clients/messaging-client.ts';
import { type Speaker, startChat } from '../stage.ts';

const { node, ann, bob, robot, ask, group } = await startChat(t);

async function say(
  who: Speaker,
  conversation: string,
  content_text: string,
  more: object = {},
): Promise<string> {
  const sent = await ask(who, 'POST /v1/chat/messages/send', {
    conversation_id: conversation,
    content_text,
    ...more,
  });
  if (sent.status !== 201) throw new Error(JSON.stringify(sent.body));
  return sent.body.id;
}

const remove = (who: Speaker, conversation: string, message: string) =>
  ask(who, `DELETE /api/conversations/${conversation}/messages/${message}`);

const texts = (client: MessagingClient): string[] =>
  client.events('message.created').map(({ message }) => message.content_text);

t.test('whoever blocks somebody sees nothing of it from then on, and the others all', async (t) => {
  const conversation = await group(bob, robot);
  const [phone, laptop, machine, blocked] = await Promise.all(
    [ann, ann, robot, bob].map((who) => MessagingClient.connect(node, who.token)),
  );
  if (phone === undefined || laptop === undefined || machine === undefined || blocked === undefined)
    throw new Error();
  for (const client of [phone, laptop, machine, blocked]) await client.subscribe(conversation);
  await say(bob, conversation, 'before');
  await phone.event('message.created', ({ message }) => message.content_text === 'before');

  await ask(ann, `POST /v1/chat/users/${bob.id}/block`);
  for (const own of [phone, laptop]) t.match(await own.event('user.blocked'), { user_id: bob.id });
  const hidden = await say(bob, conversation, 'hidden');
  await ask(bob, `PATCH /v1/chat/messages/${hidden}`, { content_text: 'hidden still' });
  blocked.send({ action: 'typing', conversation_id: conversation });
  blocked.send({ action: 'presence', status: 'away' });
  await machine.event('typing.start', ({ user_id }) => user_id === bob.id);
  await machine.event('presence.updated', ({ user_id, status }) => user_id === bob.id && status === 'away');
  const seen = await say(robot, conversation, 'seen');
  await ask(bob, `POST /v1/chat/messages/${seen}/reactions`, { emoji: '👍' });
  await machine.event('reaction.updated', ({ user_id }) => user_id === bob.id);
  await say(robot, conversation, 'last');
  for (const own of [phone, laptop]) {
    await own.event('message.created', ({ message }) => message.content_text === 'last');
    t.same(texts(own), ['before', 'seen', 'last']);
    t.same(own.events('message.edited'), []);
    t.same(own.events('typing.start'), []);
    t.same(own.events('reaction.updated'), []);
    t.same(
      own.events('presence.updated').filter(({ user_id, status }) => user_id === bob.id && status === 'away'),
      [],
    );
  }
  await machine.event('message.created', ({ message }) => message.content_text === 'last');
  t.same(texts(machine), ['before', 'hidden', 'seen', 'last']);
  t.same(machine.events('user.blocked'), [], 'nobody else hears of it');
  t.same(blocked.events('user.blocked'), []);

  blocked.send({ action: 'read', conversation_id: conversation, up_to_seq: 2 });
  t.match(
    await phone.event('conversation.read'),
    { user_id: bob.id, last_read_seq: 2 },
    'how far it read is shown',
  );

  const late = await MessagingClient.connect(node, ann.token);
  const resumed = { action: 'resume', conversations: [{ conversation_id: conversation, last_seq: 0 }] };
  t.match(await late.ask(resumed, 'resumed'), {
    payload: { conversations: [{ current_seq: 4, has_more: false }] },
  });
  t.same(texts(late), ['seen', 'last'], 'nor what was missed');

  await ask(ann, `DELETE /v1/chat/users/${bob.id}/block`);
  await Promise.all([phone, laptop, late].map((own) => own.event('user.unblocked')));
  await say(bob, conversation, 'again');
  for (const own of [phone, laptop, late])
    await own.event('message.created', ({ message }) => message.content_text === 'again');
  for (const client of [phone, laptop, machine, blocked, late]) await client.close();
});

t.test('what agents say among themselves is for agents', async (t) => {
  const conversation = await group(robot);
  const [person, machine] = [
    await MessagingClient.connect(node, ann.token),
    await MessagingClient.connect(node, robot.token),
  ];
  for (const client of [person, machine]) await client.subscribe(conversation);
  const inside = await say(robot, conversation, 'inside', { is_internal: true });
  await ask(robot, `PATCH /v1/chat/messages/${inside}`, { content_text: 'inside, changed' });
  await say(robot, conversation, 'outside');
  await person.event('message.created', ({ message }) => message.content_text === 'outside');
  t.same(texts(person), ['outside']);
  t.same(person.events('message.edited'), []);
  t.match(await machine.event('message.created'), { is_internal: true });
  t.match(await machine.event('message.edited'), { content_text: 'inside, changed' });
  for (const client of [person, machine]) await client.close();
});

t.test('what happens to a message that one does not see is not told either', async (t) => {
  const conversation = await group(bob, robot);
  const [own, other, machine] = await Promise.all(
    [ann, bob, robot].map((who) => MessagingClient.connect(node, who.token)),
  );
  if (own === undefined || other === undefined || machine === undefined) throw new Error();
  for (const client of [own, other, machine]) await client.subscribe(conversation);
  const inside = await say(robot, conversation, 'inside', { is_internal: true });
  await ask(robot, `POST /v1/chat/messages/${inside}/reactions`, { emoji: '🤖' });
  t.equal((await remove(robot, conversation, inside)).status < 300, true);
  await ask(ann, `POST /v1/chat/users/${bob.id}/block`);
  await own.event('user.blocked');
  const hidden = await say(bob, conversation, 'hidden');
  await ask(robot, `POST /v1/chat/messages/${hidden}/reactions`, { emoji: '👍' });
  await remove(ann, conversation, hidden);
  await say(robot, conversation, 'last');
  for (const client of [own, other, machine])
    await client.event('message.created', ({ message }) => message.content_text === 'last');

  const reactions = (client: MessagingClient) => client.events('reaction.updated').map(({ emoji }) => emoji);
  const deletions = (client: MessagingClient) => client.events('message.deleted').map(({ id }) => id);
  t.same(
    [reactions(own), deletions(own)],
    [[], []],
    'nothing of what is internal, nothing of whom it blocks',
  );
  t.same([reactions(other), deletions(other)], [['👍'], [hidden]], 'a person that blocks nobody');
  t.same(
    [reactions(machine), deletions(machine)],
    [
      ['🤖', '👍'],
      [inside, hidden],
    ],
    'an agent',
  );

  const seen = async (who: Speaker) => {
    const page = await ask(who, `GET /v1/chat/conversations/${conversation}/messages`);
    const asked = { conversations: [{ conversation_id: conversation, last_seq: 9, last_rev: 1 }] };
    const sync = await ask(who, 'POST /v1/chat/messages/sync', asked);
    const ids = (messages: readonly { id: string }[]) => messages.map(({ id }) => id);
    return [ids(page.body.messages).slice(0, -1), ids(sync.body.batches[0].updates)];
  };
  t.same(await seen(ann), [[], []]);
  t.same(await seen(bob), [[hidden], [hidden]]);
  t.same(await seen(robot), [
    [inside, hidden],
    [inside, hidden],
  ]);
  await ask(ann, `DELETE /v1/chat/users/${bob.id}/block`);
  for (const client of [own, other, machine]) await client.close();
});

t.test('what one cleared is not told of any more, on sockets of before and of after', async (t) => {
  const conversation = await group(bob);
  const [before, other] = [
    await MessagingClient.connect(node, ann.token),
    await MessagingClient.connect(node, bob.token),
  ];
  for (const client of [before, other]) await client.subscribe(conversation);
  const [old, gone] = [await say(bob, conversation, 'old'), await say(bob, conversation, 'gone')];
  await ask(ann, `DELETE /v1/chat/conversations/${conversation}`, { mode: 'for_me' });
  // Open sockets hear of a clearing as of a mute, in the order of both; only of this they tell.
  await ask(ann, `POST /v1/chat/conversations/${conversation}/mute`);
  await before.event('conversation.muted');
  const after = await MessagingClient.connect(node, ann.token);
  await after.subscribe(conversation);
  await ask(bob, `PATCH /v1/chat/messages/${old}`, { content_text: 'older' });
  await ask(bob, `POST /v1/chat/messages/${old}/reactions`, { emoji: '👍' });
  await remove(bob, conversation, gone);
  const fresh = await say(bob, conversation, 'new');
  await ask(bob, `PATCH /v1/chat/messages/${fresh}`, { content_text: 'newer' });
  for (const client of [before, after, other])
    await client.event('message.edited', ({ content_text }) => content_text === 'newer');
  const changes = (client: MessagingClient) =>
    ['message.edited', 'reaction.updated', 'message.deleted'].map((type) => client.events(type).length);
  t.same([before, after, other].map(changes), [
    [1, 0, 0],
    [1, 0, 0],
    [2, 1, 1],
  ]);
  for (const client of [before, after, other]) await client.close();
});

t.test('who follows an owner that leaves is told as a change of the conversation', async (t) => {
  const conversation = await group(bob);
  const other = await MessagingClient.connect(node, bob.token);
  await other.subscribe(conversation);
  await ask(ann, `DELETE /v1/chat/conversations/${conversation}/participants/${ann.id}`);
  t.match(await other.event('conversation.updated'), {
    ...{ conversation_id: conversation, participant: { user_id: bob.id, role: 'owner' }, at: String },
  });
  t.match(await other.event('participant.removed'), { user_id: ann.id });
  await other.close();
});

t.test('a socket of one environment hears nothing of what begins in others', async (t) => {
  const [any, prod] = [
    await MessagingClient.connect(node, ann.token),
    await MessagingClient.connect(node, ann.token, { 'X-Env': 'prod' }),
  ];
  const begin = async (name: string, headers: Record<string, string>) => {
    const body = { type: 'group', name, participant_ids: [bob.id] };
    t.equal((await ask(ann, 'POST /v1/chat/conversations', body, headers)).status, 201);
    await any.event('conversation.created', ({ group_name }) => group_name === name);
  };
  await begin('Rehearsal', { 'X-Env': 'stage' });
  await begin('Opening night', { 'X-Env': 'prod' });
  await prod.event('conversation.created', ({ group_name }) => group_name === 'Opening night');
  t.equal(prod.events('conversation.created').length, 1);
  t.equal(any.events('conversation.created').length, 2);
  for (const client of [any, prod]) await client.close();
});

t.test('conversations that begin or end for a principal are told without a subscription', async (t) => {
  const [other, own] = [
    await MessagingClient.connect(node, bob.token),
    await MessagingClient.connect(node, ann.token),
  ];
  const conversation = await group(bob);
  for (const client of [other, own])
    t.match(
      await client.event('conversation.created', ({ conversation_id }) => conversation_id === conversation),
      {
        group_name: 'Harbour',
      },
    );
  t.equal((await ask(ann, `DELETE /api/conversations/${conversation}`)).status < 300, true);
  for (const client of [other, own]) {
    await client.event('conversation.deleted', ({ conversation_id }) => conversation_id === conversation);
    await client.settled();
    t.equal(client.events('conversation.deleted').length, 1);
    t.equal(client.events('conversation.created').length, 1, 'notes come twice, news once');
    await client.close();
  }
});
