import { randomUUID } from 'node:crypto';
import t from 'tap';
import { refusal, type Speaker, startChat } from './stage.ts';

t.setTimeout(180_000);

t.test('a message is forwarded to all targets or to none', async (t) => {
  const { ann, bob, robot, stranger, ask, group } = await startChat(t);
  const source = await group(bob, robot);
  const [one, two, alone] = [await group(bob), await group(bob, robot), await group()];
  const send = async (who: Speaker, id: string, more: object) =>
    (await ask(who, 'POST /v1/chat/messages/send', { conversation_id: id, ...more })).body;
  const forward = (who: Speaker, body: object) => ask(who, 'POST /v1/chat/messages/forward', body);
  const seqs = async () => {
    const pages = await Promise.all(
      [one, two, alone].map((id) => ask(ann, `GET /v1/chat/conversations/${id}/messages`)),
    );
    return pages.map(({ body }) => body.current_seq);
  };
  const root = await send(ann, source, { content_text: 'root' });
  const original = await send(ann, source, {
    ...{
      content_text: 'the plan',
      content_type: 'file',
      content_meta: '{"a":1}',
      reply_to_id: root.id,
      task_id: 'T',
    },
  });
  await ask(bob, `POST /v1/chat/messages/${original.id}/reactions`, { emoji: 'x' });

  const done = await forward(bob, {
    message_id: original.id.toUpperCase(),
    conversation_ids: [two, one, two],
  });
  t.equal(done.status, 201);
  t.match(done.body.forwarded, [{ conversation_id: two }, { conversation_id: one }]);
  t.equal(done.body.forwarded.length, 2);
  for (const copy of done.body.forwarded) {
    t.match(copy, { sender_id: bob.id, is_forwarded: true, content_text: 'the plan', content_type: 'file' });
    t.match(copy, { content_meta: '{"a":1}', reactions: [], thread_role: 'main' });
    t.notOk('reply_to_id' in copy || 'thread_id' in copy || 'task_id' in copy);
    t.notMatch(
      JSON.stringify({ ...copy, id: '' }),
      new RegExp(`${source}|${original.id}`),
      'no pointer back',
    );
  }
  t.same(await seqs(), [1, 1, 0]);

  await t.test('nothing is written when one of them is not to be seen', async (t) => {
    const hidden: [Speaker, object][] = [
      [bob, { message_id: original.id, conversation_ids: [one, alone] }],
      [bob, { message_id: original.id, conversation_ids: [one, randomUUID()] }],
      [bob, { message_id: randomUUID(), conversation_ids: [one] }],
      [stranger, { message_id: original.id, conversation_ids: [one] }],
    ];
    for (const [who, body] of hidden) t.equal(refusal(await forward(who, body)), '404 not_found');
    const ill = [
      { message_id: original.id, conversation_ids: [] },
      { message_id: original.id, conversation_ids: Array.from({ length: 21 }, () => randomUUID()) },
      { message_id: original.id, conversation_ids: ['nonsense'] },
      { message_id: 'nonsense', conversation_ids: [one] },
      { message_id: original.id },
    ];
    for (const body of ill) t.equal(refusal(await forward(bob, body)), '400 invalid_request');
    t.same(await seqs(), [1, 1, 0]);
  });

  await t.test('the same client id again forwards nothing more', async (t) => {
    const body = { message_id: original.id, conversation_ids: [one, two], client_message_id: 'f-1' };
    const first = await forward(ann, body);
    const again = await forward(ann, body);
    t.same([first.status, again.status], [201, 200]);
    t.equal(again.headers.get('idempotency-replayed'), 'true');
    t.same(again.body, first.body);
    t.same(await seqs(), [2, 2, 0]);
    for (const other of [[one, two, alone], [one], [two, one]]) {
      const wider = await forward(ann, { ...body, conversation_ids: other });
      t.equal(refusal(wider), '409 idempotency_conflict', 'other targets are another request');
    }
    t.same(await seqs(), [2, 2, 0]);
    t.equal(refusal(await forward(ann, { ...body, message_id: root.id })), '409 idempotency_conflict');
    t.same(await seqs(), [2, 2, 0]);
  });

  await t.test('an Idempotency-Key does the same, also for requests at once', async (t) => {
    const body = { message_id: original.id, conversation_ids: [one, two] };
    const keyed = (what: object) =>
      ask(ann, 'POST /v1/chat/messages/forward', what, { 'Idempotency-Key': 'f-2' });
    const many = await Promise.all(Array.from({ length: 6 }, () => keyed(body)));
    t.same(many.map(({ status }) => status).sort(), [200, 200, 200, 200, 200, 201]);
    for (const one of many) t.same(one.body, many[0]?.body);
    t.equal(refusal(await keyed({ ...body, conversation_ids: [one] })), '409 idempotency_conflict');
    t.same(await seqs(), [3, 3, 0]);
    const spelled = {
      message_id: original.id.toUpperCase(),
      conversation_ids: [one.toUpperCase(), two, two],
    };
    t.equal((await keyed(spelled)).status, 200, 'however its ids are written');
  });

  await t.test('what one target refuses takes the other copies back', async (t) => {
    t.equal(
      (await ask(ann, `POST /api/conversations/${two}/control`, { event: 'stream.pause' })).status,
      201,
    );
    const quiet = await group(robot);
    const refused = await forward(robot, { message_id: original.id, conversation_ids: [quiet, two] });
    t.equal(refusal(refused), '409 conversation_paused');
    const { body } = await ask(robot, `GET /v1/chat/conversations/${quiet}/messages`);
    t.match(body.messages, [{ is_deleted: true, content_text: '' }]);
  });

  await t.test('a copy stays what it was when its source changes', async (t) => {
    await ask(ann, `PATCH /v1/chat/messages/${original.id}`, { content_text: 'another plan' });
    const { body } = await ask(bob, `GET /v1/chat/conversations/${one}/messages`);
    t.equal(body.messages[0].content_text, 'the plan');
  });
});
