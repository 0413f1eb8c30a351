/** Nanoseconds of processor time a call of something small: the median of rounds, each long enough for the clock. */
import { median } from '../kit/figures/samples.ts';

const rounds = 7;
/** Of processor time: the wall clock also counts what other programs take. */
const roundMs = 100;
/** Between two looks at the clock. */
const callsAtOnce = 500;

/** What a measured function answers goes here, so that nothing is optimized away. */
export const sink: { last: unknown } = { last: undefined };

/** What the process has used so far, user and system, in milliseconds: its collector's threads are part of a call's cost. */
function processorMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

export function nanosPerCall(call: (n: number) => unknown): number {
  const results: number[] = [];
  for (let round = -1; round < rounds; round += 1) {
    const began = processorMs();
    let calls = 0;
    let tookMs = 0;
    for (; tookMs < roundMs; tookMs = processorMs() - began) {
      for (let n = 0; n < callsAtOnce; n += 1) sink.last = call(calls + n);
      calls += callsAtOnce;
    }
    if (round >= 0) results.push((tookMs * 1e6) / calls); // the first one warms up
  }
  return median(results);
}
