import t from 'tap';
import { Times } from '../../../../src/cli/talk/bench/figures.ts';

t.test('percentiles are right within two in a hundred, however many times there are', async (t) => {
  const times = new Times();
  for (let ms = 1; ms <= 1_000; ms += 1) times.add(ms);
  const { count, p50, p90, p99, max } = times.figures();
  t.same([count, max], [1_000, 1_000]);
  for (const [found, exact] of [
    [p50, 500],
    [p90, 900],
    [p99, 990],
  ] as const)
    t.ok(Math.abs((found ?? 0) - exact) <= exact * 0.02, `${found} for ${exact}`);
});

t.test('one time is all percentiles, and without any there is none', async (t) => {
  const times = new Times();
  t.same(times.figures(), { count: 0, p50: null, p90: null, p99: null, max: null });
  times.add(0);
  times.add(0.001);
  t.match(times.figures(), { count: 2, p50: 0, max: 0 });
});
