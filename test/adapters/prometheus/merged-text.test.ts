import t from 'tap';
import { mergedText } from '../../../src/adapters/prometheus/merged-text.ts';
import { openPrometheus } from '../../../src/adapters/prometheus/prometheus.ts';

t.test('each metric stands once, with the samples of every process', async (t) => {
  const texts: string[] = [];
  for (const worker of ['0', '1']) {
    const prometheus = openPrometheus({ node: `n${worker}`, worker });
    t.teardown(() => prometheus.close());
    prometheus.metrics.appends.add('2', 5);
    prometheus.metrics.appendSeconds.observe(0.001);
    texts.push(await prometheus.text());
  }
  const lines = mergedText(texts).split('\n');
  const said = lines.filter((line) => line.startsWith('# TYPE'));
  t.equal(new Set(said).size, said.length);
  t.equal(said.length, texts[0]?.split('\n').filter((line) => line.startsWith('# TYPE')).length);
  const at = lines.indexOf('# TYPE parley_appends_total counter');
  t.same(lines.slice(at + 1, at + 3), [
    'parley_appends_total{partition="2",node="n0",worker="0"} 5',
    'parley_appends_total{partition="2",node="n1",worker="1"} 5',
  ]);
  const samples = (text: string): number => text.split('\n').filter((line) => /^[a-z]/.test(line)).length;
  t.equal(samples(lines.join('\n')), samples(texts[0] ?? '') + samples(texts[1] ?? ''));
});

t.test('nothing is nothing', async (t) => {
  t.equal(mergedText([]), '');
  t.equal(mergedText(['', '\n']), '');
});
