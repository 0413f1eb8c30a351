/** One trace: REST on one node, the log, a socket on another node, a subscriber of NATS, the projection, an agent. */
import { connect } from '@nats-io/transport-node';
import t from 'tap';
import { makeService, signUp } from '../kit/clients/accounts.ts';
import { call } from '../kit/clients/http-client.ts';
import { NativeClient } from '../kit/clients/native-client.ts';
import { connectAs } from '../kit/clients/nats-client.ts';
import { until } from '../kit/log-entries.ts';
import { type CollectedSpan, startTraceCollector } from '../kit/outside/trace-collector.ts';
import { startWebhookReceiver } from '../kit/outside/webhook-receiver.ts';
import { startNats } from '../kit/servers/nats.ts';
import { startNode } from '../kit/servers/node.ts';
import { startPostgres } from '../kit/servers/postgres.ts';

t.setTimeout(120_000);

const secret = 'words-that-no-collector-may-see';
const collector = await startTraceCollector(t);
const [nats, database] = [await startNats(t), await startPostgres(t)];
const webhookRules = { minMs: 50, maxMs: 100, retriedMs: 60_000, attemptsMin: 9, failingMsMax: 86_400_000 };
const env = {
  NATS_CREDS: nats.credsFile,
  OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
  OTEL_SERVICE_NAME: 'parley-test',
  ...{ PARLEY_WEBHOOK_PRIVATE: 'on', PARLEY_MASTER_KEY: 'cd'.repeat(32) },
};
const servers = { nats, database, env, webhookRules };
const [a, b] = [await startNode(servers, t), await startNode(servers, t)];
const owner = await signUp(a, 'a-name-that-no-collector-may-see');
const { token, tenant } = owner;
const reader = await NativeClient.connect(b, token);
const [assistant] = (await call(a, 'GET', '/auth/agents', { token })).body.agents;
const made = await reader.ask('create', { type: 'private', participants: [{ id: assistant.id }] });
const conversation: string = made['conversation'].id;
await reader.ask('open', { conversation, after: 0 });
const direct = await connect({ servers: nats.url, user: nats.user, pass: nats.pass });
t.teardown(() => direct.close());

const newTrace = (digit: string, flags: string) => `00-${digit.repeat(32)}-${'b'.repeat(16)}-${flags}`;
const posting = `/api/conversations/${conversation}/messages`;

/** The span of this name below `parent`, if that is given: nodes tell of theirs in no common order. */
async function spanOf(trace: string, name: RegExp, parent?: CollectedSpan): Promise<CollectedSpan> {
  const find = (): CollectedSpan | undefined =>
    collector.spans.find(
      (span) =>
        span.trace === trace.repeat(32) &&
        name.test(span.name) &&
        (parent === undefined || span.parent === parent.id),
    );
  await until(() => find() !== undefined);
  return find()!;
}

t.test('from REST over the log to a socket of another node and to a subscriber of NATS', async (t) => {
  const subscription = direct.subscribe(`live.${tenant}.>`, { max: 1 });
  await direct.flush();
  const posted = await call(a, 'POST', posting, {
    token,
    headers: { traceparent: newTrace('a', '01') },
    body: { content: secret },
  });
  t.equal(posted.status, 201);
  const heard = await reader.find(({ ev }) => ev?.data?.content === secret);
  t.equal(heard['ev'].conversation, conversation);
  let header = '';
  for await (const message of subscription) header = message.headers?.get('traceparent') ?? '';

  const request = await spanOf('a', /^symbia\./);
  const append = await spanOf('a', /^append$/, request);
  const delivery = await spanOf('a', /^deliver$/, append);
  t.match(request, { parent: 'b'.repeat(16), kind: 2, isFailed: false });
  t.match(request.attributes, {
    ...{ 'http.request.method': 'POST', 'http.response.status_code': 201, 'parley.tenant': tenant },
    ...{ 'http.route': /messages$/, 'parley.principal': owner.id },
  });
  t.match(append, { parent: request.id, kind: 4, attributes: { 'parley.op': 'post', 'parley.attempts': 1 } });
  t.match(append.attributes, { 'parley.conversation': conversation, 'parley.partition': Number });
  t.match(delivery, { parent: append.id, kind: 5 });
  t.match(delivery.attributes, { 'parley.conversation': conversation, 'parley.readers': 1 });
  t.equal(header, `00-${'a'.repeat(32)}-${append.id}-01`, 'a subscriber goes on from the append');
  const links = () =>
    collector.spans.filter(({ name }) => name === 'project batch').flatMap((span) => span.links);
  await until(() => links().includes(`${append.trace}-${append.id}`));
  t.match(request.resource, { 'service.name': 'parley-test', 'service.instance.id': a.node.id });
  t.match(delivery.resource, { 'service.instance.id': b.node.id }, 'another node told it');
});

t.test('the turn of an agent that it leads to, with its model and its answer', async (t) => {
  const turn = await spanOf('a', /^agent turn$/);
  const model = await spanOf('a', /^model$/, turn);
  t.match(model, { parent: turn.id, kind: 3, attributes: { 'gen_ai.request.model': String } });
  await until(() => collector.spans.some(({ parent, name }) => name === 'append' && parent === turn.id));
});

t.test('each attempt of a webhook, and its receiver goes on from it', async (t) => {
  const receiver = await startWebhookReceiver(t);
  receiver.answer(() => ({ status: receiver.received.length === 1 ? 503 : 204 }));
  const hook = { url: `${receiver.url}/a-path-that-no-collector-may-see`, types: ['message.posted'] };
  const added = await call(a, 'POST', '/v1/webhooks', { token, body: hook });
  t.equal(added.status, 201);
  const headers = { traceparent: newTrace('f', '01') };
  // Without the agent: its answer would be posted to the receiver, too.
  const alone = (await reader.ask('create', { type: 'group' }))['conversation'].id as string;
  const path = `/api/conversations/${alone}/messages`;
  t.equal((await call(a, 'POST', path, { token, headers, body: { content: secret } })).status, 201);
  const attempts = () =>
    collector.spans.filter(({ name, trace }) => name === 'webhook attempt' && trace === 'f'.repeat(32));
  await until(() => attempts().length === 2);
  const append = await spanOf('f', /^append$/);
  const [first, second] = attempts().toSorted((one, other) => Number(one.startedAt - other.startedAt)) as [
    CollectedSpan,
    CollectedSpan,
  ];
  t.match(first, { parent: append.id, kind: 3, isFailed: true });
  t.match(first.attributes, {
    ...{ 'parley.tenant': tenant, 'parley.webhook': added.body.webhook.id, 'parley.attempt': 1 },
    ...{ 'http.request.method': 'POST', 'http.response.status_code': 503, 'error.type': '503' },
    ...{ 'server.address': '127.0.0.1', 'server.port': Number(new URL(receiver.url).port) },
  });
  t.match(second, { parent: append.id, isFailed: false });
  t.match(second.attributes, { 'parley.attempt': 2, 'http.request.resend_count': 1 });
  t.same(
    receiver.received.map((one) => one.headers['traceparent']),
    [first, second].map(({ id }) => `00-${'f'.repeat(32)}-${id}-01`),
  );
});

t.test('a verb of the service on NATS', async (t) => {
  const service = await makeService(a, owner);
  const client = await connectAs(t, nats, service);
  const created = await client.ask('create', { type: 'group' }, { traceparent: newTrace('c', '01') });
  t.match(created, { ok: true });
  const asked = await spanOf('c', /^api create$/);
  t.match(asked, { parent: 'b'.repeat(16), kind: 2, attributes: { 'messaging.system': 'nats' } });
  t.match(await spanOf('c', /^append$/), { parent: asked.id });
});

t.test('what is not sampled is not recorded, and its header goes on as it came', async (t) => {
  const before = collector.spans.length;
  const subscription = direct.subscribe(`live.${tenant}.>`, { max: 1 });
  await direct.flush();
  const trace = newTrace('d', '00');
  const posted = await reader.ask('post', { conversation, content: 'unrecorded', trace });
  t.match(posted, { ok: true });
  for await (const message of subscription) t.equal(message.headers?.get('traceparent'), trace);
  // Something later is there, so this would be, too.
  await call(a, 'GET', posting, { token, headers: { traceparent: newTrace('e', '01') } });
  await spanOf('e', /^symbia\./);
  t.notOk(collector.spans.slice(before).some((span) => span.trace === 'd'.repeat(32)));
});

t.test(
  'a request that is refused at the door has a span, and one that only asks how it goes has none',
  async (t) => {
    const headers = { traceparent: newTrace('9', '01') };
    const probes = ['/healthz', '/readyz', '/metrics'];
    for (const path of probes) await call(a, 'GET', path, { headers });
    t.equal((await call(a, 'GET', posting, { token: 'nonsense', headers })).status, 401);
    const refused = await spanOf('9', /^symbia\./);
    t.match(refused.attributes, { 'http.response.status_code': 401, 'parley.problem': 'unauthenticated' });
    t.notOk(refused.isFailed, 'what a client did wrong is no failure of the node');
    t.equal(collector.spans.filter((span) => span.trace === '9'.repeat(32)).length, 1);
  },
);

t.test('nothing that was said, shown or named reaches the collector', async (t) => {
  await Promise.all([a.close(), b.close()]);
  const all = collector.spans
    .map(({ name, attributes }) => `${name} ${JSON.stringify(attributes)}`)
    .join('\n');
  for (const private_ of [
    secret,
    token,
    owner.email,
    'a-name-that-no-collector-may-see',
    'a-path-',
    'unrecorded',
  ])
    t.notOk(all.includes(private_), private_);
});
