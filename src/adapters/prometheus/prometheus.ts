import { collectDefaultMetrics, Counter as PromCounter, Gauge as PromGauge, Registry } from 'prom-client';
import type { Metrics } from '../../ports/metrics.ts';
import { httpMetric } from './declared/all-metrics.ts';
import { type CountedMetric, counted } from './declared/counted.ts';
import { type Measured, measured } from './declared/measured.ts';
import type { DeclaredMetric } from './declared/metric.ts';
import {
  FastCounter,
  FastCounterByName,
  FastGauge,
  FastHistogram,
  histogramSamples,
  type Sample,
  secondsBounds,
} from './fast-metrics.ts';
import { HttpMetrics } from './http-metrics.ts';

export interface Prometheus {
  /** What core feeds. */
  readonly metrics: Metrics;
  /** Told of each finished request: operation id, or null for an unknown path. */
  readonly observeRequest: (operation: string | null, status: number, seconds: number) => void;
  /** Measured when somebody reads: queue depths. */
  readonly gauge: (field: Measured, read: () => number) => void;
  /** The same for one that has a label: its value -> what is measured. */
  readonly gaugeByName: (field: Measured, read: () => ReadonlyMap<string, number>) => void;
  /** The text that Prometheus reads. */
  readonly text: () => Promise<string>;
  readonly contentType: string;
  /** Stops what measures the event loop. */
  readonly close: () => void;
}

/** The metrics of one process, Node's own included (memory, CPU, garbage collection, event loop lag). */
export function openPrometheus(labels: Readonly<Record<string, string>> = {}): Prometheus {
  const registry = new Registry();
  registry.setDefaultLabels({ ...labels });
  collectDefaultMetrics({ register: registry });
  const http = new HttpMetrics();
  addHistogram(registry, httpMetric, () => http.samples());
  const fields = Object.entries(counted).map(([field, row]) => [field, openMetric(registry, row)]);
  return {
    // The table has a row of the right kind for each field of the port: its type says so.
    metrics: Object.fromEntries(fields) as Metrics,
    observeRequest: (operation, status, seconds) => http.observe(operation, status, seconds),
    gauge: (field, read) => addGauge(registry, measured[field], read),
    gaugeByName: (field, read) => addGaugeByName(registry, measured[field], read),
    text: () => registry.metrics(),
    contentType: registry.contentType,
    close: () => registry.clear(),
  };
}

type FastMetric = FastCounter | FastCounterByName | FastGauge | FastHistogram;

function openMetric(registry: Registry, row: CountedMetric): FastMetric {
  if (row.kind === 'histogram') {
    const histogram = new FastHistogram(secondsBounds);
    addHistogram(registry, row, () => histogramSamples(row.name, histogram, {}));
    return histogram;
  }
  if (row.kind === 'gauge') {
    const gauge = new FastGauge();
    addGauge(registry, row, () => gauge.value);
    return gauge;
  }
  if (row.labels !== undefined) return addCounterByName(registry, row, row.labels[0]);
  const counter = new FastCounter();
  const shown: PromCounter = new PromCounter({
    name: row.name,
    help: row.help,
    registers: [registry],
    collect: () => {
      shown.reset();
      shown.inc(counter.total);
    },
  });
  return counter;
}

function addCounterByName(
  registry: Registry,
  { name, help }: CountedMetric,
  label: string,
): FastCounterByName {
  const counter = new FastCounterByName();
  const shown: PromCounter = new PromCounter({
    name,
    help,
    labelNames: [label],
    registers: [registry],
    collect: () => {
      shown.reset();
      for (const [of, total] of counter.totals) shown.inc({ [label]: of }, total);
    },
  });
  return counter;
}

function addGauge(registry: Registry, { name, help }: DeclaredMetric, read: () => number): void {
  const shown: PromGauge = new PromGauge({
    name,
    help,
    registers: [registry],
    collect: () => shown.set(read()),
  });
}

function addGaugeByName(
  registry: Registry,
  { name, help, labels = [] }: DeclaredMetric,
  read: () => ReadonlyMap<string, number>,
): void {
  const [label = ''] = labels;
  const shown: PromGauge = new PromGauge({
    name,
    help,
    labelNames: [label],
    registers: [registry],
    collect: () => {
      shown.reset();
      for (const [of, value] of read()) shown.set({ [label]: of }, value);
    },
  });
}

/** A registry prints whatever answers get() as its own metrics do. */
function addHistogram(
  registry: Registry,
  { name, help }: { name: string; help: string },
  samples: () => Sample[],
): void {
  const get = async (): Promise<object> => ({
    name,
    help,
    type: 'histogram',
    values: samples(),
    aggregator: 'sum',
  });
  const metric = { name, help, get, reset: () => {} };
  registry.registerMetric(metric as unknown as Parameters<Registry['registerMetric']>[0]);
}
