/** What nobody means to send, what is somebody else's, and many at once. */
import t from 'tap';
import { signUp, signUpInto } from '../../kit/clients/accounts.ts';
import { call } from '../../kit/clients/http-client.ts';
import { startTwoWholeNodes } from '../../kit/servers/two-whole-nodes.ts';

t.setTimeout(120_000);

const { one, two } = await startTwoWholeNodes(t);
const ada = await signUp(one, 'ada');
const ben = await signUpInto(one, ada, 'ben');
const stranger = await signUp(one, 'eve');
const path = '/api/v2/conversations';

async function make(who = ada, fields: object = {}): Promise<string> {
  const body = { organization_id: who.tenant, subject: 'Harbour', ...fields };
  const made = await call(one, 'POST', path, { token: who.token, body });
  if (made.status !== 201) throw new Error(JSON.stringify(made.body));
  return made.body.id;
}

async function raw(line: string, body: string | Uint8Array, type = 'application/json'): Promise<string> {
  const [method = '', at = ''] = line.split(' ');
  const headers = { authorization: `Bearer ${ada.token}`, 'content-type': type };
  const response = await fetch(one.url + at, { method, headers, body });
  return `${response.status} ${await response.text()}`;
}

t.test('a body that is not UTF-8 is 400, whatever else is wrong', async (t) => {
  const bytes = Uint8Array.from([...Buffer.from('{"body":"'), 0xff, ...Buffer.from('"}')]);
  const id = await make();
  const unparsable = '400 {"detail":"There was an error parsing the body"}';
  for (const line of [`POST ${path}`, `PATCH ${path}/${id}`, `POST ${path}/nope/messages`]) {
    t.equal(await raw(line, bytes), unparsable);
  }
  t.equal(await raw('POST /api/v2/auth/login', bytes), unparsable);
  t.match(await raw(`POST ${path}`, '\ufeff{}'), /^422 .*"json_invalid","loc":\["body",0\]/);
});

t.test('what looks like something else is a text, or a field that nobody knows', async (t) => {
  const id = await make(ada, { subject: "'; drop table conversations; --", participant_user_ids: [ben.id] });
  const odd = '{"body":"<script>$& $1 %s","__proto__":{"body":"y"},"constructor":1,"toString":null}';
  t.match(await raw(`POST ${path}/${id}/messages`, odd), /^201 .*"body":"<script>\$& \$1 %s"/);
  const { body } = await call(two, 'GET', `${path}/${id}`, { token: ben.token });
  t.match(body, { subject: "'; drop table conversations; --", messages: [{ body: '<script>$& $1 %s' }] });
  t.match(await raw(`POST ${path}`, '{"__proto__":{"organization_id":"x"}}'), /^422 .*"missing"/);
  const queries = [
    ["entity_type=' or 1=1 --", 200],
    ['entity_type=%25', 200],
    [`page=${'9'.repeat(4_000)}`, 200],
    [`page=${'9'.repeat(5_000)}`, 422],
  ] as const;
  for (const [query, status] of queries) {
    const found = await call(one, 'GET', `${path}?${query}`, { token: stranger.token });
    t.equal(found.status, status, query.slice(0, 40));
    if (status === 200) t.same(found.body, []);
  }
});

t.test('as many wrong fields as a body holds are a bounded answer', async (t) => {
  const ids = Array.from({ length: 60_000 }, () => 1);
  const many = await raw(
    `POST ${path}`,
    JSON.stringify({ organization_id: ada.tenant, participant_user_ids: ids }),
  );
  t.match(many, /^422 .*"too_long"/);
  t.ok(many.length < 300_000, `${many.length}`);
  t.match(await raw(`POST ${path}`, '['.repeat(200_000)), /^422 .*"loc":\["body",200000\]/);
  const query = Array.from({ length: 500 }, (_, n) => `limit=${n}`).join('&');
  t.match(await raw(`POST ${path}/nope/messages?${query}`, '{}'), /^422 /);
  t.match((await call(one, 'GET', `${path}?${query}`, { token: ada.token })).body, {
    detail: [{ type: 'too_long', loc: ['query'] }],
  });
});

t.test('what is another organization’s is like what is not there, to the byte', async (t) => {
  const foreign = await make(stranger, { subject: 'canary' });
  const own = await make(ben);
  const post = { body: 'canary' };
  await call(one, 'POST', `${path}/${foreign}/messages`, { token: stranger.token, body: post });
  const unknown = '01900000-0000-7000-8000-000000000001';
  const asks: readonly (readonly [line: string, body?: unknown])[] = [
    ['GET /ID'],
    ['PATCH /ID', { subject: 'mine' }],
    ['PATCH /ID', {}],
    ['PATCH /ID', { status: 'nope' }],
    ['POST /ID/messages', { body: 'mine' }],
    ['POST /ID/messages', {}],
    ['POST /ID/messages', { body: 'x', conversation_id: ada.tenant }],
    ['GET /ID/messages'],
    ['GET /ID/messages?limit=0'],
    [`GET /ID/messages?before=${unknown}`],
  ];
  for (const [line, body] of asks) {
    const [method = '', rest = ''] = line.split(' ');
    const told = async (id: string, node: typeof one) => {
      const answer = await call(node, method, path + rest.replace('/ID', `/${id}`), {
        ...{ token: ada.token, headers: { 'x-request-id': 'the-same' } },
        ...(body === undefined ? {} : { body }),
      });
      const headers = [...answer.headers].filter(([name]) => name !== 'date');
      return { status: answer.status, headers, body: JSON.stringify(answer.body) };
    };
    const nothing = await told(unknown, one);
    for (const id of [foreign, own]) {
      for (const node of [one, two]) t.strictSame(await told(id, node), nothing, line);
    }
    t.ok([404, 422].includes(nothing.status), line);
  }
  const lists = [`?organization_id=${stranger.tenant}`, '', '?limit=100'];
  for (const query of lists) {
    const found = await call(two, 'GET', path + query, { token: ada.token });
    t.notMatch(JSON.stringify(found.body), /canary/);
  }
  const here = await call(one, 'GET', `${path}/${foreign}`, { token: stranger.token });
  t.match(here.body, { subject: 'canary', messages: [{ body: 'canary' }] });
});

t.test('whoever leaves is nobody there at once, on every node', async (t) => {
  const id = await make(ada, { participant_user_ids: [ben.id] });
  t.equal((await call(two, 'GET', `${path}/${id}`, { token: ben.token })).status, 200);
  await call(one, 'DELETE', `/api/conversations/${id}/participants/${ben.id}`, { token: ada.token });
  for (const node of [one, two]) {
    t.equal((await call(node, 'GET', `${path}/${id}`, { token: ben.token })).status, 404);
    t.equal((await call(node, 'PATCH', `${path}/${id}`, { token: ben.token, body: {} })).status, 404);
    const { body } = await call(node, 'GET', path, { token: ben.token });
    t.notOk(body.some((found: { readonly id: string }) => found.id === id));
  }
});

t.test('many change it at once on two nodes: each change counts, and each has a later time', async (t) => {
  const id = await make(ada, { participant_user_ids: [ben.id] });
  const before = (await call(one, 'GET', `${path}/${id}`, { token: ada.token })).body.updated_at;
  const answers = await Promise.all(
    Array.from({ length: 24 }, (_, n) =>
      call(n % 2 === 0 ? one : two, 'PATCH', `${path}/${id}`, {
        token: n % 3 === 0 ? ben.token : ada.token,
        body: n % 4 === 0 ? { status: 'closed' } : { subject: `name ${n}` },
      }),
    ),
  );
  t.same(new Set(answers.map(({ status }) => status)), new Set([200]));
  const times = answers.map(({ body }) => body.updated_at as string);
  t.ok(times.every((time) => time > before));
  const last = (await call(two, 'GET', `${path}/${id}`, { token: ada.token })).body;
  t.match(last, { status: 'closed', subject: /^name \d+$/, updated_at: times.toSorted().at(-1)! });
  const events = (await call(one, 'GET', `${path}?limit=1`, { token: ben.token })).body[0];
  t.match(events, { id, status: 'closed', subject: last.subject, updated_at: last.updated_at });
});

t.test('one Idempotency-Key on two nodes at once is one message', async (t) => {
  const id = await make();
  const answers = await Promise.all(
    Array.from({ length: 16 }, (_, n) =>
      call(n % 2 === 0 ? one : two, 'POST', `${path}/${id}/messages`, {
        ...{ token: ada.token, body: { body: 'once' }, headers: { 'idempotency-key': 'the key' } },
      }),
    ),
  );
  t.same(new Set(answers.map(({ status }) => status)), new Set([422]), 'a key is visible ASCII');
  const again = await Promise.all(
    Array.from({ length: 16 }, (_, n) =>
      call(n % 2 === 0 ? one : two, 'POST', `${path}/${id}/messages`, {
        ...{ token: ada.token, body: { body: 'once' }, headers: { 'idempotency-key': 'the-key' } },
      }),
    ),
  );
  t.equal(new Set(again.map(({ status, body }) => `${status} ${JSON.stringify(body)}`)).size, 1);
  const { body } = await call(two, 'GET', `${path}/${id}/messages`, { token: ada.token });
  t.strictSame(body, [again[0]!.body]);
});

t.test('a list has what was posted on the other node just before', async (t) => {
  const id = await make(ada, { participant_user_ids: [ben.id] });
  for (let n = 1; n <= 20; n += 1) {
    const sent = await call(one, 'POST', `${path}/${id}/messages`, {
      token: ada.token,
      body: { body: `${n}` },
    });
    const { body } = await call(two, 'GET', `${path}?limit=1`, { token: ben.token });
    t.same(body[0].messages.at(-1), sent.body);
  }
});
