/** Conversations over a whole node: begin, list, change, end. */
import t from 'tap';
import { makeAgent, signUpInto } from '../../../../kit/clients/accounts.ts';
import { refusal, type Speaker, startChat } from '../stage.ts';

const stage = await startChat(t);
const { ann, bob, robot, stranger, ask, node } = stage;
const path = '/v1/chat/conversations';

const begin = (who: Speaker, body: object) => ask(who, `POST ${path}`, body);
const post = async (who: Speaker, conversation: string, content: string): Promise<void> => {
  const sent = await ask(who, `POST /api/conversations/${conversation}/messages`, { content });
  t.equal(sent.status, 201);
};
const listed = async (who: Speaker, query = '') => {
  const answer = await ask(who, `GET ${path}${query}`);
  t.equal(answer.status, 200);
  // biome-ignore lint/suspicious/noExplicitAny: whatever came over the wire
  return answer.body.conversations as Record<string, any>[];
};
const found = async (who: Speaker, id: string) => (await listed(who)).find((one) => one['id'] === id);

t.test('a group has its creator as owner and shows what its list shows', async (t) => {
  const made = await begin(ann, {
    name: 'Harbour',
    description: 'Ships',
    participant_ids: [bob.id, bob.id, robot.id],
  });
  t.equal(made.status, 201);
  t.match(made.body, {
    ...{ type: 'agent_group', name: 'Harbour', description: 'Ships', created_by: ann.id, role: 'owner' },
    ...{ seq_counter: 0, last_message_preview: '', unread_count: 0, last_read_seq: 0 },
    ...{ muted_until: null, archived_at: null, created_at: /\.\d{6}Z$/ },
  });
  t.notOk('contact' in made.body);
  t.same(await found(ann, made.body.id), made.body);
  t.match(await found(bob, made.body.id), { role: 'member' });
  t.match(await found(robot, made.body.id), { role: 'agent' });
  t.equal(await found(stranger, made.body.id), undefined);
  t.match((await begin(ann, {})).body, { type: 'group', role: 'owner' }, 'alone, without a name');
});

t.test('two principals have one direct conversation, whoever begins it and however', async (t) => {
  const made = await begin(ann, { participant_ids: [bob.id], name: 'no effect' });
  t.equal(made.status, 201);
  t.match(made.body, {
    ...{ type: 'direct', role: 'member' },
    contact: { user_id: bob.id, display_name: 'bob', is_agent: false, status: 'offline' },
  });
  t.notOk('name' in made.body);
  const again = await begin(bob, { type: 'direct', participant_ids: [ann.id.toUpperCase(), bob.id] });
  t.match(again, { status: 200, body: { id: made.body.id, contact: { user_id: ann.id } } });
  const withAgent = await begin(bob, { participant_ids: [robot.id] });
  t.match(withAgent, { status: 201, body: { type: 'agent_direct', contact: { is_agent: true } } });
  t.match(await found(robot, withAgent.body.id), { type: 'agent_direct', contact: { user_id: bob.id } });
});

t.test('of many who begin at once one conversation comes', async (t) => {
  const carl = await signUpInto(node, ann, 'carl');
  const all = await Promise.all(
    Array.from({ length: 12 }, (_, n) =>
      n % 2 === 0 ? begin(ann, { participant_ids: [carl.id] }) : begin(carl, { participant_ids: [ann.id] }),
    ),
  );
  t.equal(new Set(all.map(({ body }) => body.id)).size, 1);
  t.equal(all.filter(({ status }) => status === 201).length, 1);
});

t.test('an ended direct conversation is begun anew, as often as they like', async (t) => {
  const dora = await signUpInto(node, ann, 'dora');
  const seen = new Set<string>();
  for (let n = 0; n < 6; n += 1) {
    const made = await begin(n % 2 === 0 ? ann : dora, { participant_ids: [n % 2 === 0 ? dora.id : ann.id] });
    t.equal(made.status, 201);
    seen.add(made.body.id);
    const ended = await ask(dora, `DELETE ${path}/${made.body.id}`, { mode: 'for_everyone' });
    t.match(ended, { status: 200, body: { mode: 'for_everyone', conversation_id: made.body.id } });
    t.match(await ask(dora, `DELETE ${path}/${made.body.id}?mode=for_everyone`), { status: 404 });
  }
  t.equal(seen.size, 6);
  t.same((await listed(dora)).length, 0);
});

t.test('what cannot be begun is refused, and strangers are not told from nobody', async (t) => {
  const frank = await signUpInto(node, ann, 'frank');
  const suspended = await ask(ann, `PATCH /auth/users/${frank.id}`, { status: 'suspended' });
  t.equal(suspended.status, 200);
  const refusals = new Set<string>();
  for (const id of ['nobody', stranger.id, frank.id]) {
    const answer = await begin(ann, { participant_ids: [id] });
    refusals.add(`${answer.status} ${JSON.stringify(answer.body.error)}`);
    t.equal(refusal(await begin(ann, { participant_ids: [bob.id, id] })), '400 unknown_user');
  }
  t.equal(refusals.size, 1);
  t.match([...refusals][0], /^400 .*unknown_user/);
  for (const body of [
    { type: 'direct' },
    { type: 'direct', participant_ids: [ann.id] },
    { type: 'direct', participant_ids: [bob.id, robot.id] },
    { type: 'room' },
    { name: '' },
    { name: 'x'.repeat(121) },
    { description: 'x'.repeat(1001) },
    { participant_ids: [5] },
    { participant_ids: bob.id },
    { participant_ids: Array.from({ length: 257 }, (_, n) => `p${n}`) },
  ]) {
    t.equal(refusal(await begin(ann, body)), '400 invalid_request', JSON.stringify(body).slice(0, 60));
  }
  t.equal((await begin(ann, { name: '⚓'.repeat(120) })).status, 201);
});

t.test('owner and admin of a group change it, nobody else and nothing else', async (t) => {
  const { id } = (await begin(ann, { name: 'Harbour', type: 'group', participant_ids: [bob.id] })).body;
  const changed = await ask(ann, `PATCH ${path}/${id}`, { name: 'Port', description: 'Quiet' });
  t.match(changed, { status: 200, body: { id, name: 'Port', description: 'Quiet', role: 'owner' } });
  const cleared = await ask(ann, `PATCH ${path}/${id}`, { description: null });
  t.equal(cleared.status, 200);
  t.notOk('description' in cleared.body);
  t.equal(refusal(await ask(bob, `PATCH ${path}/${id}`, { name: 'Mine' })), '403 forbidden');
  t.equal(refusal(await ask(stranger, `PATCH ${path}/${id}`, { name: 'Mine' })), '404 not_found');
  t.equal(refusal(await ask(ann, `PATCH ${path}/no-uuid`, { name: 'Mine' })), '404 not_found');
  for (const body of [{}, { name: null }, { name: '' }, { type: 'direct' }]) {
    t.equal(refusal(await ask(ann, `PATCH ${path}/${id}`, body)), '400 invalid_request');
  }
  const direct = (await begin(ann, { participant_ids: [bob.id] })).body.id;
  t.equal(refusal(await ask(ann, `PATCH ${path}/${direct}`, { name: 'Us' })), '400 unsupported_for_direct');
  const read = await ask(ann, `GET ${path}/${id}`);
  t.equal(read.status, 405);
  t.equal(read.headers.get('allow'), 'DELETE, PATCH');
});

t.test('cleared for oneself it is gone until something newer comes, and nobody else notices', async (t) => {
  const { id } = (await begin(ann, { name: 'Cleared', type: 'group', participant_ids: [bob.id] })).body;
  await post(bob, id, 'before');
  t.match(await found(ann, id), { unread_count: 1, last_message_preview: 'before' });
  for (let n = 0; n < 2; n += 1) {
    const gone = await ask(ann, `DELETE ${path}/${id}`);
    t.match(gone, { status: 200, body: { conversation_id: id, mode: 'for_me', deleted_at: /Z$/ } });
  }
  t.equal(await found(ann, id), undefined);
  t.match(await found(bob, id), { last_message_preview: 'before' });
  const unread = await ask(ann, `GET ${path}/unread`);
  t.notOk(unread.body.conversations.some((one: { conversation_id: string }) => one.conversation_id === id));
  await post(bob, id, 'after');
  t.match(await found(ann, id), { unread_count: 1, last_message_preview: 'after' });
  const history = await ask(ann, `GET ${path}/${id}/messages`);
  t.same(
    history.body.messages.map((one: { content_text: string }) => one.content_text),
    ['after'],
  );
});

t.test('only owner and admin end a group for everyone, in words that agree', async (t) => {
  const { id } = (await begin(ann, { name: 'Ended', type: 'group', participant_ids: [bob.id] })).body;
  t.equal(refusal(await ask(bob, `DELETE ${path}/${id}`, { mode: 'for_everyone' })), '403 forbidden');
  t.equal(refusal(await ask(stranger, `DELETE ${path}/${id}`, { mode: 'for_everyone' })), '404 not_found');
  t.equal(
    refusal(await ask(ann, `DELETE ${path}/${id}?mode=for_me`, { mode: 'for_everyone' })),
    '400 invalid_request',
  );
  t.equal(refusal(await ask(ann, `DELETE ${path}/${id}?mode=all`)), '400 invalid_request');
  t.equal(refusal(await ask(ann, `DELETE ${path}/${id}`, { mode: 'all' })), '400 invalid_request');
  const ended = await ask(ann, `DELETE ${path}/${id}?mode=for_everyone`, { mode: 'for_everyone' });
  t.equal(ended.status, 200);
  for (const who of [ann, bob]) {
    t.equal(await found(who, id), undefined);
    t.equal(refusal(await ask(who, `GET ${path}/${id}/messages`)), '404 not_found');
    t.equal(refusal(await ask(who, `POST ${path}/${id}/read`, { up_to_seq: 1 })), '404 not_found');
    t.equal(refusal(await ask(who, `DELETE ${path}/${id}`)), '404 not_found');
  }
});

t.test('a list has pages without gap or repetition, newest activity first', async (t) => {
  const gina = await signUpInto(node, ann, 'gina');
  const made: string[] = [];
  for (let n = 0; n < 5; n += 1) made.push((await begin(gina, { name: `c${n}` })).body.id);
  await post(gina, made[1] ?? '', 'newest');
  const expected = [made[1], made[4], made[3], made[2], made[0]];
  t.same(
    (await listed(gina)).map(({ id }) => id),
    expected,
  );
  const paged: string[] = [];
  let cursor: string | null = null;
  do {
    const query: string = cursor === null ? '?limit=2' : `?limit=2&cursor=${encodeURIComponent(cursor)}`;
    const { body } = await ask(gina, `GET ${path}${query}`);
    paged.push(...body.conversations.map(({ id }: { id: string }) => id));
    cursor = body.next_cursor;
  } while (cursor !== null);
  t.same(paged, expected);
  await ask(gina, `POST ${path}/${made[2]}/archive`);
  t.same(
    (await listed(gina, '?archived=true')).map(({ id }) => id),
    [made[2]],
  );
  t.equal((await listed(gina, '?archived=false')).length, 4);
  for (const query of [
    '?limit=0',
    '?limit=201',
    '?limit=x',
    '?cursor=garbage',
    '?archived=maybe',
    '?cursor=%ff',
  ]) {
    t.equal(refusal(await ask(gina, `GET ${path}${query}`)), '400 invalid_request', query);
  }
});

t.test('a conversation of another dialect shows with the same id', async (t) => {
  const group = await stage.group(bob, robot);
  t.match(await found(bob, group), { type: 'agent_group', name: 'Harbour', role: 'member' });
  const other = await makeAgent(node, ann, 'other');
  const participants = [{ userId: bob.id, userType: 'user' }];
  const pair = (await ask(ann, 'POST /api/conversations', { type: 'private', participants })).body.id;
  t.match(await found(bob, pair), { type: 'direct', contact: { user_id: ann.id } });
  const trio = [...participants, { userId: other.id, userType: 'agent' }];
  const several = (await ask(ann, 'POST /api/conversations', { type: 'private', participants: trio })).body
    .id;
  t.match(await found(bob, several), { type: 'agent_group' });
});
