import { randomUUID } from 'node:crypto';
import t from 'tap';
import { runSql } from '../../../kit/servers/postgres.ts';
import { refusal, type Speaker, startChat } from './stage.ts';

t.setTimeout(180_000);

type Batch = {
  readonly messages: readonly {
    readonly content_text: string;
    readonly seq_num: number;
    readonly rev: number;
  }[];
  readonly updates: readonly {
    readonly content_text: string;
    readonly is_deleted: boolean;
    readonly rev: number;
  }[];
  readonly current_seq: number;
  readonly current_rev: number;
  readonly has_more: boolean;
};

t.test('what was missed, what was changed, and what is gone', async (t) => {
  const { ann, bob, robot, stranger, ask, group, database } = await startChat(t);
  const [one, two] = [await group(bob, robot), await group(bob)];
  const say = async (who: Speaker, id: string, content_text: string) =>
    (await ask(who, 'POST /v1/chat/messages/send', { conversation_id: id, content_text })).body;
  const sync = (who: Speaker, conversations: unknown) =>
    ask(who, 'POST /v1/chat/messages/sync', { conversations });
  const batch = async (who: Speaker, id: string, lastSeq: number, lastRev?: number): Promise<Batch> => {
    const rev = lastRev === undefined ? {} : { last_rev: lastRev };
    const answer = await sync(who, [{ conversation_id: id, last_seq: lastSeq, ...rev }]);
    t.equal(answer.status, 200);
    return answer.body.batches[0];
  };
  const texts = ({ messages }: Batch) => messages.map((message) => message.content_text);

  const sent: { readonly id: string; readonly rev: number }[] = [];
  for (let n = 1; n <= 5; n += 1) sent.push(await say(n % 2 === 0 ? bob : ann, one, `m${n}`));
  await say(ann, two, 'elsewhere');

  await t.test('batches come in the order of the request, each with what is newer', async (t) => {
    const answer = await sync(bob, [
      { conversation_id: two, last_seq: 0 },
      { conversation_id: one.toUpperCase(), last_seq: 3 },
      { conversation_id: randomUUID(), last_seq: 0 },
      { conversation_id: stranger.id, last_seq: 9 },
    ]);
    t.match(answer.body.batches, [
      { conversation_id: two, current_seq: 1, has_more: false, updates: [], deleted: false },
      { conversation_id: one, current_seq: 5, has_more: false, current_rev: sent[4]?.rev },
      { error: 'not_found', messages: [], deleted: false },
      { error: 'not_found', messages: [] },
    ]);
    t.same(answer.body.batches.map(texts), [['elsewhere'], ['m4', 'm5'], [], []]);
    t.notOk('error' in answer.body.batches[0]);
    t.match((await sync(stranger, [{ conversation_id: one, last_seq: 0 }])).body.batches, [
      { error: 'not_found', messages: [], current_seq: 0 },
    ]);
    t.same(texts(await batch(bob, one, 900)), [], 'ahead of the log is no error');
  });

  await t.test('updates are what changed of what the client has, by rev', async (t) => {
    const before = (await batch(bob, one, 5)).current_rev;
    t.same((await batch(bob, one, 5, before)).updates, []);
    await ask(ann, `PATCH /v1/chat/messages/${sent[2]?.id}`, { content_text: 'edited' });
    await ask(bob, `POST /v1/chat/messages/${sent[0]?.id}/reactions`, { emoji: 'x' });
    await ask(ann, `DELETE /api/conversations/${one}/messages/${sent[4]?.id}`);
    await say(robot, one, 'new');
    const { updates, messages, current_rev: rev } = await batch(bob, one, 5, before);
    t.match(updates, [
      { content_text: 'edited', edit_count: 1, rev: before + 1 },
      { id: sent[0]?.id, reactions: [{ emoji: 'x', user_ids: [bob.id] }], rev: before + 2 },
      { id: sent[4]?.id, is_deleted: true, content_text: '', rev: before + 3 },
    ]);
    t.equal(updates.length, 3);
    t.match(messages, [{ content_text: 'new' }]);
    t.equal(rev, before + 4);
    t.same((await batch(bob, one, 5)).updates, [], 'only for who says what it has');
    t.equal((await batch(bob, one, 3, before)).updates.length, 2, 'and only up to its seq');
    t.same((await batch(bob, one, 6, rev)).updates, []);
  });

  await t.test('a view leaves out of a sync what it leaves out elsewhere', async (t) => {
    await runSql(database.url, `insert into blocks values ('${ann.tenant}', '${robot.id}', '${ann.id}', 1)`);
    const { messages, updates, current_seq: current } = await batch(robot, one, 0, 0);
    t.same([...new Set(messages.map((message) => message.seq_num))], [2, 4, 6]);
    t.same(updates, []);
    t.equal(current, 6);
  });

  await t.test('ill requests', async (t) => {
    const item = { conversation_id: one, last_seq: 0 };
    const ill = [
      [],
      Array.from({ length: 101 }, () => ({ conversation_id: randomUUID(), last_seq: 0 })),
      [item, { ...item, conversation_id: one.toUpperCase() }],
      [{ ...item, conversation_id: 'nonsense' }],
      [{ ...item, last_seq: -1 }],
      [{ ...item, last_seq: '0' }],
      [{ conversation_id: one }],
      [{ ...item, last_rev: 1.5 }],
      7,
    ];
    for (const conversations of ill) t.equal(refusal(await sync(bob, conversations)), '400 invalid_request');
  });

  await t.test('a conversation that was deleted for everyone says so to those who were in it', async (t) => {
    t.equal((await ask(ann, `DELETE /api/conversations/${two}`)).status, 204);
    const gone = { conversation_id: two, last_seq: 0 };
    t.match((await sync(bob, [gone])).body.batches, [{ conversation_id: two, deleted: true, messages: [] }]);
    t.notOk('error' in (await sync(bob, [gone])).body.batches[0]);
    t.match((await sync(robot, [gone])).body.batches, [{ deleted: false, error: 'not_found' }]);
    t.match((await sync(stranger, [gone])).body.batches, [{ deleted: false, error: 'not_found' }]);
  });
});

t.test('a sync of more than fits is cut, says so, and goes on without loss', async (t) => {
  const { ann, bob, ask, group } = await startChat(t);
  const ids: string[] = [];
  for (let n = 0; n < 3; n += 1) ids.push(await group(bob));
  const [long = ''] = ids;
  const said = Array.from({ length: 230 }, (_, n) => `m${n}`);
  const changed: string[] = [];
  for (let start = 0; start < said.length; start += 23) {
    const sent = await Promise.all(
      said
        .slice(start, start + 23)
        .map((content_text) =>
          ask(ann, 'POST /v1/chat/messages/send', { conversation_id: long, content_text }),
        ),
    );
    changed.push(...sent.map(({ body }) => body.id));
  }
  const read = async (lastSeq: number, lastRev?: number): Promise<Batch> => {
    const item = {
      conversation_id: long,
      last_seq: lastSeq,
      ...(lastRev === undefined ? {} : { last_rev: lastRev }),
    };
    return (await ask(bob, 'POST /v1/chat/messages/sync', { conversations: [item] })).body.batches[0];
  };
  const first = await read(0);
  t.same([first.messages.length, first.has_more, first.current_seq], [200, true, 230]);
  const second = await read(200);
  t.same([second.messages.length, second.has_more], [30, false]);
  t.same([...first.messages, ...second.messages].map((one) => one.content_text).sort(), [...said].sort());
  for (let start = 0; start < changed.length; start += 23) {
    await Promise.all(
      changed
        .slice(start, start + 23)
        .map((id) => ask(bob, `POST /v1/chat/messages/${id}/reactions`, { emoji: 'x' })),
    );
  }
  const some = await read(230, second.current_rev);
  t.same([some.updates.length, some.has_more], [200, true]);
  t.equal(some.current_rev, some.updates.at(-1)?.rev);
  const rest = await read(230, some.current_rev);
  t.same([rest.updates.length, rest.has_more], [30, false]);
  const revs = [...some.updates, ...rest.updates].map(({ rev }) => rev);
  t.same(
    revs,
    [...revs].sort((a, b) => a - b),
    'by rev',
  );
  t.equal(new Set(revs).size, 230, 'each once');
});
