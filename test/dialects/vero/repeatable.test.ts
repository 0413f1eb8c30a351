import { randomBytes } from 'node:crypto';
import t from 'tap';
import { signUpInto } from '../../kit/clients/accounts.ts';
import { runSql } from '../../kit/servers/postgres.ts';
import { refusal, startChat } from './chat/stage.ts';

t.setTimeout(180_000);
const key = (name: string) => ({ 'Idempotency-Key': name });
const masterKey = { PARLEY_MASTER_KEY: Buffer.alloc(32, 7).toString('base64') };

t.test('a POST with a key is done once, and its reply comes again', async (t) => {
  const { node, ann, bob, robot, ask, group, database } = await startChat(t, masterKey);
  const agents = async () => (await ask(ann, 'GET /auth/agents')).body.agents.length;
  const before = await agents();
  const make = (body: object, name: string) => ask(ann, 'POST /auth/agents', body, key(name));

  const first = await make({ display_name: 'Juno' }, 'k1');
  t.equal(first.status, 201);
  t.equal(first.headers.get('idempotency-replayed'), null);
  const again = await make({ display_name: 'Juno' }, 'k1');
  t.same([again.status, again.body], [200, first.body]);
  t.equal(again.headers.get('idempotency-replayed'), 'true');
  t.equal(await agents(), before + 1);
  t.equal(refusal(await make({ display_name: 'Vera' }, 'k1')), '409 idempotency_conflict');
  t.equal((await make({ display_name: 'Juno' }, 'k2')).status, 201, 'another key is another request');
  const ofBob = await ask(bob, 'POST /auth/agents', { display_name: 'Juno' }, key('k1'));
  t.equal(refusal(ofBob), '403 forbidden', "another caller's key");

  const many = await Promise.all(Array.from({ length: 8 }, () => make({ display_name: 'At once' }, 'k3')));
  t.same(
    many.map(({ body }) => body.agent.id),
    Array(8).fill(many[0]?.body.agent.id),
  );
  t.same(many.map(({ status }) => status).sort(), [...Array(7).fill(200), 201], 'one ran, the others replay');
  t.equal(await agents(), before + 3);

  await t.test('a refusal is not kept', async (t) => {
    t.equal(refusal(await make({ display_name: '' }, 'k4')), '400 invalid_request');
    t.equal((await make({ display_name: 'Later' }, 'k4')).status, 201);
  });

  await t.test(
    'a toggle that comes again toggles once, each route and message has keys of its own',
    async (t) => {
      const id = await group(bob, robot);
      const send = async () =>
        (await ask(ann, 'POST /v1/chat/messages/send', { conversation_id: id, content_text: 'x' })).body.id;
      const [one, two] = [await send(), await send()];
      const react = (message: string) =>
        ask(bob, `POST /v1/chat/messages/${message}/reactions`, { emoji: 'x' }, key('k1'));
      for (const message of [one, one, two, one]) t.same((await react(message)).body, { action: 'added' });
    },
  );

  await t.test('an id that is longer than ids are is refused as without a key', async (t) => {
    // Random: PostgreSQL compresses what is indexed.
    const long = randomBytes(3_000).toString('hex');
    const paths = [`conversations/${long}/archive`, `users/${long}/block`, `messages/${long}/reactions`];
    for (const path of paths) {
      const body = path.startsWith('messages') ? { emoji: 'x' } : undefined;
      t.equal(
        refusal(await ask(ann, `POST /v1/chat/${path}`, body, key('k8'))),
        '404 not_found',
        path.slice(0, 8),
      );
    }
  });

  await t.test('what is the same however often it is done takes a key, and keeps nothing', async (t) => {
    const id = await group(bob);
    const asked = { conversations: [{ conversation_id: id, last_seq: 0 }] };
    const sync = () => ask(bob, 'POST /v1/chat/messages/sync', asked, key('k9'));
    t.same((await sync()).body.batches[0].messages, []);
    await ask(ann, 'POST /v1/chat/messages/send', { conversation_id: id, content_text: 'new' });
    const again = await sync();
    t.match(again.body.batches[0].messages, [{ content_text: 'new' }], 'a repetition is no old answer');
    t.equal(again.headers.get('idempotency-replayed'), null);
    for (const state of ['start', 'start', 'stop'])
      t.equal((await ask(bob, `POST /v1/chat/conversations/${id}/typing`, { state }, key('k9'))).status, 200);
    t.equal(refusal(await ask(bob, 'POST /v1/chat/messages/sync', asked, key('k 9'))), '400 invalid_request');
    const carol = await signUpInto(node, ann, 'carol');
    t.equal((await ask(carol, 'POST /auth/logout', {}, key('k9'))).status, 200);
    t.equal(refusal(await ask(carol, 'POST /auth/logout', {}, key('k9'))), '401 token_revoked');
  });

  await t.test('secrets are kept sealed', async (t) => {
    const body = { name: 'ingest' };
    const made = await ask(ann, 'POST /auth/api-keys', body, key('k5'));
    const replayed = await ask(ann, 'POST /auth/api-keys', body, key('k5'));
    t.equal(made.status, 201);
    t.same(replayed.body, made.body);
    const invite = await ask(ann, 'POST /auth/invites', {}, key('k6'));
    t.same((await ask(ann, 'POST /auth/invites', {}, key('k6'))).body, invite.body);
    const check = `do $$ begin
      if exists (select from stored_replies where reply like '%${made.body.key}%' or reply like '%inv_%') then
        raise exception 'a secret lies in the clear';
      end if;
    end $$`;
    await runSql(database.url, check);
  });
});

t.test('without a master key a secret is made once, and not told again', async (t) => {
  const { ann, ask } = await startChat(t);
  const body = { name: 'ingest' };
  const made = await ask(ann, 'POST /auth/api-keys', body, key('k1'));
  t.equal(made.status, 201);
  t.equal(refusal(await ask(ann, 'POST /auth/api-keys', body, key('k1'))), '409 idempotency_conflict');
  t.equal(
    (await ask(ann, 'GET /auth/api-keys')).body.api_keys.filter(
      (one: { id: string }) => one.id === made.body.id,
    ).length,
    1,
  );
});

t.test('what is older than a day may be forgotten, what never ended is taken over', async (t) => {
  const { ann, ask, database } = await startChat(t);
  const make = () => ask(ann, 'POST /auth/agents', { display_name: 'Juno' }, key('k1'));
  const first = await make();
  await runSql(database.url, `update stored_replies set created_us = created_us - 23 * 3600000000::bigint`);
  t.equal((await make()).body.agent.id, first.body.agent.id, 'within a day');
  await runSql(database.url, `update stored_replies set created_us = created_us - 3 * 3600000000::bigint`);
  const second = await make();
  t.not(second.body.agent.id, first.body.agent.id, 'after a day');
  await runSql(
    database.url,
    `update stored_replies set is_done = false, reply = null, created_us = created_us - 130000000`,
  );
  const third = await make();
  t.equal(third.status, 201);
  t.not(third.body.agent.id, second.body.agent.id, 'a request whose node has died');
});
