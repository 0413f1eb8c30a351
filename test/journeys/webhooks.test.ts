/** What receivers of webhooks get, over real servers: signed, filtered, in order, again after a failure, and no secrets. */
import { Webhook } from 'standardwebhooks';
import t from 'tap';
import { type Account, signUp } from '../kit/clients/accounts.ts';
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
