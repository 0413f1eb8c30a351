/** What the charts show, from two readings of /metrics: rates and quantiles of the time between them. */
import { buckets, type Metrics, total } from './parse-metrics.ts';

export interface Reading {
  /** Milliseconds, of a clock that only moves forward. */
  readonly at: number;
  readonly metrics: Metrics;
}

/** Null where it cannot be told: no such metric, or nothing happened that could be measured. */
export interface NodeRates {
  readonly posts: number | null;
  readonly deliveries: number | null;
  readonly appendP50Ms: number | null;
  readonly appendP99Ms: number | null;
  readonly lag: number | null;
  readonly sockets: number | null;
}

/** `earlier`: appends are few where little happens, so their quantiles are of the time since then. */
export function nodeRates(earlier: Reading, before: Reading, now: Reading): NodeRates {
  const seconds = (now.at - before.at) / 1000;
  const rate = (name: string): number | null => {
    const [from, to] = [total(before.metrics, name), total(now.metrics, name)];
    if (from === null || to === null || seconds <= 0) return null;
    // A smaller count is one that began anew: the node was started again meanwhile.
    return (to >= from ? to - from : to) / seconds;
  };
  const counts = newCounts(buckets(earlier.metrics, appendSeconds), buckets(now.metrics, appendSeconds));
  return {
    posts: rate('parley_appends_total'),
    deliveries: rate('parley_deliveries_total'),
    appendP50Ms: milliseconds(quantile(counts, 0.5)),
    appendP99Ms: milliseconds(quantile(counts, 0.99)),
    lag: lagOf(now.metrics),
    sockets: total(now.metrics, 'parley_sockets'),
  };
}

/** Every worker tells it of the whole deployment, by partition; -1: it does not know. */
function lagOf(metrics: Metrics): number | null {
  const lags = new Map<string, number>();
  for (const { labels, value } of metrics.get('parley_projection_lag_events') ?? []) {
    const partition = labels['partition'] ?? '';
    lags.set(partition, Math.max(value, lags.get(partition) ?? value));
  }
  const known = [...lags.values()];
  return known.length === 0 || known.some((lag) => lag < 0) ? null : known.reduce((sum, lag) => sum + lag, 0);
}

const appendSeconds = 'parley_append_seconds';

function newCounts(
  before: ReadonlyMap<number, number>,
  now: ReadonlyMap<number, number>,
): ReadonlyMap<number, number> {
  const isNew = [...now].some(([bound, count]) => count < (before.get(bound) ?? 0));
  return new Map([...now].map(([bound, count]) => [bound, isNew ? count : count - (before.get(bound) ?? 0)]));
}

/** As Prometheus does it: linear inside of a bucket, and the highest bound for what is beyond it. Null: no samples. */
export function quantile(counts: ReadonlyMap<number, number>, q: number): number | null {
  const all = [...counts];
  const rank = (all.at(-1)?.[1] ?? 0) * q;
  if (rank === 0) return null;
  const at = all.findIndex(([, count]) => count >= rank);
  const [bound, count] = all[at] ?? [0, 0];
  const [lower, below] = at > 0 ? (all[at - 1] ?? [0, 0]) : [0, 0];
  if (bound === Number.POSITIVE_INFINITY) return lower;
  return lower + ((bound - lower) * (rank - below)) / (count - below);
}

function milliseconds(seconds: number | null): number | null {
  return seconds === null ? null : seconds * 1000;
}
