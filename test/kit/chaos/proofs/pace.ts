/** How fast a load went in a span of time, and whether anything held it up. */
import type { Test } from 'tap';
import type { Load } from '../actors/load.ts';

export type Pace = {
  readonly count: number;
  readonly perSecond: number;
  readonly p99Ms: number;
  readonly maxMs: number;
};

/** Of the posts that were acknowledged since `fromMs` (performance.now()). */
export function paceSince(load: Load, fromMs: number): Pace {
  const within = load.ledger.latencies.filter(({ atMs }) => atMs >= fromMs).map(({ ms }) => ms);
  return paceOf(within, performance.now() - fromMs);
}

/** Of waits that ended within `spanMs`. */
export function paceOf(waitsMs: readonly number[], spanMs: number): Pace {
  const sorted = waitsMs.toSorted((a, b) => a - b);
  return {
    count: sorted.length,
    perSecond: Math.round((sorted.length * 1_000) / spanMs),
    p99Ms: Math.round(sorted[Math.floor(sorted.length * 0.99)] ?? 0),
    maxMs: Math.round(sorted.at(-1) ?? 0),
  };
}

/** Proves that senders did not notice what `during` does: no refusal, no lost socket, no long wait. */
export async function unnoticed(
  t: Test,
  load: Load,
  what: string,
  during: () => Promise<void>,
  waitMsMax = 2_000,
): Promise<void> {
  const { refusals, closes } = load.ledger;
  const before = { refusals: [...refusals], closes: [...closes] };
  const beganMs = performance.now();
  await during();
  const pace = paceSince(load, beganMs);
  t.comment(`${what}: ${pace.perSecond} posts/s, p99 ${pace.p99Ms} ms, longest ${pace.maxMs} ms`);
  t.same([...refusals], before.refusals, `${what}: no sender is refused`);
  t.same([...closes], before.closes, `${what}: no sender loses its socket`);
  t.ok(pace.count > 0 && pace.maxMs < waitMsMax, `${what}: no post waits for ${waitMsMax} ms`);
}
