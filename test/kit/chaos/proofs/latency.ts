/** How long posts took while something happened, and whether that is longer than while nothing did. */
import type { Test } from 'tap';
import type { Load } from '../actors/load.ts';

export type Latency = { readonly posts: number; readonly p50: number; readonly p99: number };

/** Latency of the posts that were acknowledged while `work` ran, in ms. */
export async function latencyDuring(
  { ledger }: Pick<Load, 'ledger'>,
  work: () => Promise<unknown>,
): Promise<Latency> {
  const first = ledger.latencies.length;
  await work();
  return latencyOf(ledger.latencies.slice(first).map(({ ms }) => ms));
}

export function latencyOf(all: readonly number[]): Latency {
  const sorted = [...all].sort((a, b) => a - b);
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return { posts: sorted.length, p50: at(0.5), p99: at(0.99) };
}

/** What architecture.md promises… */
const ratioMax = 3;
/** …of a p99 that is longer than this: below it, one collection of garbage is three times as much. */
const floorMs = 25;

/** Proves that the p99 with the fault is within three times of that without it: the median over the rounds. */
export function provePace(
  t: Test,
  rounds: readonly { readonly quiet: Latency; readonly busy: Latency }[],
  during = 'it',
): void {
  const told = rounds.map(({ quiet, busy }) => {
    const words = (one: Latency): string => `${one.p99.toFixed(1)} ms of ${one.posts}`;
    return `${words(busy)} after ${words(quiet)}`;
  });
  const ratios = rounds.map(({ quiet, busy }) => busy.p99 / Math.max(quiet.p99, floorMs / ratioMax));
  const median =
    [...ratios].sort((a, b) => a - b)[Math.floor((ratios.length - 1) / 2)] ?? Number.POSITIVE_INFINITY;
  t.ok(median <= ratioMax, `p99 during ${during} is ${median.toFixed(1)} times as long (${told.join('; ')})`);
}
