import { randomUUID } from 'node:crypto';
import t from 'tap';
import { refusal, type Speaker, startChat } from './stage.ts';

t.setTimeout(180_000);
const path = 'POST /v1/chat/messages/send';

t.test('sending, retrying, and what is refused', async (t) => {
  const { ann, bob, robot, stranger, ask, group } = await startChat(t);
  const id = await group(bob, robot);
  const other = await group(bob);
  const send = (who: Speaker, body: object, headers?: Record<string, string>) =>
    ask(who, path, { conversation_id: id, ...body }, headers);

  await t.test('a message comes back whole, and everybody in any dialect has it', async (t) => {
    const sent = await send(ann, {
      ...{ content_text: ' Ahoy <b>\u{1F6A2}</b> ', content_meta: '{"pier":4}', client_message_id: 'a-1' },
      ...{ sender_id: bob.id, seq_num: 99, created_at: '2000-01-01T00:00:00Z', is_internal: true },
    });
    t.equal(sent.status, 201);
    t.match(sent.body, {
      ...{ conversation_id: id, seq_num: 1, sender_id: ann.id, sender_type: 'human', content_type: 'text' },
      ...{ content_text: ' Ahoy <b>\u{1F6A2}</b> ', content_meta: '{"pier":4}', client_message_id: 'a-1' },
      ...{ thread_role: 'main', is_internal: false, is_forwarded: false, reactions: [], edit_count: 0 },
      ...{ edited_at: null, rev: Number, is_deleted: false },
    });
    t.equal(sent.headers.get('idempotency-replayed'), null);
    const listed = await ask(bob, `GET /v1/chat/conversations/${id}/messages`);
    t.same(listed.body.messages, [sent.body]);
    const rows = await ask(bob, `GET /api/conversations/${id}/messages`);
    t.match(rows.body, [{ id: sent.body.id, content: sent.body.content_text, sequence: 1 }]);
  });

  await t.test(
    'paths that there are not, and methods that they do not have, are told in words of Vero',
    async (t) => {
      t.equal(refusal(await ask(ann, 'GET /v1/chat/nothing')), '404 route_not_found');
      t.equal(refusal(await ask(ann, 'DELETE /v1/chat/messages/send')), '405 method_not_allowed');
    },
  );

  await t.test('a client id is one message of its sender in its conversation', async (t) => {
    const again = await send(ann, {
      content_text: ' Ahoy <b>\u{1F6A2}</b> ',
      content_meta: '{"pier":4}',
      client_message_id: 'a-1',
    });
    t.equal(again.status, 200);
    t.equal(again.headers.get('idempotency-replayed'), 'true');
    t.equal(again.body.seq_num, 1);
    const others = [
      { content_text: 'other', content_meta: '{"pier":4}' },
      { content_text: ' Ahoy <b>\u{1F6A2}</b> ', content_meta: '{}' },
      { content_text: ' Ahoy <b>\u{1F6A2}</b> ' },
    ];
    for (const body of others) {
      t.equal(refusal(await send(ann, { ...body, client_message_id: 'a-1' })), '409 idempotency_conflict');
    }
    const elsewhere = await ask(ann, path, {
      conversation_id: other,
      content_text: 'x',
      client_message_id: 'a-1',
    });
    t.equal(elsewhere.status, 201, 'another conversation, another message');
    t.equal((await send(bob, { content_text: 'x', client_message_id: 'a-1' })).status, 201, 'another sender');
    const keyed = await send(ann, { content_text: 'keyed' }, { 'Idempotency-Key': 'k-1' });
    const replayed = await send(ann, { content_text: 'keyed' }, { 'Idempotency-Key': 'k-1' });
    t.equal(replayed.status, 200);
    t.same(replayed.body, keyed.body);
  });

  await t.test('a retry is answered with the first body also after an edit and a reaction', async (t) => {
    const body = { content_text: 'first words', client_message_id: 'a-2' };
    const first = await send(ann, body);
    const message = first.body.id;
    t.equal(
      (await ask(ann, `PATCH /v1/chat/messages/${message}`, { content_text: 'second words' })).status,
      200,
    );
    t.equal((await ask(bob, `POST /v1/chat/messages/${message}/reactions`, { emoji: 'x' })).status, 200);
    t.same((await send(ann, body)).body, first.body);
  });

  await t.test('replies know the root of their chain', async (t) => {
    const root = await send(ann, { content_text: 'root' });
    const reply = await send(bob, { content_text: 'reply', reply_to_id: root.body.id, thread_role: 'aside' });
    t.match(reply.body, { reply_to_id: root.body.id, thread_id: root.body.id, thread_role: 'aside' });
    const deeper = await send(robot, { content_text: 'deeper', reply_to_id: reply.body.id.toUpperCase() });
    t.match(deeper.body, { reply_to_id: reply.body.id, thread_id: root.body.id, sender_type: 'agent' });
    const foreign = await ask(ann, path, {
      conversation_id: other,
      content_text: 'x',
      reply_to_id: root.body.id,
    });
    t.equal(refusal(foreign), '400 invalid_request');
    const { body } = await ask(stranger, path, {
      conversation_id: id,
      content_text: 'x',
      reply_to_id: root.body.id,
    });
    t.equal(body.error.code, 'not_found', 'who is not in it learns nothing');
  });

  await t.test('what agents say among themselves is theirs', async (t) => {
    const internal = await send(robot, { content_text: 'between us', is_internal: true, task_id: 'T-1' });
    t.match(internal.body, { is_internal: true, task_id: 'T-1' });
    const newest = async (who: Speaker) =>
      (await ask(who, `GET /v1/chat/conversations/${id}/messages?limit=1`)).body.messages[0].content_text;
    t.equal(await newest(robot), 'between us');
    t.equal(await newest(ann), 'deeper');
    t.equal((await send(robot, { content_text: 'done', content_type: 'result' })).status, 201);
    const { id: hidden } = internal.body;
    t.equal(
      refusal(await ask(ann, `POST /v1/chat/messages/${hidden}/reactions`, { emoji: 'x' })),
      '404 not_found',
    );
    t.equal(refusal(await send(ann, { content_text: 'x', reply_to_id: hidden })), '400 invalid_request');
  });

  await t.test('ill requests are refused with the field', async (t) => {
    const long = 'x'.repeat(10_001);
    const ill: [object, string][] = [
      [{ content_text: long }, 'content_text'],
      [{ content_text: ' \n\t' }, 'content_text'],
      [{}, 'content_text'],
      [{ content_text: 5 }, 'content_text'],
      [{ content_text: 'x', content_type: 'system' }, 'content_type'],
      [{ content_text: 'x', content_type: 'poem' }, 'content_type'],
      [{ content_text: 'x', content_meta: { a: 1 } }, 'content_meta'],
      [{ content_text: 'x', content_meta: '\u{1F6A2}'.repeat(4_097) }, 'content_meta'],
      [{ content_text: 'x', client_message_id: 'a b' }, 'client_message_id'],
      [{ content_text: 'x', client_message_id: '' }, 'client_message_id'],
      [{ content_text: 'x', reply_to_id: 'nonsense' }, 'reply_to_id'],
      [{ content_text: 'x', task_id: 't'.repeat(129) }, 'task_id'],
      [{ content_text: 'x', media_ids: Array(11).fill(id) }, 'media_ids'],
      [{ content_text: 'x', conversation_id: 'nonsense' }, 'conversation_id'],
    ];
    for (const [body, field] of ill) {
      const answer = await send(ann, body);
      t.equal(refusal(answer), '400 invalid_request', JSON.stringify(body).slice(0, 80));
      t.match(answer.body.error.details.fields[0].path, field);
    }
    t.equal((await send(ann, { content_text: '\u{1F6A2}'.repeat(10_000) })).status, 201, 'code points count');
    t.equal(refusal(await ask(stranger, path, { conversation_id: id, content_text: 'x' })), '404 not_found');
    t.equal(
      refusal(await ask(ann, path, { conversation_id: ann.tenant, content_text: 'x' })),
      '404 not_found',
    );
    t.equal(refusal(await ask(ann, path, '{"conversation_id":')), '400 invalid_json');
    t.equal(
      refusal(await ask(ann, path, { conversation_id: id, content_text: 'nul \u0000' })),
      '400 invalid_request',
    );
  });
});

t.test('forty sends at once have forty seqs, and of forty retries one is a message', async (t) => {
  const { ann, bob, robot, ask, group } = await startChat(t);
  const id = await group(bob, robot);
  const speakers = [ann, bob, robot];
  const sent = await Promise.all(
    Array.from({ length: 40 }, (_, n) =>
      ask(speakers[n % 3]!, path, {
        conversation_id: id,
        content_text: `n${n}`,
        client_message_id: `c-${n}`,
      }),
    ),
  );
  t.same(
    sent.map(({ status }) => status),
    Array(40).fill(201),
  );
  t.same(
    sent.map(({ body }) => body.seq_num).sort((a, b) => a - b),
    Array.from({ length: 40 }, (_, n) => n + 1),
  );
  const same = await Promise.all(
    Array.from({ length: 40 }, () =>
      ask(ann, path, { conversation_id: id, content_text: 'once', client_message_id: 'once' }),
    ),
  );
  t.equal(same.filter(({ status }) => status === 201).length, 1);
  t.equal(
    same.filter(({ status, headers }) => status === 200 && headers.get('idempotency-replayed')).length,
    39,
  );
  t.equal(new Set(same.map(({ body }) => body.id)).size, 1);
  const { body } = await ask(bob, `GET /v1/chat/conversations/${id}/messages?from_seq=1&limit=200`);
  t.equal(body.current_seq, 41);
  t.same(
    body.messages.map((one: { content_text: string }) => one.content_text).sort(),
    [...Array.from({ length: 40 }, (_, n) => `n${n}`), 'once'].sort(),
  );
});

t.test('edits and reactions of one message', async (t) => {
  const { ann, bob, robot, stranger, ask, group } = await startChat(t, { PARLEY_EDIT_WINDOW_SEC: '3600' });
  const id = await group(bob, robot);
  const sent = await ask(ann, path, { conversation_id: id, content_text: 'one', content_meta: 'm' });
  const message = sent.body.id;
  const edit = (who: Speaker, body: unknown) => ask(who, `PATCH /v1/chat/messages/${message}`, body);
  const react = (who: Speaker, body: unknown) =>
    ask(who, `POST /v1/chat/messages/${message}/reactions`, body);
  const now = async (who: Speaker) =>
    (await ask(who, `GET /v1/chat/conversations/${id}/messages`)).body.messages[0];

  const unchanged = await edit(ann, { content_text: 'one' });
  t.same(unchanged.body, { message_id: message, content_text: 'one', edit_count: 0, edited_at: null });
  const first = await edit(ann, { content_text: 'uno' });
  t.match(first.body, { message_id: message, content_text: 'uno', edit_count: 1, edited_at: /Z$/ });
  t.match(await now(bob), { content_text: 'uno', content_meta: 'm', edit_count: 1, rev: sent.body.rev + 1 });
  t.same((await edit(ann, { content_text: 'uno', content_meta: 'm' })).body, first.body, 'the same again');
  t.equal((await edit(ann, { content_text: 'uno', content_meta: 'n' })).body.edit_count, 2);
  t.equal(refusal(await edit(bob, { content_text: 'x' })), '403 not_message_sender');
  t.equal(refusal(await edit(stranger, { content_text: 'x' })), '404 not_found');
  for (const who of [bob, stranger])
    t.equal(refusal(await edit(who, { content_text: ' ' })), '400 invalid_request', 'its form comes first');
  const [nowhere, nothing] = [randomUUID(), [randomUUID()]];
  for (const more of [{ media_ids: nothing }, { reply_to_id: nothing[0] }]) {
    const body = { conversation_id: nowhere, content_text: 'x', ...more };
    t.equal(refusal(await ask(ann, path, body)), '404 not_found', 'the conversation comes first');
    t.equal(refusal(await ask(ann, path, { ...body, conversation_id: id })), '400 invalid_request');
  }
  for (const body of [
    {},
    { content_text: '' },
    { content_text: 'x'.repeat(10_001) },
    { content_text: null },
    5,
  ]) {
    t.equal(refusal(await edit(ann, body)), '400 invalid_request', JSON.stringify(body).slice(0, 40));
  }
  t.equal(
    refusal(await ask(ann, 'PATCH /v1/chat/messages/nonsense', { content_text: 'x' })),
    '404 not_found',
  );
  t.equal(
    refusal(await ask(ann, `PATCH /v1/chat/messages/${ann.id}`, { content_text: 'x' })),
    '404 not_found',
  );
  const both = await Promise.all([edit(ann, { content_text: 'a' }), edit(ann, { content_text: 'b' })]);
  t.same(both.map(({ body }) => body.edit_count).sort(), [3, 4], 'two at once both count');
  t.equal((await now(bob)).content_text, both.find(({ body }) => body.edit_count === 4)?.body.content_text);

  t.same((await react(bob, { emoji: '\u{1F44D}\u{1F3FD}' })).body, { action: 'added' });
  t.same((await react(robot, { emoji: '\u{1F44D}\u{1F3FD}', conversation_id: id })).body, {
    action: 'added',
  });
  t.same((await now(ann)).reactions, [
    { emoji: '\u{1F44D}\u{1F3FD}', count: 2, user_ids: [bob.id, robot.id] },
  ]);
  t.same((await react(bob, { emoji: '\u{1F44D}\u{1F3FD}' })).body, { action: 'removed' });
  for (const emoji of ['', ' ', 'a b', '\n', '\u0007', 'x'.repeat(65), 7]) {
    t.equal(refusal(await react(bob, { emoji })), '400 invalid_request', JSON.stringify(emoji));
  }
  const family = '\u{1F468}\u200d\u{1F469}\u200d\u{1F467}';
  t.equal((await react(bob, { emoji: family })).status, 200, 'joined signs are one emoji');
  const elsewhere = await group(bob);
  t.equal(refusal(await react(bob, { emoji: 'x', conversation_id: elsewhere })), '404 not_found');
  t.equal(refusal(await react(stranger, { emoji: 'x' })), '404 not_found');

  const before = (await now(ann)).reactions;
  const toggles = await Promise.all(Array.from({ length: 20 }, () => react(ann, { emoji: 'parallel' })));
  t.equal(toggles.filter(({ body }) => body.action === 'added').length, 10);
  t.same((await now(ann)).reactions, before, '2N toggles end as before');
  for (let n = 0; n < 20; n += 1) t.equal((await react(ann, { emoji: `e${n}` })).status, 200);
  t.equal(refusal(await react(ann, { emoji: 'e20' })), '400 invalid_request', 'the 21st');

  t.equal((await ask(ann, `DELETE /api/conversations/${id}/messages/${message}`)).status, 204);
  t.equal(refusal(await edit(ann, { content_text: 'x' })), '404 not_found');
  t.equal(refusal(await react(bob, { emoji: 'x' })), '404 not_found');
  t.match(await now(bob), { id: message, is_deleted: true, content_text: '', reactions: [] });
});

t.test('a message is edited within the window only', async (t) => {
  const { ann, bob, ask, group } = await startChat(t, { PARLEY_EDIT_WINDOW_SEC: '1' });
  const id = await group(bob);
  const sent = await ask(ann, path, { conversation_id: id, content_text: 'one' });
  const edit = () => ask(ann, `PATCH /v1/chat/messages/${sent.body.id}`, { content_text: `${Date.now()}` });
  let answer = await edit();
  const until = Date.now() + 20_000;
  while (answer.status === 200 && Date.now() < until) answer = await edit();
  t.equal(refusal(answer), '403 edit_window_expired');
  // The clock of a node lies up to some milliseconds beside that of Date.
  t.ok(Date.now() - Date.parse(sent.body.created_at) >= 990, 'not before');
});
