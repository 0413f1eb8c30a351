import t from 'tap';
import { noTracing } from '../../../src/contract/no-tracing.ts';
import { openDelivering } from '../../../src/core/webhooks/deliver.ts';
import { EndpointNotes } from '../../../src/core/webhooks/endpoint-notes.ts';
import { limits } from '../../../src/domain/limits.ts';
import { Problem } from '../../../src/domain/problem.ts';
import { retryRules } from '../../../src/domain/webhook.ts';
import type { HttpFault, HttpRequest, HttpResponse } from '../../../src/ports/http/http-requests.ts';
import type { Span, SpanFacts, SpanStart, Tracing } from '../../../src/ports/tracing.ts';
import type { TakenDelivery } from '../../../src/ports/webhooks/webhook-deliveries.ts';
import type { DeadLetter, StoredWebhook, WebhookFields } from '../../../src/ports/webhooks/webhook-store.ts';
import { freshRef, messageEntry, until } from '../../kit/log-entries.ts';
import { quietMetrics } from '../../kit/memory/quiet-metrics.ts';
import { silentLogger } from '../../kit/memory/silent-logger.ts';
import { storedWebhook } from '../../kit/memory/stored-webhook.ts';

const ref = freshRef();
const logged = { ...messageEntry(ref, 1), logSeq: 10 };
const nowUs = 1_700_000_000_000_000;

type Answer = number | HttpFault | { readonly status: number; readonly headers: HttpResponse['headers'] };

/** An endpoint that answers so, and what became of the delivery. */
function stage(
  answer: Answer | Promise<Answer>,
  webhook: StoredWebhook | null | (() => StoredWebhook) = storedWebhook(),
  tracing: Tracing = noTracing,
) {
  const sent: HttpRequest[] = [];
  const changes: WebhookFields[] = [];
  const buried: DeadLetter[] = [];
  const metrics = quietMetrics();
  const clock = { nowMicros: () => nowUs };
  const find = () => (typeof webhook === 'function' ? webhook() : webhook);
  const store = {
    async change(_ref: unknown, fields: WebhookFields) {
      changes.push(fields);
      return find();
    },
    async bury(letter: DeadLetter) {
      buried.push(letter);
      return null;
    },
    noteSuccess: async () => null,
    noteFailure: async () => null,
  };
  const take = openDelivering({
    ...{ store, clock, metrics, tracing, rules: retryRules, random: () => 0.5, logger: silentLogger() },
    notes: new EndpointNotes({ store, clock }),
    log: { readAfter: async () => ({ entries: [logged], isLast: true }) },
    signing: { newSecret: () => 's', sign: (secret, { timestampSec }) => `v1,${secret}${timestampSec}` },
    sealer: { sealText: () => new Problem('internal'), opener: () => new Problem('internal') },
    http: {
      async send(request) {
        sent.push(request);
        const given = await answer;
        if (typeof given === 'string') return given;
        return typeof given === 'number' ? { status: given, headers: {}, body: '' } : { ...given, body: '' };
      },
    },
    find,
    changed: () => undefined,
  });
  return { take, sent, changes, buried, metrics };
}

function taken(fields: Partial<TakenDelivery> = {}): TakenDelivery {
  const { id: event, position, type } = logged.event;
  return {
    delivery: { webhook: storedWebhook(), ref, event, logSeq: 10, position, type },
    ...{ queuedAt: nowUs, attempt: 1 },
    ...{ draining: new AbortController().signal, signal: new AbortController().signal },
    ...fields,
  };
}

t.test('2xx is a delivery, with the headers of the specification', async (t) => {
  for (const status of [200, 204, 299]) {
    const { take, sent } = stage(status);
    t.equal(await take(taken()), null);
    t.match(sent, [
      {
        method: 'POST',
        url: 'https://example.org/',
        headers: {
          'webhook-id': logged.event.id,
          'webhook-timestamp': '1700000000',
          'webhook-signature': 'v1,secret1700000000',
        },
      },
    ]);
  }
});

t.test('both secrets sign while the former one is valid', async (t) => {
  const rotated = (untilUs: number) =>
    storedWebhook({ previousSecret: 'cformer', previousSecretUntil: untilUs });
  const signatures = async (untilUs: number) => {
    const { take, sent } = stage(200, rotated(untilUs));
    await take(taken());
    return sent[0]?.headers['webhook-signature'];
  };
  t.equal(await signatures(nowUs + 1), 'v1,secret1700000000 v1,former1700000000');
  t.equal(await signatures(nowUs), 'v1,secret1700000000');
});

t.test('everything else comes again, later each time, or when the endpoint says so', async (t) => {
  for (const answer of [199, 301, 400, 404, 500, 'away', 'late', 'too_large', 'private_address'] as const)
    t.equal(await stage(answer).take(taken({ attempt: 3 })), 20_000, `${answer}`);
  const busy = { status: 503, headers: { 'retry-after': ['60'] } };
  t.equal(await stage(busy).take(taken()), 60_000);
  t.equal(await stage({ ...busy, status: 500 }).take(taken()), 5_000, 'only of who is too busy');
  const { take, changes } = stage('overloaded');
  t.equal(await take(taken()), limits.webhookReturnMs);
  t.same(changes, [], 'our own trouble is no failure of the endpoint');
});

t.test('after days it is a dead letter, that says why', async (t) => {
  const old = { attempt: 150, queuedAt: nowUs - retryRules.retriedMs * 1_000 };
  const { take, buried, metrics } = stage('late');
  t.equal(await take(taken(old)), null);
  t.match(buried, [{ id: logged.event.id, attempts: 150, status: null, reason: 'timeout', diedAt: nowUs }]);
  t.same(Object.fromEntries(metrics.webhookDeliveries.totals), { failed: 1, dead: 1 });
});

t.test('410, and days without a success, disable the endpoint; what waits is kept', async (t) => {
  const gone = stage(410);
  t.equal(await gone.take(taken()), limits.webhookReturnMs);
  t.match(gone.changes.at(-1), { status: 'disabled', disabledReason: 'gone' });
  const since = nowUs - retryRules.failingMsMax * 1_000;
  const failing = stage(500, storedWebhook({ failingSince: since }));
  t.equal(await failing.take(taken()), limits.webhookReturnMs);
  t.match(failing.changes.at(-1), { status: 'disabled', disabledReason: 'failing' });
  t.same([...gone.buried, ...failing.buried], []);
});

t.test('what a former address answers says nothing of the present one', async (t) => {
  let resolve: (answer: Answer) => void = () => undefined;
  let webhook = storedWebhook();
  const { take, sent, changes } = stage(
    new Promise((told) => {
      resolve = told;
    }),
    () => webhook,
  );
  const answered = take(taken());
  await until(() => sent.length === 1);
  webhook = storedWebhook({ url: 'https://example.org/moved' });
  resolve(410);
  t.equal(await answered, limits.webhookReturnMs);
  t.same(changes, []);
});

t.test('what the log does not have any more is not sent', async (t) => {
  const { take, sent, metrics } = stage(200);
  const { delivery } = taken();
  for (const other of [
    { ...delivery, logSeq: 9 },
    { ...delivery, event: 'another' },
  ])
    t.equal(await take(taken({ delivery: other })), null);
  t.same(sent, []);
  t.equal(metrics.webhookDeliveries.totals.get('erased'), 2);
});

/** Spans, as they were begun and ended. */
function spying(isRecorded = true) {
  const begun: SpanStart[] = [];
  const noted: SpanFacts[] = [];
  const ended: (string | undefined)[] = [];
  const span: Span = {
    traceparent: `00-${'a'.repeat(32)}-${'c'.repeat(16)}-01`,
    note: (facts) => void noted.push(facts),
    end: (failure) => void ended.push(failure),
  };
  const begin = (start: SpanStart): Span | null => {
    begun.push(start);
    return isRecorded ? span : null;
  };
  return { tracing: { ...noTracing, isOn: true, begin }, span, begun, noted, ended };
}

t.test('an attempt is a span of the trace of what it tells, and the receiver goes on from it', async (t) => {
  const trace = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
  const traced = taken({ delivery: { ...taken().delivery, trace }, attempt: 3 });
  const spy = spying();
  const { take, sent } = stage(503, storedWebhook({ url: 'https://example.org:8443/secret' }), spy.tracing);
  await take(traced);
  t.match(spy.begun, [
    {
      ...{ name: 'webhook attempt', kind: 'client', parent: trace },
      facts: {
        ...{ tenant: 'a', webhook: storedWebhook().id, event: logged.event.id, attempt: 3 },
        ...{ 'server.address': 'example.org', 'server.port': 8443, 'http.request.resend_count': 2 },
      },
    },
  ]);
  t.notMatch(JSON.stringify(spy.begun), 'secret');
  t.same(spy.noted, [{ 'http.response.status_code': 503 }]);
  t.equal(spy.ended[0], '503');
  t.match(sent, [{ headers: { traceparent: spy.span.traceparent } }]);
  t.equal(await outcomeOf('late'), 'timeout');
  t.equal(await outcomeOf('overloaded'), 'untried');
  t.equal(await outcomeOf(204), undefined);

  async function outcomeOf(answer: Answer): Promise<string | undefined> {
    const one = spying();
    await stage(answer, storedWebhook(), one.tracing).take(traced);
    return one.ended[0];
  }
});

t.test('what is not recorded goes on as it came, what is not traced has no span', async (t) => {
  const trace = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-00`;
  const traced = taken({ delivery: { ...taken().delivery, trace } });
  const unrecorded = stage(204, storedWebhook(), spying(false).tracing);
  await unrecorded.take(traced);
  t.match(unrecorded.sent, [{ headers: { traceparent: trace } }]);
  const untraced = spying();
  const { take, sent } = stage(204, storedWebhook(), untraced.tracing);
  await take(taken());
  const off = stage(204);
  await off.take(traced);
  t.same(untraced.begun, []);
  t.notOk([...sent, ...off.sent].some(({ headers }) => 'traceparent' in headers));
});

t.test('a paused endpoint gets nothing; who waits is given back when it closes', async (t) => {
  t.equal(await stage(200, null).take(taken()), limits.webhookReturnMs);
  const never = new Promise<Answer>(() => undefined);
  const { take, sent } = stage(never);
  const [draining, stop] = [new AbortController(), new AbortController()];
  const inHand = { draining: draining.signal, signal: stop.signal };
  const all = Array.from({ length: limits.webhookRequestsPerEndpointMax + 1 }, () => take(taken(inHand)));
  const ended = Promise.allSettled(all);
  while (sent.length < limits.webhookRequestsPerEndpointMax) await new Promise(setImmediate);
  draining.abort();
  await t.rejects(all.at(-1) as Promise<unknown>, /closed here/);
  stop.abort();
  t.ok((await ended).every(({ status }) => status === 'rejected'));
  t.equal(sent.length, limits.webhookRequestsPerEndpointMax);
});
