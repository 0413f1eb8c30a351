/** Search as people use it, over a whole node: what is found is what the caller sees now. */
import t from 'tap';
import { refusal, type Speaker, startChat } from '../stage.ts';

t.setTimeout(180_000);

interface Result {
  readonly message: { readonly id: string; readonly content_text: string; readonly seq_num: number };
  readonly snippet: string;
}

async function opened(t: Parameters<typeof startChat>[0]) {
  const stage = await startChat(t, { PARLEY_RATE_LIMIT: 'off' });
  const say = async (who: Speaker, id: string, content: string): Promise<string> => {
    const made = await stage.ask(who, `POST /api/conversations/${id}/messages`, { content });
    if (made.status !== 201) throw new Error(JSON.stringify(made.body));
    return made.body.id;
  };
  const search = async (who: Speaker, q: string, more = ''): Promise<readonly Result[]> => {
    const path = `/v1/chat/messages/search?q=${encodeURIComponent(q)}${more}`;
    const { status, body } = await stage.ask(who, `GET ${path}`);
    if (status !== 200) throw new Error(JSON.stringify(body));
    return body.results;
  };
  const texts = async (who: Speaker, q: string, more = ''): Promise<string[]> =>
    (await search(who, q, more)).map(({ message }) => message.content_text);
  return { ...stage, say, search, texts };
}

t.test('words, phrases, exclusions and scripts without spaces', async (t) => {
  const { ann, bob, group, say, texts, search } = await opened(t);
  const id = await group(bob);
  await say(ann, id, 'The Harbour is closed');
  await say(ann, id, 'the closed harbour <b>office</b> & "more"');
  await say(bob, id, 'harbour lights');
  await say(bob, id, '我们明天去北京开会');
  await say(bob, id, '100% sure_thing C:\\temp');
  t.same(await texts(ann, 'harbour'), [
    'harbour lights',
    'the closed harbour <b>office</b> & "more"',
    'The Harbour is closed',
  ]);
  t.same(await texts(ann, 'closed harbour'), [
    'the closed harbour <b>office</b> & "more"',
    'The Harbour is closed',
  ]);
  t.same(await texts(ann, '"closed harbour"'), ['the closed harbour <b>office</b> & "more"']);
  t.same(await texts(ann, 'harbour -closed'), ['harbour lights']);
  t.same(await texts(ann, 'lights or office'), [
    'harbour lights',
    'the closed harbour <b>office</b> & "more"',
  ]);
  t.same(await texts(ann, 'office'), ['the closed harbour <b>office</b> & "more"'], 'inside of a tag');
  t.same(await texts(ann, '北京'), ['我们明天去北京开会'], 'an inner word');
  t.same(await texts(ann, '京'), ['我们明天去北京开会'], 'one character');
  t.same(await texts(ann, '京北'), []);
  t.same(await texts(ann, '明天 开会'), ['我们明天去北京开会']);
  t.same(await texts(ann, '明天 -北京'), []);
  t.same(await texts(ann, '北%'), []);
  for (const none of ['-harbour', '!!!', '""', '-北京', "'); drop table messages; --", 'harb'])
    t.same(await texts(ann, none), [], none);
  const [first] = await search(ann, 'office more');
  t.equal(
    first?.snippet,
    'the closed harbour &lt;b&gt;<mark>office</mark>&lt;/b&gt; &amp; &quot;<mark>more</mark>&quot;',
  );
});

t.test('a link that is pasted into the box is found', async (t) => {
  const { ann, bob, group, say, texts, search } = await opened(t);
  const id = await group(bob);
  const links = [
    'https://example.org/docs/a-b?c=d&e=%20f#g',
    'http://localhost:3000/a_b',
    'https://example.org',
  ];
  for (const link of links) await say(ann, id, `look at (${link}), please`);
  await say(ann, id, 'https://example.com/docs');
  const [long, local, short] = links.map((link) => `look at (${link}), please`);
  t.same(await texts(bob, links[0] ?? ''), [long]);
  t.same(await texts(bob, `please ${links[1]}`), [local]);
  t.same(await texts(bob, 'HTTPS://EXAMPLE.ORG'), [short, long], 'where it is the beginning of one, too');
  t.same(await texts(bob, `${links[0]} absent`), []);
  t.same(await texts(bob, 'http://localhost:3000/a%b'), [], 'signs stand for themselves');
  const [found] = await search(bob, links[1] ?? '');
  t.equal(found?.snippet, 'look at (<mark>http://localhost:3000/a_b</mark>), please');
});

t.test('only what the caller sees now, and just posted messages at once', async (t) => {
  const { ann, bob, robot, stranger, ask, group, say, texts } = await opened(t);
  const [one, two] = [await group(bob, robot), await group(bob)];
  const first = await say(ann, one, 'canary first');
  await say(bob, one, 'canary of bob');
  await say(robot, one, 'canary of robot');
  await say(ann, two, 'canary elsewhere');
  const all = ['canary elsewhere', 'canary of robot', 'canary of bob', 'canary first'];
  t.same(await texts(bob, 'canary'), all);
  t.same(await texts(stranger, 'canary'), [], 'another tenant');
  t.same(await texts(robot, 'canary'), all.slice(1), 'its own conversations');
  t.same(await texts(bob, 'canary', `&conversation_id=${two}`), ['canary elsewhere']);
  t.same(await texts(bob, 'canary', `&conversation_id=${one}&before_seq=3`), [
    'canary of bob',
    'canary first',
  ]);
  t.same(await texts(bob, 'canary', `&sender_id=${robot.id}`), ['canary of robot']);
  t.same(await texts(bob, 'canary', '&content_type=image'), []);
  t.same(await texts(bob, 'canary', '&after=2099-01-01T00:00:00Z'), []);
  t.same(await texts(bob, 'canary', '&before=2099-01-01T00:00:00Z&after=2020-01-01T00:00:00Z'), all);

  t.equal((await ask(ann, `POST /v1/chat/users/${bob.id}/block`)).status, 200);
  t.same(
    await texts(ann, 'canary'),
    all.filter((text) => text !== 'canary of bob'),
    'a blocked sender',
  );
  t.same(await texts(bob, 'canary'), all, 'who notices nothing');
  t.equal((await ask(ann, `DELETE /v1/chat/users/${bob.id}/block`)).status, 200);
  t.same(await texts(ann, 'canary'), all, 'and is seen again');

  const edited = await ask(ann, `PATCH /v1/chat/messages/${first}`, { content_text: 'sparrow' });
  t.equal(edited.status, 200);
  t.same(await texts(bob, 'sparrow'), ['sparrow'], 'the new text');
  t.same(await texts(bob, 'first'), [], 'and no more the old one');
  t.equal((await ask(ann, `DELETE /api/conversations/${one}/messages/${first}`)).status < 300, true);
  t.same(await texts(bob, 'sparrow'), [], 'deleted');
  await ask(
    ann,
    `POST /api/conversations/${one}/messages`,
    { content: 'canary secret' },
    { 'x-data-class': 'phi' },
  );
  t.same(await texts(ann, 'secret'), [], 'never indexed');
  t.equal((await ask(ann, `DELETE /api/conversations/${one}/participants/${bob.id}`)).status < 300, true);
  t.same(await texts(bob, 'canary'), ['canary elsewhere'], 'after it was removed');
});

t.test('pages go on where the last one ended, and wrong questions are refused', async (t) => {
  const { ann, bob, ask, group, say, stranger } = await opened(t);
  const id = await group(bob);
  for (let n = 1; n <= 7; n += 1) await say(ann, id, `wave ${n}`);
  const seen: string[] = [];
  let cursor: string | null = '';
  while (cursor !== null) {
    const more = cursor === '' ? '' : `&cursor=${cursor}`;
    const { body } = await ask(bob, `GET /v1/chat/messages/search?q=wave&limit=3${more}`);
    t.ok(body.results.length <= 3);
    seen.push(...body.results.map(({ message }: Result) => message.content_text));
    cursor = body.next_cursor;
  }
  t.same(seen, ['wave 7', 'wave 6', 'wave 5', 'wave 4', 'wave 3', 'wave 2', 'wave 1']);
  const bad = ['', '?q=', '?q=%20', `?q=${'x'.repeat(257)}`, '?q=%ff', '?q=a%00b'];
  const worse = ['limit=0', 'limit=101', 'before_seq=3', 'content_type=poem', 'after=noon', 'cursor=x'];
  for (const query of [...bad, ...worse.map((one) => `?q=wave&${one}`)])
    t.equal(refusal(await ask(bob, `GET /v1/chat/messages/search${query}`)), '400 invalid_request', query);
  for (const who of [id, 'nonsense'])
    t.equal(
      refusal(await ask(stranger, `GET /v1/chat/messages/search?q=wave&conversation_id=${who}`)),
      '404 not_found',
    );
});
