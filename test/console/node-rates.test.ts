import t from 'tap';
import { openPrometheus } from '../../src/adapters/prometheus/prometheus.ts';
import { niceCeiling, pathOf } from '../../src/console/node/chart-path.ts';
import { nodeRates, quantile } from '../../src/console/node/node-rates.ts';
import { parseMetrics, total } from '../../src/console/node/parse-metrics.ts';

const text = (posts: number, appended: readonly [number, number, number]): string => `
# HELP parley_appends_total Events
# TYPE parley_appends_total counter
parley_appends_total{partition="0",worker="1"} ${posts}
parley_appends_total{partition="1",worker="1"} 5
parley_deliveries_total 7 1700000000000
parley_append_seconds_bucket{le="0.001"} ${appended[0]}
parley_append_seconds_bucket{le="0.01"} ${appended[1]}
parley_append_seconds_bucket{le="+Inf"} ${appended[2]}
parley_projection_lag_events{partition="0",worker="1"} 3
parley_projection_lag_events{partition="0",worker="2"} 4
parley_projection_lag_events{partition="1",worker="1"} 1
parley_sockets{worker="1"} 2
parley_sockets{worker="2"} 1
strange{a="with \\"quotes\\", and } brace",b="x\\ny"} NaN
no sample
`;

t.test('rates and quantiles are of the time between two readings', async (t) => {
  const before = { at: 1_000, metrics: parseMetrics(text(10, [0, 0, 0])) };
  const now = { at: 3_000, metrics: parseMetrics(text(30, [50, 100, 100])) };
  const rates = nodeRates(before, before, now);
  t.match(rates, { posts: 10, deliveries: 0, appendP50Ms: 1, lag: 5, sockets: 3 });
  t.ok(Math.abs((rates.appendP99Ms ?? 0) - 9.82) < 0.001, `p99 is ${rates.appendP99Ms}`);
  t.same(nodeRates(now, now, now), {
    ...rates,
    posts: null,
    deliveries: null,
    appendP50Ms: null,
    appendP99Ms: null,
  });
  // The node was started again.
  t.equal(nodeRates(now, now, { at: 5_000, metrics: parseMetrics(text(1, [1, 1, 1])) }).posts, 3);
  t.equal(
    quantile(
      new Map([
        [0.1, 0],
        [Number.POSITIVE_INFINITY, 4],
      ]),
      0.5,
    ),
    0.1,
    'beyond the last bound',
  );
  t.equal(total(before.metrics, 'nothing'), null);
  t.match(before.metrics.get('strange'), [{ labels: { a: 'with "quotes", and } brace', b: 'x\ny' } }]);
});

t.test('the names are those of a node', async (t) => {
  const { text: metrics } = openPrometheus({ node: 'n1' });
  const names = parseMetrics(await metrics());
  for (const name of [
    'parley_appends_total',
    'parley_deliveries_total',
    'parley_append_seconds',
    'parley_sockets',
  ])
    t.ok(names.has(name), name);
});

t.test('curves are scaled to a round number, with gaps where nothing is known', async (t) => {
  t.same([0, 0.3, 1.2, 2, 47, 999].map(niceCeiling), [1, 1, 2, 2, 50, 1000]);
  t.equal(pathOf([0, 1], 3, 1), 'M120.0 55.0L240.0 4.0');
  t.equal(pathOf([1, null, 1], 3, 1), 'M0.0 4.0h-2M240.0 4.0h-2');
  t.equal(pathOf([], 3, 1), '');
});
