/** Read, unread, typing, mute and archive over a whole node, with a second one that shows them at once. */
import t from 'tap';
import { makeAgent, signUp, signUpInto } from '../../../../kit/clients/accounts.ts';
import { call } from '../../../../kit/clients/http-client.ts';
import { NativeClient } from '../../../../kit/clients/native-client.ts';
import { startTwoWholeNodes } from '../../../../kit/servers/two-whole-nodes.ts';
import { refusal, type Speaker } from '../stage.ts';

const { one, two } = await startTwoWholeNodes(t);
const ann = await signUp(one, 'ann');
const bob = await signUpInto(one, ann, 'bob');
const robot = await makeAgent(one, ann);
const stranger = await signUp(one, 'eve');
const path = '/v1/chat/conversations';

const askAt = (node: { readonly url: string }) => (who: Speaker, line: string, body?: unknown) => {
  const [method = 'GET', at = '/'] = line.split(' ');
  return call(node, method, at, { token: who.token, ...(body === undefined ? {} : { body }) });
};
const [ask, askTwo] = [askAt(one), askAt(two)];
const post = async (who: Speaker, id: string, content: string, metadata = {}): Promise<string> => {
  const sent = await ask(who, `POST /api/conversations/${id}/messages`, { content, metadata });
  t.equal(sent.status, 201);
  return sent.body.id;
};
const group = async (): Promise<string> => {
  const body = { type: 'group', name: 'Harbour', participant_ids: [bob.id, robot.id] };
  return (await ask(ann, `POST ${path}`, body)).body.id;
};
const unreadAt = async (asking: typeof ask, who: Speaker, id: string): Promise<number | undefined> => {
  const { body } = await asking(who, `GET ${path}/unread`);
  const counts: { conversation_id: string; unread_count: number }[] = body.conversations;
  t.equal(
    body.total,
    counts.reduce((sum, { unread_count }) => sum + unread_count, 0),
  );
  return counts.find(({ conversation_id }) => conversation_id === id)?.unread_count;
};

t.test('a message counts until it is read, on every node, and not for its author', async (t) => {
  const id = await group();
  t.equal(await unreadAt(ask, bob, id), 0, 'what is read is listed, too');
  for (let n = 1; n <= 4; n += 1) {
    await post(ann, id, `message ${n}`);
    t.equal(await unreadAt(askTwo, bob, id), n);
  }
  t.equal(await unreadAt(ask, ann, id), 0);
  const read = (who: Speaker, upToSeq: unknown) =>
    ask(who, `POST ${path}/${id}/read`, { up_to_seq: upToSeq });
  t.same((await read(bob, 3)).body, { conversation_id: id, last_read_seq: 3, unread_count: 1 });
  t.same((await read(bob, 1)).body, { conversation_id: id, last_read_seq: 3, unread_count: 1 }, 'never back');
  t.same(
    (await read(bob, 99)).body,
    { conversation_id: id, last_read_seq: 4, unread_count: 0 },
    'never beyond',
  );
  t.equal(await unreadAt(askTwo, bob, id), 0);
  for (const wrong of [-1, 1.5, '3', null, undefined])
    t.equal(refusal(await read(bob, wrong)), '400 invalid_request');
  t.equal(refusal(await read(stranger, 1)), '404 not_found');
});

t.test('deleted and internal messages do not count, nor do those of whom one blocks', async (t) => {
  const id = await group();
  const message = await post(ann, id, 'deleted');
  await post(ann, id, 'kept');
  await post(robot, id, 'among us', { is_internal: true });
  await post(robot, id, 'beep');
  t.equal(await unreadAt(ask, bob, id), 3);
  await ask(ann, `DELETE /api/conversations/${id}/messages/${message}`);
  t.equal(await unreadAt(ask, bob, id), 2);
  t.equal(await unreadAt(askTwo, bob, id), 2);
  t.equal(await unreadAt(askTwo, robot, id), 1);
});

t.test('muting is a flag with an end', async (t) => {
  const id = await group();
  const mute = (body?: object) => ask(bob, `POST ${path}/${id}/mute`, body);
  const listed = async () =>
    (await askTwo(bob, `GET ${path}`)).body.conversations.find((found: { id: string }) => found.id === id);
  t.same((await mute()).body, { conversation_id: id, muted_until: '9999-12-31T23:59:59.000Z' });
  t.equal((await listed()).muted_until, '9999-12-31T23:59:59.000Z');
  const until = '2100-01-01T00:00:00.000Z';
  t.match((await mute({ until, duration_sec: 5 })).body, { muted_until: '2100-01-01T00:00:00.000000Z' });
  const soon = Date.parse((await mute({ duration_sec: 60 })).body.muted_until) - Date.now();
  t.ok(soon > 30_000 && soon <= 61_000);
  for (const body of [
    ...[{ until: '2020-01-01T00:00:00Z' }, { until: 'soon' }, { until: null }],
    ...[{ duration_sec: 0 }, { duration_sec: 31_536_001 }, { duration_sec: '5' }],
  ]) {
    t.equal(refusal(await mute(body)), '400 invalid_request', JSON.stringify(body));
  }
  await post(ann, id, 'heard anyway');
  t.equal(await unreadAt(ask, bob, id), 1);
  for (let n = 0; n < 2; n += 1) {
    t.same((await ask(bob, `DELETE ${path}/${id}/mute`)).body, { conversation_id: id, muted_until: null });
  }
  t.equal((await listed()).muted_until, null);
  t.equal(refusal(await ask(stranger, `POST ${path}/${id}/mute`)), '404 not_found');
});

t.test('archiving keeps its first time, and a new message does not undo it', async (t) => {
  const id = await group();
  const first = (await ask(bob, `POST ${path}/${id}/archive`)).body;
  t.match(first, { conversation_id: id, archived_at: /Z$/ });
  t.same((await askTwo(bob, `POST ${path}/${id}/archive`)).body, first);
  await post(ann, id, 'still there?');
  const archived = (await askTwo(bob, `GET ${path}?archived=true`)).body.conversations;
  t.match(archived, [{ id, archived_at: first.archived_at, unread_count: 1 }]);
  t.match((await ask(ann, `GET ${path}?archived=true`)).body.conversations, []);
  t.same((await ask(bob, `DELETE ${path}/${id}/archive`)).body, { conversation_id: id, archived_at: null });
  t.same((await ask(bob, `GET ${path}?archived=true`)).body.conversations, []);
});

t.test('who types by HTTP is seen typing on the other node, until it stops', async (t) => {
  const id = await group();
  const client = await NativeClient.connect(two, ann.token);
  t.teardown(() => client.close());
  await client.ask('open', { conversation: id });
  const typing = (body?: object) => ask(bob, `POST ${path}/${id}/typing`, body);
  const told = (state: string) =>
    client.find(({ pulse }) => pulse?.kind === 'typing' && pulse.from === bob.id && pulse.state === state);
  t.same((await typing()).body, { ok: true });
  await told('start');
  t.same((await typing({ state: 'stop' })).body, { ok: true });
  await told('stop');
  t.equal(refusal(await typing({ state: 'loud' })), '400 invalid_request');
  t.equal(refusal(await ask(stranger, `POST ${path}/${id}/typing`)), '404 not_found');
});

t.test('a direct conversation is one, also when two nodes begin it at once', async (t) => {
  for (let n = 0; n < 5; n += 1) {
    const friend = await signUpInto(one, ann, `friend${n}`);
    const answers = await Promise.all([
      ask(ann, `POST ${path}`, { participant_ids: [friend.id] }),
      askTwo(friend, `POST ${path}`, { participant_ids: [ann.id] }),
    ]);
    t.same(answers.map(({ status }) => status).sort(), [200, 201]);
    t.equal(answers[0]?.body.id, answers[1]?.body.id);
    const id = answers[0]?.body.id;
    await ask(ann, `DELETE ${path}/${id}`, { mode: 'for_everyone' });
    const again = await askTwo(friend, `POST ${path}`, { participant_ids: [ann.id] });
    t.equal(again.status, 201);
    t.not(again.body.id, id);
  }
});
