/** What prom-client tells of every Node process, so that the table is whole. The names are the library's own. */
import type { DeclaredMetric } from './metric.ts';

const linux = ['linux'];
const idle = 'For developers: it has no bound that matters by itself';
const loop = 'As nodejs_eventloop_lag_p99_seconds';

export const ofProcess: readonly DeclaredMetric[] = [
  {
    ...{ name: 'process_cpu_seconds_total', kind: 'counter', unit: 'seconds' },
    help: 'Processor time of the process',
    advice: 'Its rate is cores: near 1 the main thread is the limit; more workers or nodes',
  },
  {
    ...{ name: 'process_cpu_user_seconds_total', kind: 'counter', unit: 'seconds' },
    help: 'Of it, in programs',
    advice: 'As process_cpu_seconds_total',
  },
  {
    ...{ name: 'process_cpu_system_seconds_total', kind: 'counter', unit: 'seconds' },
    help: 'Of it, in the kernel',
    advice: 'More than half: many small writes; look at the network',
  },
  {
    ...{ name: 'process_start_time_seconds', kind: 'gauge', unit: 'seconds' },
    help: 'When the process started, since 1970',
    advice: 'Changes without a deployment: something ends the node; its last log lines say what',
  },
  {
    ...{ name: 'process_resident_memory_bytes', kind: 'gauge', unit: 'bytes' },
    help: 'Memory of the process',
    advice:
      'Levels off after an hour. Else take a heap snapshot and report it; restart the node, nothing is lost',
  },
  {
    ...{ name: 'process_virtual_memory_bytes', kind: 'gauge', unit: 'bytes', platforms: linux },
    help: 'Address space of the process',
    advice: idle,
  },
  {
    ...{ name: 'process_heap_bytes', kind: 'gauge', unit: 'bytes', platforms: linux },
    help: 'Data segment of the process',
    advice: idle,
  },
  {
    ...{ name: 'process_open_fds', kind: 'gauge', unit: 'descriptors', platforms: linux },
    help: 'Open file descriptors: sockets, most of all',
    advice: 'Well below process_max_fds. Else raise `LimitNOFILE`, or add nodes',
  },
  {
    ...{ name: 'process_max_fds', kind: 'gauge', unit: 'descriptors', platforms: linux },
    help: 'How many it may open',
    advice: 'At least twice the sockets that a node is to hold',
  },
  {
    ...{ name: 'nodejs_eventloop_lag_p99_seconds', kind: 'gauge', unit: 'seconds' },
    help: 'How late the event loop ran, at worst but for one in a hundred, since the last scrape',
    advice: 'Below 0.05. Else the node itself is the limit: more workers or nodes',
  },
  ...(['', '_min', '_max', '_mean', '_stddev', '_p50', '_p90'] as const).map(
    (of): DeclaredMetric => ({
      ...{ name: `nodejs_eventloop_lag${of}_seconds`, kind: 'gauge', unit: 'seconds' },
      help: `How late the event loop ran${of === '' ? ' just now' : `: ${of.slice(1)}, since the last scrape`}`,
      advice: loop,
    }),
  ),
  ...(['resources', 'handles', 'requests'] as const).flatMap((what): DeclaredMetric[] => [
    {
      ...{ name: `nodejs_active_${what}`, kind: 'gauge', unit: what, labels: ['type'] },
      help: `What keeps the event loop alive: ${what}, by type`,
      advice: idle,
    },
    {
      ...{ name: `nodejs_active_${what}_total`, kind: 'gauge', unit: what },
      help: `What keeps the event loop alive: ${what}`,
      advice: idle,
    },
  ]),
  {
    ...{ name: 'nodejs_heap_size_used_bytes', kind: 'gauge', unit: 'bytes' },
    help: 'Heap of JavaScript that is used',
    advice: 'A saw, whose lower edge levels off',
  },
  {
    ...{ name: 'nodejs_heap_size_total_bytes', kind: 'gauge', unit: 'bytes' },
    help: 'Heap of JavaScript that is reserved',
    advice: 'Near the limit of `--max-old-space-size` the process ends: more memory or nodes',
  },
  {
    ...{ name: 'nodejs_external_memory_bytes', kind: 'gauge', unit: 'bytes' },
    help: 'Memory outside the heap: buffers',
    advice: idle,
  },
  ...(['total', 'used', 'available'] as const).map(
    (of): DeclaredMetric => ({
      ...{ name: `nodejs_heap_space_size_${of}_bytes`, kind: 'gauge', unit: 'bytes', labels: ['space'] },
      help: `Heap by space: ${of}`,
      advice: idle,
    }),
  ),
  {
    ...{ name: 'nodejs_gc_duration_seconds', kind: 'histogram', unit: 'seconds', labels: ['kind'] },
    help: 'Pauses for garbage collection, by kind',
    advice: '`major` below 0.1 s. Else the heap is nearly full',
  },
  {
    name: 'nodejs_version_info',
    ...{ kind: 'gauge', unit: 'boolean', labels: ['version', 'major', 'minor', 'patch'] },
    help: 'Version of Node',
    advice: 'The same on all nodes',
  },
];
