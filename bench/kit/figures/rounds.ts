/** A/B/A: a reference before, between and after the rounds of a scenario, because machines are noisy. */
import { median, spread } from './samples.ts';

export type Rounds = {
  readonly value: number;
  readonly reference: number;
  /** Of the scenario's rounds, (max - min) / median. */
  readonly valueSpread: number;
  readonly referenceSpread: number;
  readonly count: number;
};

/** Medians of `count` rounds and of the `count + 1` references around them. */
export async function interleave(
  count: number,
  reference: () => Promise<number>,
  scenario: () => Promise<number>,
): Promise<Rounds> {
  const references = [await reference()];
  const values: number[] = [];
  for (let round = 0; round < count; round += 1) {
    values.push(await scenario());
    references.push(await reference());
  }
  return {
    value: median(values),
    reference: median(references),
    valueSpread: spread(values),
    referenceSpread: spread(references),
    count,
  };
}
