/** Messages over Socket.IO, with the real client against two whole nodes. */
import { randomUUID } from 'node:crypto';
import t from 'tap';
import { makeAgent, signUp, signUpInto } from '../../../kit/clients/accounts.ts';
import { group, symbia, symbiaClient } from '../../../kit/clients/symbia-client.ts';
import { until } from '../../../kit/log-entries.ts';
import { startTwoWholeNodes } from '../../../kit/servers/two-whole-nodes.ts';

const { one, two } = await startTwoWholeNodes(t);
const ann = await signUp(one, 'ann');
const bob = await signUpInto(one, ann, 'bob');
const eve = await signUpInto(one, ann, 'eve');
const iris = await makeAgent(one, ann, 'iris');

t.test('what is sent, edited and deleted reaches everybody as whole rows, its author too', async (t) => {
  const id = await group(one, ann, bob.id);
  const [near, far] = [await symbiaClient(t, one, ann), await symbiaClient(t, two, bob)];
  const sent = await near.ask('message:send', {
    conversationId: id,
    content: 'hello',
    contentType: 'markdown',
    metadata: { a: 1 },
    runId: randomUUID(),
    traceId: 'trace 1',
    priority: 'high',
    interruptible: false,
  });
  t.match(sent, {
    success: true,
    message: { content: 'hello', content_type: 'markdown', sequence: 1, trace_id: 'trace 1' },
  });
  const { id: messageId } = sent.message;
  await until(() => near.heard('message:new').length === 1 && far.heard('message:new').length === 1);
  t.strictSame(far.heard('message:new'), [sent.message], 'the row of the acknowledgement');
  const [stored] = await symbia(two, bob, 'GET', `/${id}/messages`);
  t.strictSame(stored, sent.message, 'and that of REST');

  const edited = await near.ask('message:edit', { messageId, content: 'bye' });
  t.match(edited, { success: true, message: { id: messageId, content: 'bye', sequence: 1 } });
  await until(() => near.heard('message:updated').length === 1 && far.heard('message:updated').length === 1);
  t.strictSame(far.heard('message:updated'), [edited.message]);
  t.strictSame((await symbia(two, bob, 'GET', `/${id}/messages`))[0], edited.message);

  t.strictSame(await near.ask('message:delete', messageId), { success: true });
  await until(() => near.heard('message:deleted').length === 1 && far.heard('message:deleted').length === 1);
  t.strictSame(far.heard('message:deleted'), [{ id: messageId, conversationId: id }]);
  t.match(await near.ask('message:edit', { messageId, content: 'x' }), {
    success: false,
    error: 'Message not found',
  });
  t.equal(far.heard('message:new').length, 1, 'an edit and a deletion are no new messages');
});

t.test('an edit is answered with the version that it made, whatever follows at once', async (t) => {
  const id = await group(one, ann);
  const near = await symbiaClient(t, one, ann);
  for (let n = 0; n < 5; n += 1) {
    const { id: messageId } = await symbia(one, ann, 'POST', `/${id}/messages`, { content: 'first' });
    const [socket, deletion] = await Promise.all([
      near.ask('message:edit', { messageId, content: 'second' }),
      near.ask('message:delete', messageId),
    ]);
    t.match(socket, { success: true, message: { id: messageId, content: 'second', deleted_at: null } });
    t.strictSame(deletion, { success: true });
  }
  const { id: messageId } = await symbia(one, ann, 'POST', `/${id}/messages`, { content: 'first' });
  const texts = Array.from({ length: 10 }, (_, n) => `version ${n}`);
  const rows = await Promise.all(
    texts.map((content) => symbia(one, ann, 'PATCH', `/${id}/messages/${messageId}`, { content })),
  );
  t.same(
    rows.map(({ content }) => content),
    texts,
  );
  const [now] = await symbia(one, ann, 'GET', `/${id}/messages`);
  t.strictSame(
    now,
    rows.find(({ updated_at }) => updated_at === now.updated_at),
    'as it is read',
  );
});

t.test('what is acknowledged can be edited at once, wherever it was sent', async (t) => {
  const id = await group(one, ann, bob.id);
  const far = await symbiaClient(t, two, ann);
  for (let n = 0; n < 10; n += 1) {
    const posted = await symbia(one, ann, 'POST', `/${id}/messages`, { content: `${n}` });
    t.match(await far.ask('message:edit', { messageId: posted.id, content: `${n} again` }), {
      success: true,
      message: { content: `${n} again` },
    });
    t.strictSame(await far.ask('message:delete', posted.id), { success: true });
  }
});

t.test('refusals have the words of the contract', async (t) => {
  const id = await group(one, ann, bob.id);
  const [owner, member, stranger] = [
    await symbiaClient(t, one, ann),
    await symbiaClient(t, two, bob),
    await symbiaClient(t, two, eve),
  ];
  const { message } = await owner.ask('message:send', { conversationId: id, content: 'mine' });
  const row = await symbia(one, ann, 'POST', `/${id}/control`, { event: 'x.note' });
  const refusals: [typeof owner, string, unknown, string][] = [
    [stranger, 'message:send', { conversationId: id, content: 'x' }, 'Not a participant'],
    [owner, 'message:send', { conversationId: randomUUID(), content: 'x' }, 'Not a participant'],
    [owner, 'message:send', { conversationId: 'no id', content: 'x' }, 'Not a participant'],
    [owner, 'message:send', { conversationId: id }, 'Message content is required'],
    [
      owner,
      'message:send',
      { conversationId: id, content: 'x', contentType: 'event' },
      'Use /control for stream events',
    ],
    [owner, 'message:send', { conversationId: id, content: 'x', runId: 'no id' }, 'runId must be a UUID'],
    [member, 'message:edit', { messageId: message.id, content: 'x' }, 'Not authorized to edit this message'],
    [member, 'message:delete', message.id, 'Not authorized to delete this message'],
    [stranger, 'message:edit', { messageId: message.id, content: 'x' }, 'Message not found'],
    [stranger, 'message:delete', message.id, 'Message not found'],
    [owner, 'message:edit', { messageId: randomUUID(), content: 'x' }, 'Message not found'],
    [owner, 'message:edit', { content: 'x' }, 'Message not found'],
    [owner, 'message:delete', { id: message.id }, 'Message not found'],
    [owner, 'message:edit', { messageId: row.id, content: 'x' }, 'Control events cannot be edited'],
    [owner, 'message:delete', row.id, 'Control events cannot be deleted'],
    [
      member,
      'control:send',
      { conversationId: id, event: 'stream.pause' },
      'Not authorized to send control events',
    ],
    [stranger, 'control:send', { conversationId: id, event: 'stream.pause' }, 'Not a participant'],
    [owner, 'control:send', { conversationId: id }, 'Control event is required'],
    [stranger, 'join:conversation', id, 'Not a participant'],
    [owner, 'join:conversation', 7, 'Not a participant'],
    [owner, 'join:conversation', null, 'Not a participant'],
    [stranger, 'typing:start', id, 'Not a participant'],
    [stranger, 'typing:stop', { no: 'id' }, 'Not a participant'],
    [stranger, 'announce:presence', id, 'Not a participant'],
    [owner, 'presence:update', 'x'.repeat(2_000), 'status must be at most 1024 bytes'],
    [owner, 'watch:conversation', id, 'Observe capability required'],
  ];
  for (const [client, name, argument, error] of refusals)
    t.strictSame(await client.ask(name, argument), { success: false, error }, `${name} ${error}`);
  for (const argument of [[], [7], [null], [[]]]) {
    const refused = await owner.ask('message:edit', ...argument);
    t.match(refused, { success: false, error: String }, JSON.stringify(argument));
  }
  t.equal((await symbia(one, ann, 'GET', `/${id}/messages`)).length, 2, 'nothing was stored');
  t.same(stranger.all, [], 'a stranger heard nothing');
});

t.test(
  'a message without a text is taken on the socket; its owner may delete what others wrote',
  async (t) => {
    const id = await group(one, ann, bob.id);
    const [owner, member] = [await symbiaClient(t, one, ann), await symbiaClient(t, two, bob)];
    const empty = await member.ask('message:send', { conversationId: id, content: '' });
    t.match(empty, { success: true, message: { content: '' } });
    const { message } = await member.ask('message:edit', { messageId: empty.message.id, content: '' });
    t.match(message, { content: '' });
    t.strictSame(await owner.ask('message:delete', empty.message.id), { success: true });
  },
);

t.test('a client id is an idempotency key: the first row, or a refusal', async (t) => {
  const id = await group(one, ann, bob.id);
  const [owner, member] = [await symbiaClient(t, one, ann), await symbiaClient(t, two, bob)];
  const message = { conversationId: id, content: 'once', id: randomUUID() };
  const first = await owner.ask('message:send', message);
  t.equal(first.message.id, message.id);
  t.strictSame(await owner.ask('message:send', message), first);
  t.strictSame(await symbia(two, ann, 'POST', `/${id}/messages`, message), first.message);
  t.match(await owner.ask('message:send', { ...message, content: 'twice' }), {
    success: false,
    error: 'A message with this id exists',
  });
  t.match(await member.ask('message:send', message), { success: false });
  await owner.ask('message:delete', message.id);
  t.match(await owner.ask('message:send', message), { success: false });
  await until(() => member.heard('message:deleted').length === 1);
  t.equal(member.heard('message:new').length, 1);
});

t.test('an agent that sends from outside becomes a member, and hears what follows', async (t) => {
  const id = await group(one, ann, bob.id);
  const [person, agent] = [await symbiaClient(t, one, ann), await symbiaClient(t, two, iris)];
  t.match(await agent.ask('message:send', { conversationId: id, content: 'may I?' }), { success: true });
  const { participants } = await symbia(one, ann, 'GET', `/${id}`);
  t.ok(participants.some((one: { user_id: string; role: string }) => one.user_id === iris.id));
  await person.ask('message:send', { conversationId: id, content: 'yes' });
  await until(() => agent.heard('message:new').length === 2);
  t.same(
    agent.heard('message:new').map((row) => [row.content, row.sender_type]),
    [
      ['may I?', 'agent'],
      ['yes', 'user'],
    ],
  );
});

t.test('forty posts at once from two nodes reach everybody in the order of sequence', async (t) => {
  const id = await group(one, ann, bob.id);
  const receivers = [
    await symbiaClient(t, one, ann),
    await symbiaClient(t, two, ann),
    await symbiaClient(t, one, bob, { transports: ['polling'] }),
    await symbiaClient(t, two, bob),
  ];
  const posts = Array.from({ length: 40 }, (_, n) =>
    n % 4 === 0
      ? receivers[n % 3]!.ask('message:send', { conversationId: id, content: `${n}` })
      : symbia(n % 2 === 0 ? one : two, n % 3 === 0 ? ann : bob, 'POST', `/${id}/messages`, {
          content: `${n}`,
        }),
  );
  await Promise.all(posts);
  const inOrder = Array.from({ length: 40 }, (_, n) => n + 1);
  for (const receiver of receivers) {
    await until(() => receiver.heard('message:new').length === 40);
    t.same(
      receiver.heard('message:new').map((row) => row.sequence),
      inOrder,
    );
  }
});

t.test('what one client sends without waiting is stored in the order in which it sent it', async (t) => {
  const id = await group(one, ann, bob.id);
  const client = await symbiaClient(t, two, bob);
  const sends = Array.from({ length: 30 }, (_, n) =>
    client.ask('message:send', {
      conversationId: id,
      content: `${n}`,
      ...(n % 2 === 0 && { id: randomUUID() }),
    }),
  );
  const acks = await Promise.all(sends);
  t.same(
    acks.map(({ message }) => message.sequence),
    Array.from({ length: 30 }, (_, n) => n + 1),
  );
});
