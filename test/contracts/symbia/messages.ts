import { randomUUID } from 'node:crypto';
import type { Test } from 'tap';
import { Client, group, notParticipant, refused, type SymbiaWorld, said, timestamp, uuid } from './world.ts';

type Row = {
  readonly id: string;
  readonly content: string;
  readonly sequence: number;
  readonly created_at: string;
};

const messageKeys = [
  ...['content', 'content_type', 'conversation_id', 'created_at', 'deleted_at', 'id', 'interruptible'],
  ...['metadata', 'org_id', 'preempted_by', 'priority', 'reply_to', 'run_id', 'sender_id', 'sender_type'],
  ...['sequence', 'trace_id', 'updated_at'],
];

export function messages(t: Test, world: SymbiaWorld): void {
  const { ada, ben, cleo, iris, hook } = world;
  const asAda = new Client(world, ada);
  const asBen = new Client(world, ben);
  const contents = (rows: readonly Row[]): string[] => rows.map((row) => row.content);

  t.test('reading messages shows in last_read_at of the reader, and of nobody else', async (t) => {
    const path = await group(world, ben);
    await asAda.post(`${path}/messages`, { content: 'read me' });
    await asBen.get(`${path}/messages`);
    type Participant = { readonly user_id: string; readonly last_read_at: string | null };
    const { participants } = (await asAda.get(path)).body as {
      readonly participants: readonly Participant[];
    };
    const readBy = (id: string) => participants.find((one) => one.user_id === id)?.last_read_at;
    t.match(readBy(ben.id), timestamp);
    t.equal(readBy(ada.id), null);
    // Nearly the same time: what the node remembers until it is stored has its own clock.
    t.match((await asAda.post(`${path}/participants`, { userId: ben.id })).body, { last_read_at: timestamp });
  });

  t.test('a posted message is a row with all keys, and the same row is read back', async (t) => {
    const path = await group(world);
    const run = randomUUID();
    const { status, body } = await asAda.post(`${path}/messages`, {
      content: 'hello',
      contentType: 'markdown',
      metadata: { a: [1] },
      runId: run.toUpperCase(),
      traceId: 'trace-1',
      priority: 'high',
      interruptible: false,
    });
    t.equal(status, 201);
    t.same(Object.keys(body).sort(), messageKeys);
    t.match(body, {
      id: uuid,
      conversation_id: path.slice(1),
      sender_id: ada.id,
      sender_type: 'user',
      content: 'hello',
      content_type: 'markdown',
      reply_to: null,
      org_id: ada.tenant,
      run_id: run,
      trace_id: 'trace-1',
      sequence: 1,
      priority: 'high',
      interruptible: false,
      preempted_by: null,
      created_at: timestamp,
      updated_at: null,
      deleted_at: null,
      metadata: { a: [1] },
    });
    const plain = (await asAda.post(`${path}/messages`, { content: 'two' })).body;
    t.match(plain, {
      content_type: 'text',
      priority: 'normal',
      interruptible: true,
      run_id: null,
      trace_id: null,
    });
    t.same(said(await asAda.get(`${path}/messages`)), { status: 200, body: [body, plain] });
  });

  t.test('content is required and truthy; what is no string is written as JSON', async (t) => {
    const path = await group(world);
    for (const content of [undefined, null, '', 0, false]) {
      t.match(await asAda.post(`${path}/messages`, { content }), refused(400, 'Message content is required'));
    }
    for (const [content, expected] of [
      [5, '5'],
      [true, 'true'],
      [{ a: 1 }, '{"a":1}'],
      [[1], '[1]'],
    ] as const) {
      t.match(await asAda.post(`${path}/messages`, { content }), {
        status: 201,
        body: { content: expected },
      });
    }
    t.match(await asAda.post(`${path}/messages`), refused(400, 'Message content is required'));
  });

  t.test('events are no messages', async (t) => {
    const path = await group(world);
    const body = { content: 'stream.pause', contentType: 'event' };
    t.match(await asAda.post(`${path}/messages`, body), refused(400, 'Use /control for stream events'));
  });

  t.test('an unknown priority silently means normal', async (t) => {
    const path = await group(world);
    for (const priority of ['urgent', 5, {}]) {
      t.match(await asAda.post(`${path}/messages`, { content: 'x', priority }), {
        body: { priority: 'normal' },
      });
    }
  });

  t.test('a field that is not what it must be is a 400, and nothing is stored', async (t) => {
    const path = await group(world);
    for (const fields of [
      { id: 'x' },
      { id: 5 },
      { id: '' },
      { runId: 'run-1' },
      { preemptedBy: 'x' },
      { replyTo: 'x' },
      { replyTo: randomUUID() },
      { metadata: [] },
      { metadata: 'x' },
      { metadata: 5 },
      { interruptible: 'yes' },
      { contentType: 5 },
      { contentType: 'x'.repeat(51) },
      { traceId: {} },
      { traceId: 'x'.repeat(256) },
    ]) {
      const answer = await asAda.post(`${path}/messages`, { content: 'x', ...fields });
      t.equal(answer.status, 400, JSON.stringify(fields));
      t.type(answer.body.error, 'string');
    }
    t.equal((await asAda.post(`${path}/messages`, { content: 'x'.repeat(262_145) })).status, 413);
    t.equal((await asAda.post(`${path}/messages`, { content: 'é'.repeat(131_073) })).status, 413);
    t.equal(
      (await asAda.post(`${path}/messages`, { content: 'x', metadata: { a: 'x'.repeat(16_384) } })).status,
      413,
    );
    t.same((await asAda.get(`${path}/messages`)).body, []);
    t.equal((await asAda.post(`${path}/messages`, { content: 'é'.repeat(131_072) })).status, 201);
  });

  t.test('a reply names a message of the same conversation', async (t) => {
    const [path, other] = [await group(world), await group(world)];
    const first = (await asAda.post(`${path}/messages`, { content: 'one' })).body;
    const reply = { content: 're', replyTo: first.id.toUpperCase() };
    t.match(await asAda.post(`${path}/messages`, reply), { status: 201, body: { reply_to: first.id } });
    t.match(await asAda.post(`${other}/messages`, reply), { status: 400 });
  });

  t.test('an id makes a post repeatable: the first row comes back and nothing is stored twice', async (t) => {
    const path = await group(world, ben);
    const post = { content: 'hello', id: randomUUID() };
    const first = await asAda.post(`${path}/messages`, { ...post, id: post.id.toUpperCase() });
    t.match(first, { status: 201, body: { id: post.id, sequence: 1 } });
    t.same(said(await asAda.post(`${path}/messages`, post)), said(first));
    const conflict = refused(409, 'A message with this id exists');
    t.match(await asAda.post(`${path}/messages`, { ...post, content: 'other' }), conflict);
    t.match(await asBen.post(`${path}/messages`, post), conflict);
    t.equal((await asAda.get(`${path}/messages`)).body.length, 1);
    const elsewhere = await asAda.post(`${await group(world)}/messages`, post);
    t.match(elsewhere, { status: 201, body: { id: post.id, sequence: 1 } });
  });

  t.test('a retry of an edited message is answered as it is now, of a deleted one with 409', async (t) => {
    const path = await group(world);
    const post = { content: 'hello', id: randomUUID() };
    await asAda.post(`${path}/messages`, post);
    const edited = await asAda.patch(`${path}/messages/${post.id}`, { content: 'bye' });
    t.same((await asAda.post(`${path}/messages`, post)).body, edited.body);
    await asAda.delete(`${path}/messages/${post.id}`);
    t.equal((await asAda.post(`${path}/messages`, post)).status, 409);
    t.same((await asAda.get(`${path}/messages`)).body, []);
  });

  t.test('an Idempotency-Key does the same for a message without id', async (t) => {
    const path = await group(world, ben);
    const keyed = { headers: { 'idempotency-key': 'key-1' } };
    const first = await asAda.request('POST', `${path}/messages`, { content: 'hello' }, keyed);
    t.same(said(await asAda.request('POST', `${path}/messages`, { content: 'hello' }, keyed)), said(first));
    t.match(await asAda.request('POST', `${path}/messages`, { content: 'other' }, keyed), { status: 409 });
    t.match(await asBen.request('POST', `${path}/messages`, { content: 'other' }, keyed), { status: 201 });
  });

  t.test('agents and services of the tenant join by posting, people do not', async (t) => {
    const path = await group(world);
    t.match(await asBen.post(`${path}/messages`, { content: 'hi' }), notParticipant);
    for (const [player, kind] of [
      [iris, 'agent'],
      [hook, 'service'],
    ] as const) {
      const answer = await new Client(world, player).post(`${path}/messages`, { content: 'hi' });
      t.match(answer, { status: 201, body: { sender_id: player.id, sender_type: kind } });
    }
    const { body } = await asAda.get(path);
    t.same(
      body.participants.map((one: { user_id: string }) => one.user_id),
      [ada.id, iris.id, hook.id],
    );
    t.match(
      await new Client(world, world.stranger).post(`${path}/messages`, { content: 'hi' }),
      notParticipant,
    );
  });

  t.test('who may impersonate posts for others of its tenant, everybody else for itself', async (t) => {
    const path = await group(world, ben, iris, hook);
    const as = (player: typeof ada, id: string): Client => new Client(world, player, { 'x-as-user-id': id });
    const sender = async (client: Client): Promise<unknown> => {
      const { body } = await client.post(`${path}/messages`, { content: 'x' });
      return [body.sender_id, body.sender_type];
    };
    t.same(await sender(as(hook, ben.id)), [ben.id, 'user']);
    t.same(await sender(as(hook, iris.id)), [iris.id, 'agent']);
    t.same(await sender(as(hook, 'assistant:x')), ['assistant:x', 'agent']);
    t.same(await sender(as(ben, ada.id)), [ben.id, 'user']);
    t.same(await sender(as(ada, ben.id)), [ada.id, 'user']);
    t.match(await as(hook, cleo.id).post(`${path}/messages`, { content: 'x' }), notParticipant);
    t.match(await as(hook, cleo.id).get(path), notParticipant);
    t.match(await as(world.stranger, ada.id).get(path), notParticipant);
    await asAda.post(`${path}/control`, { event: 'stream.pause' });
    t.equal((await as(hook, iris.id).post(`${path}/messages`, { content: 'x' })).status, 409);
    t.equal((await as(hook, ben.id).post(`${path}/messages`, { content: 'x' })).status, 201);
  });

  t.test('forty posts at once have forty sequences in a row', async (t) => {
    const path = await group(world, ben);
    const posts = Array.from({ length: 40 }, (_, i) =>
      (i % 2 === 0 ? asAda : asBen).post(`${path}/messages`, { content: `${i}` }),
    );
    const rows = (await Promise.all(posts)).map((answer) => answer.body as Row);
    const sequences = rows.map((row) => row.sequence).sort((a, b) => a - b);
    t.same(
      sequences,
      Array.from({ length: 40 }, (_, i) => i + 1),
    );
    const read = (await asAda.get(`${path}/messages`)).body as Row[];
    t.same(
      read,
      [...rows].sort((a, b) => a.sequence - b.sequence),
    );
    t.ok(read.every((row, index) => index === 0 || row.created_at > (read[index - 1]?.created_at ?? '')));
  });

  t.test(
    'the default page is the oldest fifty, and times page through everything exactly once',
    async (t) => {
      const path = await group(world);
      for (let i = 1; i <= 55; i += 1) await asAda.post(`${path}/messages`, { content: `m${i}` });
      const at = (query: string): Promise<Row[]> =>
        asAda.get(`${path}/messages${query}`).then((answer) => answer.body as Row[]);
      const expected = (from: number, to: number): string[] =>
        Array.from({ length: Math.abs(to - from) + 1 }, (_, i) => `m${from < to ? from + i : from - i}`);
      t.same(contents(await at('')), expected(1, 50));
      t.same(contents(await at('?order=desc')), expected(55, 6));
      t.same(contents(await at('?limit=3&order=desc')), expected(55, 53));
      t.same(contents(await at('?limit=200')), expected(1, 55));
      const all = await at('?limit=200');
      const time = (index: number): string => all[index - 1]?.created_at ?? '';
      t.same(contents(await at(`?limit=4&after=${time(10)}`)), expected(11, 14));
      t.same(contents(await at(`?limit=4&before=${time(10)}`)), expected(9, 6));
      t.same(contents(await at(`?limit=4&before=${time(10)}&order=asc`)), expected(1, 4));
      t.same(contents(await at(`?after=${time(10)}&before=${time(15)}`)), expected(11, 14));
      t.same(
        contents(await at(`?after=${time(10)}&before=${time(15)}&order=desc&limit=2`)),
        expected(14, 13),
      );
      t.same(await at(`?after=${time(55)}`), []);
      t.same(await at(`?before=${time(1)}`), []);
      const walked: string[] = [];
      for (
        let after = '', page = await at('?limit=7');
        page.length > 0;
        page = await at(`?limit=7&after=${after}`)
      ) {
        walked.push(...contents(page));
        after = page.at(-1)?.created_at ?? '';
      }
      t.same(walked, expected(1, 55));
      t.equal((await at(`?after=${encodeURIComponent('2020-01-01T00:00:00+01:00')}`)).length, 50);
      t.equal((await at('?after=2020-01-01')).length, 50);
    },
  );

  t.test('a limit is 1 to 200 and a time is a time', async (t) => {
    const path = await group(world);
    for (const limit of ['0', '201', '-1', '1.5', 'x', '1e2', '1000000000000', '%20', '0x10', 'NaN']) {
      t.equal((await asAda.get(`${path}/messages?limit=${limit}`)).status, 400, limit);
    }
    for (const time of ['yesterday', '1', '2026-02-30', '2026-13-01T00:00:00Z', 'null', '%00']) {
      t.equal((await asAda.get(`${path}/messages?before=${time}`)).status, 400, time);
      t.equal((await asAda.get(`${path}/messages?after=${time}`)).status, 400, time);
    }
    t.equal((await asAda.get(`${path}/messages?order=up`)).status, 400);
    for (const query of ['limit=1', 'limit=200', 'limit=', 'before=', 'unknown=1']) {
      t.equal((await asAda.get(`${path}/messages?${query}`)).status, 200, query);
    }
  });

  t.test('deleted messages are left out without making a page short', async (t) => {
    const path = await group(world);
    const rows: Row[] = [];
    for (let i = 1; i <= 12; i += 1)
      rows.push((await asAda.post(`${path}/messages`, { content: `m${i}` })).body);
    for (const row of rows.slice(2, 9)) await asAda.delete(`${path}/messages/${row.id}`);
    const read = async (query: string): Promise<string[]> =>
      contents((await asAda.get(`${path}/messages?${query}`)).body);
    t.same(await read('limit=3'), ['m1', 'm2', 'm10']);
    t.same(await read('limit=4&order=desc'), ['m12', 'm11', 'm10', 'm2']);
    t.same(await read('limit=200'), ['m1', 'm2', 'm10', 'm11', 'm12']);
    const after = await asAda.post(`${path}/messages`, { content: 'next' });
    t.equal(after.body.sequence, 13);
  });

  t.test('the sender edits, and every version is kept', async (t) => {
    const path = await group(world, ben);
    const { body: first } = await asBen.post(`${path}/messages`, { content: 'one', metadata: { a: 1 } });
    const message = `${path}/messages/${first.id}`;
    t.match(
      await asAda.patch(message, { content: 'x' }),
      refused(403, 'Not authorized to edit this message'),
    );
    t.match(await asBen.patch(message, {}), refused(400, 'Message content is required'));
    const second = await asBen.patch(message, { content: 'two' });
    t.match(second, { status: 200, body: { ...first, content: 'two', updated_at: timestamp } });
    const third = await asBen.patch(message.toUpperCase().replace('/MESSAGES/', '/messages/'), {
      content: 'three',
      metadata: { b: 2 },
    });
    t.same(third.body.metadata, { b: 2 });
    const { status, body } = await asAda.get(`${message}/history`);
    t.equal(status, 200);
    t.same(body, [
      { ...first, version: 1 },
      { ...second.body, version: 2 },
      { ...third.body, version: 3 },
    ]);
    t.same((await asAda.get(`${path}/messages`)).body, [third.body]);
  });

  t.test('a message that was never edited has one version', async (t) => {
    const path = await group(world);
    const { body } = await asAda.post(`${path}/messages`, { content: 'one' });
    t.same((await asAda.get(`${path}/messages/${body.id}/history`)).body, [{ ...body, version: 1 }]);
  });

  t.test('sender, owner and admin delete; nothing of the message is left to read', async (t) => {
    const path = await group(world, ben, cleo);
    const of = async (client: Client): Promise<string> =>
      `${path}/messages/${(await client.post(`${path}/messages`, { content: 'x' })).body.id}`;
    const asCleo = new Client(world, cleo);
    const ofBen = await of(asBen);
    t.match(await asCleo.delete(ofBen), refused(403, 'Not authorized to delete this message'));
    t.same(said(await asBen.delete(ofBen)), { status: 204, body: null });
    t.match(await asAda.delete(await of(asBen)), { status: 204 });
    await asAda.patch(`${path}/participants/${cleo.id}`, { role: 'admin' });
    t.match(await asCleo.delete(await of(asBen)), { status: 204 });
    const gone = refused(404, 'Message not found');
    t.match(await asBen.delete(ofBen), gone);
    t.match(await asBen.patch(ofBen, { content: 'y' }), gone);
    t.match(await asBen.get(`${ofBen}/history`), gone);
    t.same((await asBen.get(`${path}/messages`)).body, []);
  });

  t.test('a message id that names nothing is not found', async (t) => {
    const path = await group(world);
    const other = (await asAda.post(`${await group(world)}/messages`, { content: 'x' })).body.id;
    for (const id of [randomUUID(), 'x', other]) {
      t.match(
        await asAda.patch(`${path}/messages/${id}`, { content: 'y' }),
        refused(404, 'Message not found'),
      );
      t.match(await asAda.delete(`${path}/messages/${id}`), refused(404, 'Message not found'));
      t.match(await asAda.get(`${path}/messages/${id}/history`), refused(404, 'Message not found'));
    }
  });
}
