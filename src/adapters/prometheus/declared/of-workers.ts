/** What the supervisor of `parley serve --workers` adds to the metrics of its workers; without labels. */
import type { DeclaredMetric } from './metric.ts';

export const ofWorkers = {
  count: {
    ...{ name: 'parley_workers', kind: 'gauge', unit: 'processes' },
    help: 'Processes that this node should have',
    advice: 'As `--workers` says',
  },
  told: {
    ...{ name: 'parley_workers_told', kind: 'gauge', unit: 'processes' },
    help: 'Of them, those whose metrics are in this answer',
    advice: 'As parley_workers. Less for long: a worker hangs; look at its event loop lag before, end it',
  },
  restarts: {
    ...{ name: 'parley_worker_restarts_total', kind: 'counter', unit: 'processes' },
    help: 'Workers that ended by themselves',
    advice: '0. Else the log of the node says why one ended (memory, a signal, a defect)',
  },
} as const satisfies Readonly<Record<string, DeclaredMetric>>;
