/** Two people and an agent on the messaging socket: what they say to each other, and what they are told. */
import { randomUUID } from 'node:crypto';
import t from 'tap';
import { call } from '../../../../kit/clients/http-client.ts';
import { MessagingClient, messagingToken } from '../../../../kit/clients/messaging-client.ts';
import { startChat } from '../stage.ts';

const stage = await startChat(t);
const { node, ann, bob, robot, stranger, ask, group } = stage;

t.test('a token opens the socket, and nothing else', async (t) => {
  const answer = await ask(ann, 'GET /v1/messaging/token');
  t.equal(answer.status, 200);
  t.match(answer.body.ws_url, /^ws:\/\/.*\/v1\/messaging\/ws$/);
  const lifeMs = Date.parse(answer.body.expires_at) - Date.now();
  // The clock of a node lies up to some milliseconds beside that of Date.
  t.ok(lifeMs > 250_000 && lifeMs < 301_000, `${lifeMs} ms`);
  const { token } = answer.body;
  t.equal((await call(node, 'GET', '/auth/me', { token })).status, 401, 'not for requests');
  const client = new MessagingClient(node, `?token=${token}`);
  const ready = await client.find(({ type }) => type === 'ready');
  t.match(ready['payload'], { user_id: ann.id, session_id: String, heartbeat_sec: 30, server_time: String });
  await client.close();
});

t.test('a message is acknowledged once stored, and told to who subscribed', async (t) => {
  const conversation = await group(bob, robot);
  const [one, two, machine] = await Promise.all([
    MessagingClient.connect(node, ann.token),
    MessagingClient.connect(node, bob.token),
    MessagingClient.connect(node, robot.token),
  ]);
  for (const client of [one, two, machine])
    t.match(await client.subscribe(conversation), {
      payload: [conversation],
      current_seqs: { [conversation]: 0 },
    });
  const send = {
    action: 'send',
    conversation_id: conversation,
    content_text: 'hello',
    client_message_id: 'm-1',
  };
  const ack = await one.ask(send, 'ack');
  t.match(ack, { ref: 'm-1', payload: { conversation_id: conversation, seq_num: 1, duplicate: false } });
  for (const client of [one, two, machine]) {
    const told = await client.event('message.created');
    t.match(told, { message_id: ack['payload'].message_id, seq_num: 1 });
    t.match(told['message'], {
      ...{ sender_id: ann.id, sender_type: 'human', content_text: 'hello', client_message_id: 'm-1' },
      ...{ created_at: ack['payload'].created_at, is_deleted: false, reactions: [] },
    });
  }
  const again = await one.ask(send, 'ack');
  t.match(again, { ref: 'm-1', payload: { ...ack['payload'], duplicate: true } });
  const other = await one.ask({ ...send, content_text: 'other' }, 'error');
  t.match(other, { code: 'idempotency_conflict', ref: 'm-1', payload: String });

  const id: string = ack['payload'].message_id;
  await ask(ann, `PATCH /v1/chat/messages/${id}`, { content_text: 'hello you' });
  t.match(await two.event('message.edited'), {
    id,
    conversation_id: conversation,
    content_text: 'hello you',
    edit_count: 1,
  });
  await ask(bob, `POST /v1/chat/messages/${id}/reactions`, { emoji: '👍' });
  t.match(await one.event('reaction.updated'), {
    message_id: id,
    user_id: bob.id,
    emoji: '👍',
    action: 'added',
  });
  two.send({ action: 'typing', conversation_id: conversation });
  t.match(await one.event('typing.start'), { conversation_id: conversation, user_id: bob.id, at: String });
  two.send({ action: 'typing', conversation_id: conversation, state: 'stop' });
  t.match(await one.event('typing.stop'), { conversation_id: conversation, user_id: bob.id });
  const read = await two.ask(
    { action: 'read', conversation_id: conversation, up_to_seq: 9, ref: 'r' },
    'ack',
  );
  t.match(read, { ref: 'r', payload: { conversation_id: conversation, last_read_seq: 1 } });
  t.match(await one.event('conversation.read'), { user_id: bob.id, last_read_seq: 1 });
  machine.send({ action: 'presence', status: 'busy', status_detail: 'thinking' });
  t.match(await one.event('presence.updated', ({ agent_id }) => agent_id === robot.id), {
    ...{ status: 'busy', status_detail: 'thinking' },
  });
  const native = await call(node, 'DELETE', `/api/conversations/${conversation}/messages/${id}`, {
    token: ann.token,
  });
  if (native.status < 300)
    t.match(await two.event('message.deleted'), {
      id,
      conversation_id: conversation,
      seq_num: 1,
      deleted_at: String,
    });
  await two.settled();
  t.same(two.events('typing.start'), [], 'nobody hears of its own typing');
  t.equal(two.events('message.created').length, 1, 'each is told once');

  t.same(await two.ask({ action: 'unsubscribe', conversation_ids: [conversation] }, 'unsubscribed'), {
    ...{ type: 'unsubscribed', payload: [conversation] },
  });
  await one.ask({ ...send, client_message_id: 'm-2' }, 'ack');
  await one.event('message.created', ({ seq_num }) => seq_num === 2);
  await two.settled();
  t.equal(two.events('message.created').length, 1, 'it unsubscribed');
  for (const client of [one, two, machine]) await client.close();
});

t.test('what is not one’s own is not found, whatever it is', async (t) => {
  const conversation = await group(bob);
  const client = await MessagingClient.connect(node, stranger.token);
  const answered = await client.subscribe(conversation, 'nonsense');
  t.same(answered['payload'], []);
  const errors = client.frames.filter(({ type }) => type === 'error');
  t.same(
    new Set(errors.map(({ code, ref }) => `${code} ${ref}`)),
    new Set([`not_found ${conversation}`, 'not_found nonsense']),
  );
  t.ok(errors.every(({ payload }) => typeof payload === 'string'));
  const body = { conversation_id: conversation, content_text: 'x', client_message_id: 'm' };
  t.match(await client.ask({ action: 'send', ...body }, 'error'), { code: 'not_found', ref: 'm' });
  t.match(await client.ask({ action: 'typing', conversation_id: conversation }, 'error'), {
    code: 'not_found',
  });
  t.match(await client.ask({ action: 'read', conversation_id: conversation, up_to_seq: 1 }, 'error'), {
    code: 'not_found',
  });
  t.match(await client.ask({ action: 'ping', id: 'p' }, 'pong'), { id: 'p', server_time: String });
  const session = { session_id: 's' };
  t.match(await client.ask({ action: 'subscribe_session', ...session }, 'session_subscribed'), {
    payload: session,
  });
  await client.close();
});

t.test('an owner of the tenant is told no more of what it takes no part in', async (t) => {
  const body = { participant_ids: [robot.id], type: 'group', name: 'Theirs' };
  const theirs: string = (await ask(bob, 'POST /v1/chat/conversations', body)).body.id;
  const client = await MessagingClient.connect(node, ann.token);
  for (const frame of [
    { action: 'typing', state: 'start' },
    { action: 'read', up_to_seq: 1 },
    { action: 'send', content_text: 'x', client_message_id: 'm' },
  ]) {
    const words = async (conversation_id: string): Promise<unknown> => {
      const { code, payload } = await client.ask({ ...frame, conversation_id }, 'error');
      return { code, payload };
    };
    t.same(await words(theirs), await words(randomUUID()), frame.action);
  }
  await client.close();
  for (const path of ['typing', 'read', 'mute']) {
    const answers = [theirs, randomUUID()].map((id) =>
      ask(ann, `POST /v1/chat/conversations/${id}/${path}`, path === 'read' ? { up_to_seq: 1 } : {}),
    );
    const [one, other] = await Promise.all(answers);
    t.same([one?.status, one?.body.error], [404, other?.body.error], path);
  }
});

t.test('it says who it is in the subprotocol, or by its first frame', async (t) => {
  const token = await messagingToken(node, ann.token);
  const offered = new MessagingClient(node, '', ['vero.v1', `bearer.${token}`]);
  t.match(await offered.find(({ type }) => type === 'ready'), { payload: { user_id: ann.id } });
  t.equal(offered.socket.protocol, 'vero.v1');
  await offered.close();
  const later = new MessagingClient(node);
  await new Promise((resolve) => later.socket.once('open', resolve));
  t.match(await later.ask({ action: 'auth', token }, 'ready'), { payload: { user_id: ann.id } });
  t.match(await later.ask({ action: 'auth', token: await messagingToken(node, bob.token) }, 'error'), {
    code: 'forbidden',
  });
  await later.close();
});
