/** Prometheus' text format, as far as a node writes it: samples by name. */

export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}
export type Metrics = ReadonlyMap<string, readonly Sample[]>;

const line = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})?\s+(\S+)(?:\s+-?\d+)?$/;
const type = /^# TYPE (\S+) /;
const pair = /([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g;

/** Of counters that did not count yet there is a type and no sample. Whatever is neither is passed over. */
export function parseMetrics(text: string): Metrics {
  const found = new Map<string, Sample[]>();
  for (const one of text.split('\n')) {
    const [, declared] = type.exec(one) ?? [];
    if (declared !== undefined && !found.has(declared)) found.set(declared, []);
    if (one === '' || one.startsWith('#')) continue;
    const [, name, labels = '', value] = line.exec(one) ?? [];
    if (name === undefined || value === undefined) continue;
    const samples = found.get(name) ?? [];
    samples.push({ labels: labelsOf(labels), value: numberOf(value) });
    found.set(name, samples);
  }
  return found;
}

/** The sum over all label values (partitions, workers); null when there is no such metric. */
export function total(metrics: Metrics, name: string): number | null {
  const samples = metrics.get(name);
  return samples === undefined ? null : samples.reduce((sum, { value }) => sum + value, 0);
}

/** Cumulative counts of a histogram by upper bound, ascending, over all label values. */
export function buckets(metrics: Metrics, name: string): ReadonlyMap<number, number> {
  const counts = new Map<number, number>();
  for (const { labels, value } of metrics.get(`${name}_bucket`) ?? []) {
    const bound = numberOf(labels['le'] ?? '');
    if (!Number.isNaN(bound)) counts.set(bound, (counts.get(bound) ?? 0) + value);
  }
  return new Map([...counts].sort(([one], [other]) => one - other));
}

function labelsOf(text: string): Readonly<Record<string, string>> {
  const labels: Record<string, string> = {};
  for (const [, name = '', value = ''] of text.matchAll(pair)) {
    labels[name] = value.replace(/\\(.)/g, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped));
  }
  return labels;
}

function numberOf(text: string): number {
  if (text === '+Inf') return Number.POSITIVE_INFINITY;
  if (text === '-Inf') return Number.NEGATIVE_INFINITY;
  return text === '' ? Number.NaN : Number(text);
}
