import t from 'tap';
import { runSql } from '../../../kit/servers/postgres.ts';
import { refusal, type Speaker, startChat } from './stage.ts';

t.setTimeout(120_000);

t.test('the messages of a conversation of another dialect, page by page', async (t) => {
  const { ann, bob, robot, stranger, ask, group } = await startChat(t);
  const id = await group(bob, robot);
  const path = `/v1/chat/conversations/${id}/messages`;
  for (let n = 1; n <= 60; n += 1) {
    const body = { content: `m${n}`, contentType: 'text' };
    t.equal((await ask(n % 2 === 0 ? ann : bob, `POST /api/conversations/${id}/messages`, body)).status, 201);
  }
  const seqs = async (query: string) => {
    const { status, body } = await ask(bob, `GET ${path}${query}`);
    t.equal(status, 200);
    const found = body.messages.map((one: { seq_num: number }) => one.seq_num);
    return [found[0] ?? null, found.at(-1) ?? null, found.length, body.has_more, body.current_seq];
  };
  t.same(await seqs(''), [11, 60, 50, true, 60], 'the newest');
  t.same(await seqs('?to_seq=20&limit=5'), [16, 20, 5, true, 60]);
  t.same(await seqs('?from_seq=3&limit=4'), [3, 6, 4, true, 60]);
  t.same(await seqs('?from_seq=0&to_seq=60&limit=200'), [1, 60, 60, false, 60]);
  t.same(await seqs('?from_seq=58'), [58, 60, 3, false, 60]);
  t.same(await seqs('?from_seq=9&to_seq=8'), [null, null, 0, false, 60]);
  t.same(await seqs('?from_seq=900'), [null, null, 0, false, 60]);
  for (const query of [
    '?limit=0',
    '?limit=201',
    '?limit=x',
    '?from_seq=-1',
    '?to_seq=1.5',
    '?from_seq=%ff',
  ]) {
    t.equal(refusal(await ask(bob, `GET ${path}${query}`)), '400 invalid_request', query);
  }
  t.equal(refusal(await ask(stranger, `GET ${path}`)), '404 not_found');
  t.equal(refusal(await ask(bob, 'GET /v1/chat/conversations/nonsense/messages')), '404 not_found');
  const { body } = await ask(ann, `GET ${path}?limit=1`);
  t.match(body.messages, [
    { content_text: 'm60', sender_id: ann.id, sender_type: 'human', conversation_id: id },
  ]);
});

t.test(
  'control events, cleared and blocked messages are gaps, and pages are full all the same',
  async (t) => {
    const { ann, bob, robot, ask, group, database } = await startChat(t);
    const id = await group(bob, robot);
    const say = async (who: Speaker, content: string) => {
      t.equal((await ask(who, `POST /api/conversations/${id}/messages`, { content })).status, 201);
    };
    await say(bob, 'first');
    for (let n = 0; n < 30; n += 1) await say(ann, `a${n}`);
    t.equal((await ask(ann, `POST /api/conversations/${id}/control`, { event: 'stream.pause' })).status, 201);
    await say(bob, 'last');
    const page = async (who: Speaker, query: string) => {
      const { body } = await ask(who, `GET /v1/chat/conversations/${id}/messages${query}`);
      return {
        texts: body.messages.map((one: { content_text: string }) => one.content_text),
        more: body.has_more,
      };
    };
    t.same(await page(bob, '?limit=2'), { texts: ['a29', 'last'], more: true });
    await runSql(database.url, `insert into blocks values ('${ann.tenant}', '${robot.id}', '${ann.id}', 1)`);
    t.same(await page(robot, '?limit=2'), { texts: ['first', 'last'], more: false }, 'over the blocked ones');
    t.same(await page(robot, '?limit=1&from_seq=1'), { texts: ['first'], more: true });
    await runSql(
      database.url,
      `insert into conversation_marks (tenant_id, principal_id, conversation_id, cleared_seq)
     values ('${ann.tenant}', '${ann.id}', '${id}', 31)`,
    );
    t.same(await page(ann, ''), { texts: ['last'], more: false }, 'after what was cleared');
  },
);
