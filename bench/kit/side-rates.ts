/** Rates of both servers under the same load: rounds in turn, after one of each that does not count. */
import type { PostingResult } from './clients/http-posters.ts';
import { interleave, type Rounds } from './figures/rounds.ts';
import { median } from './figures/samples.ts';
import type { ScenarioContext } from './scenario.ts';

/** One server under load. */
export interface MeasuredSide {
  /** Answers that were what they must be. */
  readonly count: number;
  round(forMs: number): Promise<PostingResult>;
}

export interface Rates {
  /** Requests a second: Parley's, and the other server's as the reference. */
  readonly rounds: Rounds;
  /** Medians over the rounds, in milliseconds. */
  readonly p50Ms: { readonly parley: number; readonly other: number };
  /** Processor shares of Parley's last round. */
  shares(): string;
}

export async function ratesOf(
  context: ScenarioContext,
  ours: MeasuredSide,
  theirs: MeasuredSide,
): Promise<Rates> {
  const { roundMs, rounds: count } = context.pace;
  const p50s = { parley: [] as number[], other: [] as number[] };
  const round = async (side: MeasuredSide, into: number[]): Promise<number> => {
    const { perSec, p50Ms } = await side.round(roundMs);
    into.push(p50Ms);
    return perSec;
  };
  await context.warmUp(() => ours.round(roundMs));
  await theirs.round(roundMs);
  const watched = await context.watched(
    () => round(ours, p50s.parley),
    () => ours.count,
  );
  const rounds = await interleave(count, () => round(theirs, p50s.other), watched.round);
  return {
    rounds,
    p50Ms: { parley: median(p50s.parley), other: median(p50s.other) },
    shares: watched.shares,
  };
}
