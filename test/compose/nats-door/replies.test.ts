/** Requests over NATS: to whom they are answered, whose rights they have, and what hostile ones get. */
import { headers as newHeaders } from '@nats-io/transport-node';
import t, { type Test } from 'tap';
import { inboxesOf } from '../../../src/adapters/jetstream/door/inboxes.ts';
import { token } from '../../../src/adapters/jetstream/subjects.ts';
import { type Account, type KeyHolder, makeService, signUp } from '../../kit/clients/accounts.ts';
import { call } from '../../kit/clients/http-client.ts';
import { type Answer, connectAs, type NatsClient } from '../../kit/clients/nats-client.ts';
import { until } from '../../kit/log-entries.ts';
import { startNats } from '../../kit/servers/nats.ts';
import { startNode } from '../../kit/servers/node.ts';
import { startPostgres } from '../../kit/servers/postgres.ts';

const [nats, database] = [await startNats(t), await startPostgres(t)];
const node = await startNode({ nats, database, env: { NATS_CREDS: nats.credsFile } }, t);
const [owner, stranger] = [await signUp(node), await signUp(node)];

async function makeKey(by: Account, fields: object): Promise<KeyHolder> {
  const answer = await call(node, 'POST', '/auth/api-keys', {
    token: by.token,
    body: { name: 'key', ...fields },
  });
  if (answer.status !== 201) throw new Error(JSON.stringify(answer.body));
  return { tenant: by.tenant, id: answer.body.principal_id, token: answer.body.key };
}

/** Everything that arrives on a subject, until the returned function is called. */
function collect({ connection }: NatsClient, subject: string): string[] {
  const arrived: string[] = [];
  connection.subscribe(subject, { callback: (_error, message) => void arrived.push(message.subject) });
  return arrived;
}

/** Sends a `create` with this reply subject. */
function createWithReply({ connection }: NatsClient, who: KeyHolder, reply: string | undefined): void {
  const options = reply === undefined ? {} : { reply };
  connection.publish(`api.${who.tenant}.${who.id}.create`, JSON.stringify({ type: 'group' }), options);
}

t.test('only an inbox of the asker is answered, and nothing is done for another reply subject', async (t) => {
  const [asker, observer] = [await makeService(node, owner), await makeService(node, owner)];
  const [client, watch] = [await connectAs(t, nats, asker), await connectAs(t, nats, observer)];
  const foreign = await connectAs(t, nats, stranger);
  const there = [collect(watch, `live.${owner.tenant}.>`), collect(watch, `pulse.${owner.tenant}.>`)];
  const inboxes = [collect(watch, `_INBOX_${observer.id}.>`), collect(foreign, `_INBOX_${stranger.id}.>`)];
  const notes = collect(watch, `inbox.${owner.tenant}.${observer.id}.>`);
  await watch.connection.flush();
  await foreign.connection.flush();
  const place = `${owner.tenant}._.11111111-1111-4111-8111-111111111111`;
  const wrong = [
    undefined,
    `_INBOX_${observer.id}.x`,
    `_INBOX_${stranger.id}.x`,
    `_INBOX_${stranger.tenant}_${stranger.id}.x`,
    `_INBOX_${asker.id}`,
    `_INBOX_${asker.id}x.y`,
    `conv.0.${place}.message`,
    `live.${place}.message`,
    `pulse.${place}.typing`,
    `inbox.${owner.tenant}.${observer.id}.added`,
    `api.${owner.tenant}.${observer.id}.list`,
    '_INBOX.parley.x',
    '$JS.API.STREAM.PURGE.CONV_0',
    'sys.tell.identity.changed',
  ];
  for (const reply of wrong) createWithReply(client, asker, reply);
  // What is asked after them is done after them.
  const { conversation } = await client.ask('create', { type: 'group' });
  await client.ask('post', { conversation: conversation.id, content: 'hello' });
  const live = `live.${owner.tenant}._.${conversation.id}`;
  await until(() => there[0]?.length === 2);
  await foreign.connection.flush();
  t.same(there.flat(), [`${live}.meta`, `${live}.message`]);
  t.same([...inboxes, notes].flat(), []);
  t.match((await client.ask('list'))['conversations'], [{ id: conversation.id }], 'nothing else was made');
  for (const reply of [`_INBOX_${asker.id}.a.b`, `_INBOX_${asker.tenant}_${asker.id}.a`]) {
    const own = collect(client, reply);
    createWithReply(client, asker, reply);
    await until(() => own.length === 1);
    t.same(own, [reply]);
  }
});

t.test(
  'of two tenants with one id the first owns the plain inbox, and neither reads the other',
  async (t) => {
    const id = 'assistant:x';
    for (const by of [owner, stranger]) {
      const made = await call(node, 'POST', '/auth/agents', {
        token: by.token,
        body: { display_name: 'x', id },
      });
      t.equal(made.status, 201);
    }
    const self = token(id);
    const keys = [owner, stranger].map((by) => makeKey(by, { principal_id: id, kind: 'agent' }));
    const [first, second] = (await Promise.all(keys)) as [KeyHolder, KeyHolder];
    const plain = `_INBOX_${self}`;
    const withTenant = (who: KeyHolder): string => `_INBOX_${who.tenant}_${self}`;
    const firstClient = await connectAs(t, nats, { ...first, id: self });
    t.equal(await firstClient.subscribe(`${plain}.>`), null);
    t.equal(await firstClient.subscribe(`${withTenant(first)}.>`), null);
    t.match(await firstClient.subscribe(`${withTenant(second)}.>`), /Permissions Violation/);
    t.match(await firstClient.ask('list'), { ok: true });

    const secondClient = await connectAs(
      t,
      nats,
      { ...second, id: self },
      { inboxPrefix: withTenant(second) },
    );
    t.match(await secondClient.subscribe(`${plain}.>`), /Permissions Violation/);
    t.match(await secondClient.subscribe(`${withTenant(first)}.>`), /Permissions Violation/);
    t.match(await secondClient.ask('list'), { ok: true }, 'with the inbox of its tenant it is answered');
    const arrived = collect(firstClient, `${plain}.>`);
    await firstClient.connection.flush();
    secondClient.connection.publish(`api.${second.tenant}.${self}.list`, '{}', { reply: `${plain}.x` });
    await secondClient.ask('list');
    await firstClient.connection.flush();
    t.same(arrived, [], 'and never into the inbox of the other');
  },
);

t.test('an id that is spelled like the inbox of somebody else gets no plain inbox', async (t) => {
  const spelled = `${stranger.tenant}_${stranger.id}`;
  t.same(inboxesOf(owner.tenant, spelled, true), [`_INBOX_${owner.tenant}_${spelled}`]);
  const body = { display_name: 'thief', id: spelled };
  await call(node, 'POST', '/auth/agents', { token: owner.token, body });
  const thief = await makeKey(owner, { principal_id: spelled, kind: 'agent' });
  const client = await connectAs(t, nats, thief);
  t.match(await client.subscribe(`_INBOX_${spelled}.>`), /Permissions Violation/);
  const copied = { display_name: 'copy', id: stranger.id };
  await call(node, 'POST', '/auth/agents', { token: owner.token, body: copied });
  const copy = await connectAs(t, nats, await makeKey(owner, { principal_id: stranger.id, kind: 'agent' }));
  t.match(await copy.subscribe(`_INBOX_${stranger.id}.>`), /Permissions Violation/, 'nor does a copied id');
});

t.test('several keys: what all of them hold, and of several services none', async (t) => {
  const wide = await makeKey(owner, { kind: 'service' });
  const client = await connectAs(t, nats, wide);
  const { conversation } = await client.ask('create', { type: 'group' });
  const control = { conversation: conversation.id, event: 'x.note' };
  t.match(await client.ask('control', control), { ok: true });
  await makeKey(owner, { principal_id: wide.id, scopes: ['cap:messaging.observe'] });
  t.match(
    await client.ask('control', control),
    { ok: false, problem: { code: 'forbidden' } },
    'from then on',
  );
  await makeKey(owner, { principal_id: wide.id, service_id: 'billing' });
  const several = await client.ask('list');
  t.match(several, { ok: false, problem: { code: 'forbidden', message: /several services/ } });
});

t.test('a key that is bound to a service sees only that service', async (t) => {
  const bound = await connectAs(t, nats, await makeKey(owner, { kind: 'service', service_id: 'billing' }));
  const free = await connectAs(t, nats, await makeKey(owner, { kind: 'service' }));
  const own = await bound.ask('create', { type: 'group' });
  t.equal(own['conversation'].service_id, 'billing');
  const other = await free.ask('create', { type: 'group', service_id: 'other' });
  const history = await bound.ask('history', { conversation: other['conversation'].id });
  t.match(history, { ok: false, problem: { code: 'not_found' } });
});

async function raw(
  t: Test,
  body: string | Uint8Array,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const service = await makeService(node, owner);
  const { connection } = await connectAs(t, nats, service);
  const block = newHeaders();
  for (const [name, value] of Object.entries(headers)) block.set(name, value);
  const subject = `api.${service.tenant}.${service.id}.create`;
  return (await connection.request(subject, body, { headers: block, timeout: 30_000 })).json<Answer>();
}

t.test('a key that is bound to a service makes no conversation of another one', async (t) => {
  const bound = await makeService(node, owner, { service_id: 'billing' });
  const client = await connectAs(t, nats, bound);
  t.match(await client.ask('create', { type: 'group', service_id: 'shipping' }), {
    problem: { code: 'forbidden' },
  });
  t.match(await client.ask('create', { type: 'group' }, { 'X-Service-Id': 'shipping' }), {
    problem: { code: 'forbidden' },
  });
  for (const fields of [{}, { service_id: null }, { service_id: 'billing' }])
    t.match(await client.ask('create', { type: 'group', ...fields }), {
      conversation: { service_id: 'billing' },
    });
});

t.test('hostile bodies are refused like on the socket', async (t) => {
  const bodies: [string | Uint8Array, string][] = [
    ['{', 'invalid_request'],
    ['[]', 'invalid_request'],
    ['"x"', 'invalid_request'],
    ['null', 'invalid_request'],
    [Uint8Array.of(0x7b, 0xff, 0x7d), 'invalid_request'],
    ['{"type":"group","name":"\\u0000"}', 'invalid_request'],
    ['{"type":"group","name":"\\ud800"}', 'invalid_request'],
    [`{"type":"group","metadata":${'{"a":'.repeat(50)}1${'}'.repeat(50)}}`, 'invalid_request'],
    ['{"type":7}', 'invalid_request'],
    ['{}', 'invalid_request'],
    [JSON.stringify({ type: 'group', name: 'x'.repeat(600_000) }), 'too_large'],
  ];
  for (const [body, code] of bodies) {
    t.match(await raw(t, body), { ok: false, problem: { code } }, String(body).slice(0, 40));
  }
  const fine = '{"type":"group","op":"post","id":"7","__proto__":{"a":1}}';
  const answer = await raw(t, fine);
  t.match(answer, { ok: true, conversation: { type: 'group' } }, 'the subject is the verb');
  t.notOk('re' in answer);
});

t.test('the headers of common.md count', async (t) => {
  const created = await raw(t, '{"type":"group"}', { 'X-Env': 'prod', 'X-Policy-Ref': 'p-1' });
  t.match(created, { ok: true, conversation: { env: 'prod' } });
  t.match(await raw(t, '{"type":"group"}', { 'X-Env': 'nowhere' }), { problem: { code: 'invalid_request' } });
  t.match(await raw(t, '{"type":"group"}', { 'X-Data-Class': 'top' }), {
    problem: { code: 'invalid_request' },
  });
  t.match(
    await raw(t, '{"type":"group"}', { 'x-data-class': 'top' }),
    { problem: { code: 'invalid_request' } },
    'however their names are spelt',
  );
  const client = await connectAs(t, nats, await makeService(node, owner));
  const { conversation } = await client.ask('create', { type: 'group' }, { 'X-Env': 'prod' });
  const fields = { conversation: conversation.id };
  t.match(await client.ask('history', fields, { 'X-Env': 'dev' }), { problem: { code: 'not_found' } });
  t.match(await client.ask('history', fields, { 'X-Env': 'prod' }), { ok: true });
  const gap = { ...fields, after_position: 0 };
  t.match(await client.ask('history', gap, { 'X-Env': 'dev' }), { problem: { code: 'not_found' } });
  t.same((await client.ask('list', {}, { 'X-Env': 'dev' }))['conversations'], []);
});

t.test('X-Org-Id names the tenant of the subject, or the request is refused', async (t) => {
  const body = '{"type":"group"}';
  t.match(await raw(t, body, { 'X-Org-Id': owner.tenant.toUpperCase() }), { ok: true });
  for (const name of ['X-Org-Id', 'x-org-id'])
    t.match(await raw(t, body, { [name]: stranger.tenant }), { problem: { code: 'forbidden' } }, name);
});

t.test('a conversation made with X-Service-Id belongs to that service', async (t) => {
  const made = await raw(t, '{"type":"group"}', { 'X-Service-Id': 'billing' });
  t.match(made, { conversation: { service_id: 'billing' } });
  const both = await raw(t, '{"type":"group","service_id":"shipping"}', { 'X-Service-Id': 'billing' });
  t.match(both, { conversation: { service_id: 'shipping' } }, 'its own field comes first');
  for (const wrong of ['x'.repeat(256), 'a\u0007b']) {
    const answer = await raw(t, '{"type":"group"}', { 'X-Service-Id': wrong });
    t.match(answer, { problem: { code: 'invalid_request' } }, wrong.slice(0, 3));
  }
});

t.test('a page that is larger than a message is cut, and goes on where it was cut', async (t) => {
  const client = await connectAs(t, nats, await makeService(node, owner));
  const { conversation } = await client.ask('create', { type: 'group' });
  const content = 'x'.repeat(250_000);
  for (let i = 0; i < 12; i += 1) await client.ask('post', { conversation: conversation.id, content });
  const seqs: number[] = [];
  for (let after = 0; ; after = seqs.at(-1) ?? 0) {
    const page = await client.ask('history', { conversation: conversation.id, after, limit: 200 });
    t.equal(page.ok, true);
    seqs.push(...page['events'].map((event: { seq: number }) => event.seq));
    if (page['has_more'] === false) break;
  }
  t.same(
    seqs,
    Array.from({ length: 12 }, (_, index) => index + 1),
  );
});

t.test('the service is found by the standard verbs, and its refusals are told in its headers', async (t) => {
  const service = await makeService(node, owner);
  const { connection } = await connectAs(t, nats, service);
  const info = (await connection.request('$SRV.INFO.parley', '', { timeout: 30_000 })).json<Answer>();
  t.match(info, { name: 'parley', type: 'io.nats.micro.v1.info_response' });
  const subjects = info['endpoints'].map((endpoint: { subject: string }) => endpoint.subject).sort();
  const verbs = [
    'control',
    'create',
    'delete',
    'edit',
    'history',
    'list',
    'participants.add',
    'participants.remove',
    'participants.role',
    'ping',
    'post',
    'react',
    'read',
  ];
  t.same(
    subjects,
    verbs.map((verb) => `api.*.*.${verb}`),
  );
  t.match((await connection.request('$SRV.PING', '', { timeout: 30_000 })).json(), { name: 'parley' });
  t.match((await connection.request('$SRV.STATS.parley', '', { timeout: 30_000 })).json(), {
    name: 'parley',
  });
  const refused = await connection.request(`api.${service.tenant}.${service.id}.post`, '{}', {
    timeout: 30_000,
  });
  t.equal(refused.headers?.get('Nats-Service-Error-Code'), '400');
});
