/** Every metric that /metrics can show: schemas/metrics.md, and what the dashboard and the alerts may ask for. */
import { counted } from './counted.ts';
import { measured } from './measured.ts';
import type { DeclaredMetric } from './metric.ts';
import { ofProcess } from './of-process.ts';
import { ofWorkers } from './of-workers.ts';

export const httpMetric = {
  name: 'parley_http_request_seconds',
  ...{ kind: 'histogram', unit: 'seconds', labels: ['operation', 'status'] },
  help: 'Time from the headers of a request to its answer, by operation and class of status (499: the client went away)',
  advice: 'p99 by operation as usual; `5xx` near 0. Else the log has the requests that failed, by operation',
} as const satisfies DeclaredMetric;

export interface MetricGroup {
  readonly title: string;
  readonly metrics: readonly DeclaredMetric[];
}

export const metricGroups: readonly MetricGroup[] = [
  { title: 'Counted as it happens', metrics: [...Object.values(counted), httpMetric] },
  { title: 'Measured when somebody reads', metrics: Object.values(measured) },
  { title: 'Of a node of several workers', metrics: Object.values(ofWorkers) },
  { title: 'Of the process', metrics: ofProcess },
];

export const allMetrics: readonly DeclaredMetric[] = metricGroups.flatMap(({ metrics }) => metrics);
