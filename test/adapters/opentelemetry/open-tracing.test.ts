import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import t from 'tap';
import { openTracing, type TracingOptions } from '../../../src/adapters/opentelemetry/open-tracing.ts';
import { limits } from '../../../src/domain/limits.ts';
import { Problem } from '../../../src/domain/problem.ts';
import { until } from '../../kit/log-entries.ts';
import { startTraceCollector } from '../../kit/outside/trace-collector.ts';

const cause = { trace: 'a'.repeat(32), span: 'b'.repeat(16) };
const sampled = `00-${cause.trace}-${cause.span}-01`;
const unsampled = `00-${cause.trace}-${cause.span}-00`;

function open(url: string, more: Partial<TracingOptions> = {}) {
  const outcomes = new Map<string, number>();
  const opened = openTracing({
    ...{ url: `${url}/v1/traces`, headers: { 'x-tenant': 'mine' }, timeoutMs: 30_000 },
    ...{ sampler: 'parentbased_always_on', samplerRatio: 1, resource: { 'service.name': 'parley' } },
    onSpans: (outcome, count) => void outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + count),
    ...more,
  });
  return { ...opened, outcomes };
}

t.test('a span says what it was, what caused it, and how it ended', async (t) => {
  const collector = await startTraceCollector(t);
  const { tracing, close, outcomes } = open(collector.url);
  const facts = { tenant: 'acme', partition: 3, is_forwarded: false, 'http.route': '/x' };
  const outer = tracing.begin({ name: 'outer', kind: 'server', parent: sampled, facts, agoMs: 1_000 });
  await tracing.within(outer, async () => {
    await delay(1);
    t.equal(tracing.current(), outer, 'known after waiting, too');
    const refused = { name: 'inner', kind: 'producer', parent: outer!.traceparent } as const;
    t.match(await tracing.run(refused, async () => new Problem('overloaded')), { code: 'overloaded' });
    const broken = (): never => {
      throw new TypeError('broken');
    };
    t.throws(() => tracing.run({ ...refused, name: 'thrown' }, broken), TypeError);
  });
  t.equal(tracing.current(), null);
  outer?.end();
  outer?.end('again');
  tracing.begin({ name: 'linked', kind: 'consumer', parent: null, links: [sampled, 'none'] })?.end();
  await until(() => outcomes.get('exported') === 4);
  await close();
  const [inner, thrown, over, linked] = collector.spans;
  t.match(over, { ...{ trace: cause.trace, parent: cause.span, name: 'outer', kind: 2, isFailed: false } });
  t.same(over?.attributes, {
    ...{ 'parley.tenant': 'acme', 'parley.partition': 3, 'parley.is_forwarded': false, 'http.route': '/x' },
  });
  t.ok(Number(over!.endedAt - over!.startedAt) >= 1e9, 'it began when it is said to have begun');
  t.match(inner, { trace: cause.trace, parent: over!.id, kind: 4, isFailed: true });
  t.match(inner?.attributes, { 'error.type': 'overloaded' });
  t.match(thrown?.attributes, { 'error.type': 'internal' });
  t.not(linked?.trace, cause.trace);
  t.same(linked?.links, [`${cause.trace}-${cause.span}`]);
  t.match(linked?.resource, { 'service.name': 'parley' });
  t.equal(collector.headers()['x-tenant'], 'mine');
  t.same([...outcomes], [['exported', 4]]);
});

t.test('the sampler decides, by default as the caller did', async (t) => {
  const collector = await startTraceCollector(t);
  const start = { name: 'one', kind: 'server' } as const;
  const isRecorded = (sampler: TracingOptions['sampler'], parent: string | null, samplerRatio = 1): boolean =>
    open(collector.url, { sampler, samplerRatio }).tracing.begin({ ...start, parent }) !== null;
  t.same(
    [sampled, unsampled, null].map((parent) => isRecorded('parentbased_always_on', parent)),
    [true, false, true],
  );
  t.same(
    [sampled, unsampled, null].map((parent) => isRecorded('parentbased_always_off', parent)),
    [true, false, false],
  );
  t.same(
    [sampled, unsampled].map((parent) => isRecorded('always_on', parent)),
    [true, true],
  );
  t.same(
    [sampled, null].map((parent) => isRecorded('always_off', parent)),
    [false, false],
  );
  t.same(
    [0, 1].map((share) => isRecorded('traceidratio', sampled, share)),
    [false, true],
  );
  t.same(
    [0, 1].map((share) => isRecorded('parentbased_traceidratio', null, share)),
    [false, true],
  );
  const { tracing } = open(collector.url, { sampler: 'always_off' });
  t.equal(
    tracing.run({ ...start, parent: null }, () => tracing.current()),
    null,
    'it runs all the same',
  );
});

t.test('a collector that refuses or is away costs what it was not told, and that is counted', async (t) => {
  const collector = await startTraceCollector(t);
  collector.answer(400);
  const { tracing, close, outcomes } = open(collector.url);
  const start = { name: 'one', kind: 'server', parent: null } as const;
  for (let n = 0; n < limits.spansPerExportMax; n += 1) tracing.begin(start)?.end();
  await until(() => outcomes.get('failed') === limits.spansPerExportMax);
  collector.answer(200);
  tracing.begin(start)?.end();
  await until(() => outcomes.get('exported') === 1);
  await close();
  t.equal(outcomes.get('exported'), 1, 'it goes on by itself');

  // It takes connections and never answers.
  const silent = createServer().listen(0, '127.0.0.1');
  await once(silent, 'listening');
  t.teardown(() => silent.close());
  const { port } = silent.address() as AddressInfo;
  const away = open(`http://127.0.0.1:${port}`, { timeoutMs: 60_000 });
  const most = limits.spansWaitingMax + limits.spansPerExportMax;
  for (let n = 0; n < most + 3; n += 1) away.tracing.begin(start)?.end();
  t.equal(away.outcomes.get('dropped'), 3, 'no more than the bound wait, and those that are being told');
  const startedMs = performance.now();
  await away.close();
  t.ok(
    performance.now() - startedMs < limits.spanFlushMsMax + 25_000,
    'nobody waits for as long as it may take',
  );
  t.equal(away.outcomes.get('failed'), limits.spansPerExportMax, 'what was under way is given up');
  t.equal(away.outcomes.get('dropped'), limits.spansWaitingMax + 3);
});
