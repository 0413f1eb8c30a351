import t from 'tap';
import { drawPlots, formatTick, linearTicks, logTicks } from '../../bench/kit/figures/plot.ts';

t.test('axes have round values that enclose what is measured', async (t) => {
  t.same(linearTicks(0, 0.47), [0, 0.1, 0.2, 0.3, 0.4, 0.5]);
  t.same(linearTicks(120, 180), [120, 140, 160, 180]);
  t.same(linearTicks(7, 7).length >= 2, true, 'also where all values are one');
  t.same(logTicks(1_000, 1_000_000), [1_000, 10_000, 100_000, 1_000_000]);
  t.same(logTicks(3, 3), [1, 10]);
  t.same([0.25, 950, 1_500, 2_000_000].map(formatTick), ['0.25', '950', '1.5k', '2M']);
});

t.test('a phase is shaded where it lies on the axis, behind the curves', async (t) => {
  const points = [
    [0, 0],
    [100, 1],
  ] as const;
  const spans = [{ name: 'slow', from: 25, to: 50 }];
  const svg = drawPlots('soak', [
    { title: 'panel', x: { label: 's' }, y: { label: 'MB' }, curves: [{ name: 'RSS', points }], spans },
  ]);
  t.match(svg, '<rect x="227.5" y="44" width="147.5"');
  t.ok(svg.indexOf('>slow<') < svg.indexOf('<polyline'));
});

t.test('a curve is drawn from its first corner to its last, without what cannot be drawn', async (t) => {
  const svg = drawPlots('a < b', [
    {
      title: 'panel',
      x: { label: 'x', scale: 'log' },
      y: { label: 'y' },
      curves: [
        {
          name: 'curve',
          points: [
            [0, 5],
            [1, 0],
            [10, Number.NaN],
            [100, 10],
          ],
        },
      ],
    },
    { title: 'nothing', x: { label: 'x' }, y: { label: 'y' }, curves: [] },
  ]);
  t.match(svg, 'points="80.0,248.0 670.0,44.0"');
  t.match(svg, 'a &lt; b');
  t.match(svg, 'no values');
});
