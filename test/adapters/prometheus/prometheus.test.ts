import t from 'tap';
import { allMetrics } from '../../../src/adapters/prometheus/declared/all-metrics.ts';
import { counted } from '../../../src/adapters/prometheus/declared/counted.ts';
import { openPrometheus } from '../../../src/adapters/prometheus/prometheus.ts';

t.test('what is counted is printed', async (t) => {
  const prometheus = openPrometheus({ node: 'n1' });
  t.teardown(() => prometheus.close());
  const { metrics, observeRequest } = prometheus;
  metrics.appends.add('0', 0);
  metrics.appends.add('3', 2);
  metrics.appends.add('3', 3);
  metrics.appends.add('3', -1);
  metrics.forwards.add(2);
  metrics.forwards.add(-1);
  metrics.sockets.set(7);
  metrics.appendSeconds.observe(0.0003);
  metrics.appendSeconds.observe(60);
  observeRequest('symbia.post', 201, 0.002);
  observeRequest('symbia.post', 201, 0.002);
  observeRequest('symbia.post', 499, 0.002);
  observeRequest(null, 404, 0.0001);
  prometheus.gauge('sqlWaiting', () => 12);
  prometheus.gaugeByName('projectionLag', () => new Map([['0', 4]]));
  const text = await prometheus.text();
  for (const line of [
    'parley_appends_total{partition="0",node="n1"} 0',
    'parley_appends_total{partition="3",node="n1"} 5',
    'parley_forwards_total{node="n1"} 2',
    'parley_sockets{node="n1"} 7',
    'parley_append_seconds_bucket{le="0.00025",node="n1"} 0',
    'parley_append_seconds_bucket{le="0.0005",node="n1"} 1',
    'parley_append_seconds_bucket{le="+Inf",node="n1"} 2',
    'parley_append_seconds_count{node="n1"} 2',
    'parley_append_seconds_sum{node="n1"} 60.0003',
    'parley_http_request_seconds_count{operation="symbia.post",status="2xx",node="n1"} 2',
    'parley_http_request_seconds_count{operation="symbia.post",status="499",node="n1"} 1',
    'parley_http_request_seconds_count{operation="unknown",status="4xx",node="n1"} 1',
    'parley_sql_waiting{node="n1"} 12',
    'parley_projection_lag_events{partition="0",node="n1"} 4',
    '# TYPE parley_append_seconds histogram',
  ]) {
    t.ok(text.split('\n').includes(line), line);
  }
  t.match(text, /nodejs_eventloop_lag_seconds/);
  t.match(text, /process_resident_memory_bytes/);
  t.match(prometheus.contentType, /text\/plain/);
  t.match(
    await prometheus.text(),
    /parley_appends_total\{partition="3",node="n1"\} 5\n/,
    'reading does not count again',
  );
});

t.test('every metric is declared whole, under a name of its own', async (t) => {
  t.equal(new Set(allMetrics.map(({ name }) => name)).size, allMetrics.length);
  for (const { name, kind, unit, help, advice } of allMetrics) {
    if (name.startsWith('parley_') && kind === 'counter') t.match(name, /_total$/);
    if (unit === 'seconds') t.match(name, /_seconds(_total)?$/);
    if (unit === 'bytes') t.match(name, /_bytes$/);
    t.ok(help.length > 10 && advice.length > 10, name);
    t.notMatch(`${help}${advice}`, /[|\n]/, 'one cell of a table');
  }
  const prometheus = openPrometheus();
  t.teardown(() => prometheus.close());
  t.same(Object.keys(prometheus.metrics).sort(), Object.keys(counted).sort());
});

t.test('counting costs less than a tenth of a microsecond', async (t) => {
  const prometheus = openPrometheus();
  t.teardown(() => prometheus.close());
  const measure = (): number => {
    const from = performance.now();
    for (let round = 0; round < 100_000; round++) prometheus.metrics.deliveries.add(1);
    return (performance.now() - from) / 100;
  };
  t.ok(Math.min(measure(), measure(), measure()) < 0.1);
});
