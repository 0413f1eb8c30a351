/** What a soak must show, said as rules. Pure. */
import { limits } from '../../src/domain/limits.ts';
import type { Phase } from './phases.ts';
import { quantile, round, type Sample } from './sampling.ts';

export type Rule = { readonly rule: string; readonly is: string; readonly holds: boolean };

/**
 * The level of normal load: the median of the normal phases of the first round, the very first left out. What counts
 * is the second round, when the process has met everything once: a heap keeps what it took.
 */
const growthMax = 1.5;
/** Of that level, each minute of the second round: what a leak would show, and garbage does not. */
const slopePerMinuteMax = 0.02;
/** What a process takes in its first minutes says nothing of what it keeps. */
const memoryFromSec = 300;
const latencyGrowthMax = 3;
/** Below this a p99 is that of a machine that is busy with the load itself. */
const latencyFloorMs = 250;

export function judge(samples: readonly Sample[], phases: readonly Phase[], sec: number): readonly Rule[] {
  const within = (some: readonly Phase[]): readonly Sample[] =>
    samples.filter((one) => some.some(({ fromSec, toSec }) => one.sec >= fromSec && one.sec < toSec));
  const isNormal = (one: Phase): boolean => !one.isNatsSlow && !one.isPostgresSlow;
  const settled = within(phases.filter((one, index) => one.round === 1 && isNormal(one) && index > 0));
  const last = phases.filter((one) => one.round === 2);
  return [
    ...memory(settled, within(last), sec),
    ...bounds(samples),
    overload(within(phases.filter((one) => one.isNatsSlow))),
    recovery(within(phases.slice(0, 1)), samples, phases),
  ];
}

function memory(settled: readonly Sample[], later: readonly Sample[], sec: number): readonly Rule[] {
  const level = quantile(ascending(settled.map((one) => one.rssMb)), 0.5) ?? Number.NaN;
  const most = Math.max(...later.map((one) => one.rssMb));
  const perMinute = slope(later.map((one) => [one.sec / 60, one.rssMb] as const));
  const isLong = sec >= memoryFromSec;
  const judged = isLong ? '' : ` (judged in runs from ${memoryFromSec} s on)`;
  return [
    {
      rule: `RSS stays below ${growthMax} times that of normal load${judged}`,
      is: `${level} MB in normal load, ${most} MB at most in the second round`,
      holds: !isLong || most <= level * growthMax,
    },
    {
      rule: `RSS grows by less than ${slopePerMinuteMax * 100} % of that each minute${judged}`,
      is: `${round(perMinute)} MB each minute`,
      holds: !isLong || perMinute <= level * slopePerMinuteMax,
    },
  ];
}

function bounds(samples: readonly Sample[]): readonly Rule[] {
  const most = (of: (sample: Sample) => number): number => Math.max(...samples.map(of));
  const bound = (what: string, is: number, max: number): Rule => ({
    rule: `${what}: ${max} at most`,
    is: `${is}`,
    holds: is <= max,
  });
  return [
    bound(
      'commands that wait',
      most((one) => one.commandsWaiting),
      limits.commandsQueuedPerNodeMax,
    ),
    bound(
      'requests to NATS without an answer',
      most((one) => one.natsRequests),
      limits.natsRequestsPendingMax,
    ),
    bound(
      'KiB on their way to NATS',
      most((one) => one.natsOutboundKb),
      limits.natsOutboundBytesMax / 1_024,
    ),
    bound(
      'KiB for sockets that read slowly',
      most((one) => one.outboxKb),
      limits.outboxesBytesMax / 1_024,
    ),
  ];
}

function overload(slow: readonly Sample[]): Rule {
  const refused = slow.reduce((sum, one) => sum + Object.values(one.refusals).reduce((a, b) => a + b, 0), 0);
  const acks = slow.reduce((sum, one) => sum + one.acks, 0);
  return {
    rule: 'a slow NATS is overloaded: posts are refused, and others are acknowledged',
    is: `${acks} acknowledged, ${refused} refused`,
    holds: refused > 0 && acks > 0,
  };
}

function recovery(first: readonly Sample[], samples: readonly Sample[], phases: readonly Phase[]): Rule {
  const last = phases.at(-1);
  const end = samples.filter((one) => one.sec >= ((last?.fromSec ?? 0) + (last?.toSec ?? 0)) / 2);
  // The node starts in the first half of it.
  const before = middle(first.slice(Math.floor(first.length / 2)));
  const after = middle(end);
  return {
    rule: `at the end p99 is what it was, up to ${latencyGrowthMax} times or ${latencyFloorMs} ms`,
    is: `${before} ms before, ${after} ms after`,
    holds: after <= Math.max(before * latencyGrowthMax, latencyFloorMs),
  };
}

function middle(samples: readonly Sample[]): number {
  const all = samples.flatMap((one) => (one.p99Ms === null ? [] : [one.p99Ms]));
  return quantile(ascending(all), 0.5) ?? Number.NaN;
}

const ascending = (values: readonly number[]): readonly number[] => values.toSorted((a, b) => a - b);

/** Of the straight line with the least squares; 0 for fewer than two points. */
export function slope(points: readonly (readonly [x: number, y: number])[]): number {
  const count = points.length;
  if (count < 2) return 0;
  const meanX = points.reduce((sum, [x]) => sum + x, 0) / count;
  const meanY = points.reduce((sum, [, y]) => sum + y, 0) / count;
  const over = points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0);
  const under = points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
  return under === 0 ? 0 : over / under;
}
