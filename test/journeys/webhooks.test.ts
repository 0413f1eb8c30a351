/** What receivers of webhooks get, over real servers: signed, filtered, in order, again after a failure, and no secrets. */
import { Webhook } from 'standardwebhooks';
import t from 'tap';
import { limits } from '../../src/domain/limits.ts';
import { type Account, signUp, signUpInto } from '../kit/clients/accounts.ts';
import { call } from '../kit/clients/http-client.ts';
import { NativeClient } from '../kit/clients/native-client.ts';
import { until } from '../kit/log-entries.ts';
import { type Received, startWebhookReceiver } from '../kit/outside/webhook-receiver.ts';
import { startNats } from '../kit/servers/nats.ts';
import { startNode } from '../kit/servers/node.ts';
import { startPostgres } from '../kit/servers/postgres.ts';

t.setTimeout(120_000);

const servers = {
  ...{ nats: await startNats(t), database: await startPostgres(t) },
  env: { PARLEY_WEBHOOK_PRIVATE: 'on', PARLEY_MASTER_KEY: 'cd'.repeat(32) },
  // As always, only faster: dead after three attempts.
  webhookRules: { minMs: 100, maxMs: 400, retriedMs: 0, attemptsMin: 3, failingMsMax: 86_400_000 },
};
const node = await startNode(servers, t);

interface Made {
  readonly webhook: { readonly id: string; readonly status: string };
  readonly secret: string;
}

async function makeWebhook({ token }: Account, body: object): Promise<Made> {
  const made = await call(node, 'POST', '/v1/webhooks', { token, body });
  if (made.status !== 201) throw new Error(JSON.stringify(made.body));
  return made.body as Made;
}

async function makeConversation({ token }: Account): Promise<string> {
  const body = { type: 'group', name: 'told' };
  const made = await call(node, 'POST', '/api/conversations', { token, body });
  return made.body.id as string;
}

async function post(
  { token }: Account,
  conversation: string,
  content: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<void> {
  const path = `/api/conversations/${conversation}/messages`;
  const { status } = await call(node, 'POST', path, { token, body: { content }, headers });
  if (status !== 201) throw new Error(`${status}`);
}

const texts = (all: readonly Received[]): string[] => all.map(({ json }) => json.data.data.content as string);

function verified({ body, headers }: Received, secret: string): unknown {
  return new Webhook(secret).verify(body, headers as Record<string, string>);
}

t.test('an event is posted to who wants it, signed, in the envelope of the specification', async (t) => {
  const receiver = await startWebhookReceiver(t);
  const ann = await signUp(node);
  const { secret, webhook } = await makeWebhook(ann, {
    url: `${receiver.url}/hook`,
    types: ['message.posted'],
  });
  t.match(secret, /^whsec_/);
  const conversation = await makeConversation(ann);
  for (const text of ['one', 'two', 'three']) await post(ann, conversation, text);
  await until(() => receiver.received.length === 3);
  t.same(texts(receiver.received), ['one', 'two', 'three'], 'no other type, and in order');
  const [first] = receiver.received as [Received];
  t.match(verified(first, secret), { type: 'message.posted', data: { conversation } });
  t.throws(() => verified(first, `whsec_${Buffer.alloc(32).toString('base64')}`));
  t.match(first, { path: '/hook', headers: { 'content-type': 'application/json' } });
  t.equal(first.headers['webhook-id'], first.json.data.id);
  t.equal(first.json.timestamp, first.json.data.at);
  const socket = await NativeClient.connect(node, ann.token);
  t.teardown(() => socket.socket.terminate());
  await socket.ask('open', { conversation, after: 0 });
  await socket.event(conversation, first.json.data.position);
  const told = socket.events(conversation).find(({ id }) => id === first.json.data.id);
  t.same(first.json.data, told, 'the event as a socket has it');

  const path = `/v1/webhooks/${webhook.id}/rotate-secret`;
  const rotated = await call(node, 'POST', path, { token: ann.token, body: { overlap_sec: 60 } });
  t.equal(rotated.status, 200);
  await post(ann, conversation, 'four');
  await until(() => receiver.received.length === 4);
  const last = receiver.received.at(-1) as Received;
  verified(last, secret);
  verified(last, rotated.body.secret);
  const tested = await call(node, 'POST', `/v1/webhooks/${webhook.id}/test`, { token: ann.token });
  t.match(tested.body, { delivered: true, status: 204, reason: null });
  t.match(verified(receiver.received.at(-1) as Received, rotated.body.secret), { type: 'webhook.test' });
});

t.test('filters are heeded, and each tenant hears of itself alone', async (t) => {
  const receiver = await startWebhookReceiver(t);
  const [ann, eve] = [await signUp(node), await signUp(node, 'eve')];
  const [here, there, elsewhere] = [
    await makeConversation(ann),
    await makeConversation(ann),
    await makeConversation(eve),
  ];
  await makeWebhook(ann, { url: `${receiver.url}/here`, types: ['message.posted'], conversation_id: here });
  await makeWebhook(ann, { url: `${receiver.url}/desk`, types: ['message.posted'], service_id: 'desk' });
  await makeWebhook(eve, { url: `${receiver.url}/eve`, types: ['message.posted'] });
  const paused = await makeWebhook(ann, { url: `${receiver.url}/paused`, types: ['message.posted'] });
  const path = `/v1/webhooks/${paused.webhook.id}`;
  await call(node, 'PATCH', path, { token: ann.token, body: { status: 'paused' } });
  const headers = { 'x-service-id': 'desk' };
  const body = { type: 'group', name: 'of a service' };
  const ofDesk = (await call(node, 'POST', '/api/conversations', { token: ann.token, body, headers })).body
    .id;
  await post(ann, there, 'there');
  await post(ann, here, 'here');
  await post(eve, elsewhere, 'eve');
  await post(ann, ofDesk, 'desk', headers);
  await until(() => receiver.received.length >= 3);
  t.same(received(receiver.received), ['/desk desk', '/eve eve', '/here here']);
  await call(node, 'PATCH', path, { token: ann.token, body: { status: 'active' } });
  await until(() => receiver.received.length === 6);
  const late = receiver.received.filter(({ path: one }) => one === '/paused');
  t.same(received(late), ['/paused desk', '/paused here', '/paused there'], 'what came meanwhile was kept');

  for (const [who, token] of [
    ['another owner', eve.token],
    ['a member', (await signUpInto(node, ann)).token],
  ] as const) {
    const seen = await call(node, 'GET', path, { token });
    t.equal(seen.status, who === 'a member' ? 403 : 404, who);
  }
  const list = await call(node, 'GET', '/v1/webhooks', { token: eve.token });
  t.match(list.body, { webhooks: [{ url: `${receiver.url}/eve` }] });
  t.equal((list.body.webhooks as unknown[]).length, 1);
  t.notMatch(JSON.stringify(list.body), /whsec_|secret"/);
  t.equal((await call(node, 'DELETE', path, { token: eve.token })).status, 404);
  t.equal((await call(node, 'DELETE', path, { token: ann.token })).status, 204);
  t.equal((await call(node, 'GET', path, { token: ann.token })).status, 404);
});

t.test(
  'what fails comes again with its id, in order; then it is a dead letter, and redelivered',
  async (t) => {
    const receiver = await startWebhookReceiver(t);
    const ann = await signUp(node);
    const { token } = ann;
    const { webhook, secret } = await makeWebhook(ann, { url: receiver.url, types: ['message.posted'] });
    const conversation = await makeConversation(ann);
    const other = await makeConversation(ann);
    receiver.answer(({ json }) => {
      const isFirst = receiver.received.filter((one) => one.json.data.id === json.data.id).length === 1;
      if (json.data.conversation === other) return { status: 204 };
      return isFirst ? { status: 500 } : { status: 200 };
    });
    await post(ann, conversation, 'one');
    await post(ann, conversation, 'two');
    await post(ann, other, 'other');
    await until(() => receiver.received.length === 5);
    const ofConversation = receiver.received.filter(({ json }) => json.data.conversation === conversation);
    t.same(texts(ofConversation), ['one', 'one', 'two', 'two'], 'what follows waits for what failed');
    const [first, again] = ofConversation as [Received, Received];
    t.equal(again.headers['webhook-id'], first.headers['webhook-id']);
    t.ok(again.atMs - first.atMs >= 80, `later: ${again.atMs - first.atMs} ms`);
    verified(again, secret);

    receiver.answer(() => ({ status: 302, headers: { location: `${receiver.url}/trap` } }));
    await post(ann, conversation, 'three');
    const letters = `/v1/webhooks/${webhook.id}/dead-letters`;
    const read = async () => (await call(node, 'GET', letters, { token })).body.dead_letters;
    await until(async () => (await read()).length === 1);
    t.match(await read(), [{ type: 'message.posted', attempts: 3, last_status: 302, reason: 'status' }]);
    t.notOk(
      receiver.received.some(({ path }) => path === '/trap'),
      'no redirect is followed',
    );
    const failing = async () => (await call(node, 'GET', `/v1/webhooks/${webhook.id}`, { token })).body;
    await until(async () => (await failing()).waiting === 0);
    t.match(await failing(), {
      waiting: 0,
      webhook: { failing_since: String, last_failure: { status: 302 } },
    });

    receiver.answer(() => ({ status: 204 }));
    const before = receiver.received.length;
    const [letter] = (await read()) as [{ id: string }];
    const one = await call(node, 'POST', `${letters}/${letter.id}/redeliver`, { token });
    t.match(one, { status: 202, body: { redelivered: 1 } });
    await until(() => receiver.received.length === before + 1);
    t.same(texts(receiver.received.slice(-1)), ['three']);
    t.equal(receiver.received.at(-1)?.headers['webhook-id'], letter.id);
    t.same(await read(), []);
    t.match(await call(node, 'POST', `${letters}/redeliver`, { token }), { body: { redelivered: 0 } });
    await until(async () => {
      const { body } = await call(node, 'GET', `/v1/webhooks/${webhook.id}`, { token });
      return body.webhook.failing_since === null && body.webhook.last_success_at !== null;
    });
  },
);

t.test('texts of phi and secret events are withheld, what is deleted is not sent', async (t) => {
  const receiver = await startWebhookReceiver(t);
  const ann = await signUp(node);
  await makeWebhook(ann, { url: receiver.url });
  const conversation = await makeConversation(ann);
  await post(ann, conversation, 'a canary', { 'x-data-class': 'phi' });
  await post(ann, conversation, 'clear', { 'x-data-class': 'pii' });
  await until(() => receiver.received.length === 3);
  const [created, sealed, clear] = receiver.received.map(({ json }) => json);
  t.equal(created.type, 'conversation.created');
  t.match(sealed, { type: 'message.posted', withheld: 'phi', data: { seq: 1, data: { content: '' } } });
  t.notMatch(JSON.stringify(receiver.received), /canary|"sealed"/);
  t.match(clear, { data: { data: { content: 'clear' } } });
  t.notOk('withheld' in clear);
});

t.test('410 ends it, another endpoint does not wait for a silent one', async (t) => {
  const receiver = await startWebhookReceiver(t);
  const [ann, eve] = [await signUp(node), await signUp(node, 'eve')];
  const gone = await makeWebhook(ann, { url: `${receiver.url}/gone`, types: ['message.posted'] });
  const silent = await makeWebhook(ann, { url: `${receiver.url}/silent`, types: ['message.posted'] });
  await makeWebhook(eve, { url: `${receiver.url}/well`, types: ['message.posted'] });
  receiver.answer(({ path }) => {
    if (path === '/silent') return { status: 0, isSilent: true };
    return { status: path === '/gone' ? 410 : 204 };
  });
  const conversation = await makeConversation(ann);
  for (const text of ['one', 'two', 'three']) await post(ann, conversation, text);
  const ofEve = await makeConversation(eve);
  const begun = performance.now();
  await post(eve, ofEve, 'well');
  await until(() => receiver.received.some(({ path }) => path === '/well'));
  t.ok(performance.now() - begun < limits.webhookRequestMsMax, 'nobody waits for the silent one');
  const test = () =>
    call(node, 'POST', `/v1/webhooks/${silent.webhook.id}/test`, { token: ann.token }).catch(() => null);
  const refusedTest = await Promise.race(Array.from({ length: 5 }, test));
  t.match(refusedTest, { status: 429, body: { problem: { code: 'rate_limited' } } }, 'nor do tests pile up');
  const path = `/v1/webhooks/${gone.webhook.id}`;
  const read = async () => (await call(node, 'GET', path, { token: ann.token })).body;
  await until(async () => (await read()).webhook.status === 'disabled');
  t.match(await read(), { webhook: { disabled_reason: 'gone', last_failure: { status: 410 } } });
  const audit = await call(node, 'GET', '/api/admin/audit?action=webhook.disabled', { token: ann.token });
  t.match(audit.body.entries, [{ subject: gone.webhook.id, detail: { reason: 'gone' }, actor: null }]);
  const refused = await call(node, 'POST', `${path}/dead-letters/redeliver`, { token: ann.token });
  t.match(refused, { status: 409, body: { problem: { code: 'conflict' } } });
  receiver.answer(({ path: one }) => (one === '/silent' ? { status: 0, isSilent: true } : { status: 204 }));
  const before = receiver.received.length;
  // At least once: what was answered while the endpoint was disabled may come twice.
  const since = () => [
    ...new Set(texts(receiver.received.slice(before).filter((one) => one.path === '/gone'))),
  ];
  await call(node, 'PATCH', path, { token: ann.token, body: { status: 'active' } });
  // What was on its way to the consumer that closed was given back: nobody waits for its silence.
  await until(() => since().length >= 3, 60_000);
  t.same(since().slice(0, 3), ['one', 'two', 'three'], 'what waited was kept');
});

t.test('a node of a deployment posts to public addresses over TLS only', async (t) => {
  const strict = await startNode({ ...servers, env: { PARLEY_MASTER_KEY: 'cd'.repeat(32) } }, t);
  const { token } = await signUp(strict);
  for (const url of [
    'http://example.org/hook',
    'https://127.0.0.1/hook',
    'https://[::1]/hook',
    'https://169.254.169.254/latest',
    'https://0x7f000001/',
    'https://localhost./hook',
    'https://user:password@example.org/',
    'ftp://example.org/',
    'not a URL',
  ]) {
    const made = await call(strict, 'POST', '/v1/webhooks', { token, body: { url } });
    t.match(made, { status: 400, body: { problem: { code: 'invalid_request' } } }, url);
  }
  // Looked at when the connection is made, too: made where private addresses are allowed, or turned to the inside since.
  const body = { url: 'https://localhost:1/hook' };
  const made = await call(node, 'POST', '/v1/webhooks', { token, body });
  t.equal(made.status, 201);
  const tested = await call(strict, 'POST', `/v1/webhooks/${made.body.webhook.id}/test`, { token });
  t.match(tested.body, { delivered: false, status: null, reason: 'private_address' });
});

/** Path and text of each, sorted: endpoints do not wait for each other. */
function received(all: readonly Received[]): string[] {
  return all.map(({ path, json }) => `${path} ${json.data.data.content}`).sort();
}
