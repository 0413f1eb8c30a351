/** What `parley bench` measured: for people, and as JSON. */
import { columns } from '../../output.ts';
import type { Figures } from './figures.ts';
import type { LoadOutcome } from './load.ts';

export interface BenchReport {
  readonly url: string;
  readonly seconds: number;
  readonly posters: number;
  readonly conversations: number;
  readonly readers: number;
  readonly posts: Figures & { readonly per_sec: number; readonly refused: Readonly<Record<string, number>> };
  readonly deliveries: Figures & {
    readonly per_sec: number;
    readonly expected: number;
    readonly lost: number;
    readonly doubled: number;
    readonly out_of_order: number;
  };
  readonly connects: Figures;
  /** Processor time while it ran; of the node only where its /metrics can be reached. */
  readonly processor: {
    readonly bench_sec: number;
    readonly node_sec: number | null;
    readonly node_us_per_post: number | null;
  };
}

export interface Processor {
  readonly benchSec: number;
  readonly nodeSec: number | null;
}

export function reportOf(
  facts: Pick<BenchReport, 'url' | 'posters' | 'conversations' | 'readers'>,
  outcome: LoadOutcome,
  { benchSec, nodeSec }: Processor,
): BenchReport {
  const { acknowledged, tookSec, expected, lost, doubled, outOfOrder, refused } = outcome;
  const deliveries = outcome.deliveries.figures();
  return {
    ...facts,
    seconds: round(tookSec),
    posts: { ...outcome.posts.figures(), per_sec: round(acknowledged / tookSec), refused },
    deliveries: {
      ...{ ...deliveries, per_sec: round(deliveries.count / tookSec) },
      ...{ expected, lost, doubled, out_of_order: outOfOrder },
    },
    connects: outcome.connects.figures(),
    processor: {
      bench_sec: round(benchSec),
      node_sec: nodeSec === null ? null : round(nodeSec),
      node_us_per_post:
        nodeSec === null || acknowledged === 0 ? null : Math.round((nodeSec * 1e6) / acknowledged),
    },
  };
}

export function isSound({ posts, deliveries }: BenchReport): boolean {
  return posts.count > 0 && deliveries.lost + deliveries.doubled + deliveries.out_of_order === 0;
}

export function tableOf(report: BenchReport): string {
  const { posts, deliveries, connects, processor } = report;
  const row = (name: string, figures: Figures, perSec: number | null): string[] => [
    ...[name, figures.count.toLocaleString('en-US'), perSec === null ? '-' : perSec.toLocaleString('en-US')],
    ...[figures.p50, figures.p90, figures.p99, figures.max].map((ms) => (ms === null ? '-' : ms.toFixed(2))),
  ];
  const refusals = Object.entries(posts.refused).map(([code, count]) => `${count} ${code}`);
  const ofNode =
    processor.node_sec === null
      ? 'unknown (its /metrics cannot be reached)'
      : `${processor.node_sec} s, ${processor.node_us_per_post ?? '-'} us a post with its deliveries`;
  return [
    columns([
      ['', 'COUNT', 'A SECOND', 'P50 MS', 'P90 MS', 'P99 MS', 'MAX MS'],
      row('posts acknowledged', posts, posts.per_sec),
      row('deliveries', deliveries, deliveries.per_sec),
      row('sockets opened', connects, null),
    ]),
    '',
    `${deliveries.lost} lost, ${deliveries.doubled} doubled, ${deliveries.out_of_order} out of order, of ${deliveries.expected.toLocaleString('en-US')} deliveries`,
    `refused: ${refusals.length === 0 ? 'none' : refusals.join(', ')}`,
    `processor time: this program ${processor.bench_sec} s, the node ${ofNode}`,
  ].join('\n');
}

const round = (value: number): number => Math.round(value * 100) / 100;
