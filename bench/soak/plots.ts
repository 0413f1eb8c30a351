import { type Curve, drawPlots, type Panel } from '../kit/figures/plot.ts';
import type { Phase } from './phases.ts';
import type { Sample } from './sampling.ts';

/** The run as one SVG: memory, latency, rates, lag and queues over time, what is slow shaded. */
export function drawSoak(samples: readonly Sample[], phases: readonly Phase[]): string {
  const curve = (name: string, of: (sample: Sample) => number | null): Curve => ({
    name,
    points: samples.flatMap((one) => {
      const value = of(one);
      return value === null ? [] : [[one.sec, value] as const];
    }),
  });
  const refused = (one: Sample): number => Object.values(one.refusals).reduce((sum, count) => sum + count, 0);
  const spans = phases
    .filter(({ isNatsSlow, isPostgresSlow }) => isNatsSlow || isPostgresSlow)
    .map(({ name, fromSec, toSec }) => ({ name, from: fromSec, to: toSec }));
  const panel = (title: string, label: string, curves: readonly Curve[], isLog = false): Panel => ({
    ...{ title, curves, spans },
    x: { label: 'time, s' },
    y: { label, scale: isLog ? 'log' : 'linear' },
  });
  return drawPlots('A node whose servers are slow by turns: five times more than they can do', [
    panel('Memory of the node', 'MB', [
      curve('RSS', (one) => one.rssMb),
      curve('heap, held', (one) => one.heapHeldMb),
      curve('heap in use', (one) => one.heapMb),
      curve('outside of it', (one) => one.externalMb),
    ]),
    panel(
      'Acknowledged posts: how long they take',
      'ms',
      [curve('p50', (one) => one.p50Ms), curve('p99', (one) => one.p99Ms)],
      true,
    ),
    panel('Posts', 'each second', [curve('acknowledged', (one) => one.acks), curve('refused', refused)]),
    panel('Reads', 'each second', [
      curve('answered', (one) => one.reads),
      curve('refused', (one) => one.refusedReads),
    ]),
    panel('Projection', 'events behind', [curve('lag', (one) => (one.lagEvents < 0 ? null : one.lagEvents))]),
    panel(
      'Queues of the node',
      'log scale',
      [
        curve('commands waiting', (one) => one.commandsWaiting),
        curve('requests at NATS', (one) => one.natsRequests),
        curve('KiB on their way to NATS', (one) => one.natsOutboundKb),
        curve('waiting for PostgreSQL', (one) => one.sqlWaiting),
        curve('KiB for slow readers', (one) => one.outboxKb),
      ],
      true,
    ),
    panel('Event loop of the node: p99 of its delay', 'ms', [curve('p99', (one) => one.loopP99Ms)]),
  ]);
}
