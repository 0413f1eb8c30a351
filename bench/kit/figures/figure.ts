/** One row of the table: a figure, what it is compared with, and whether that is enough. */
import type { Rounds } from './rounds.ts';

export type Unit = 'ms' | 'per_sec' | 'bytes' | 's';

/** `max`: the figure may be at most this; `min`: at least. Ratios to the reference where there is one. */
export type Target = { readonly kind: 'max' | 'min'; readonly must: number; readonly worth: number };

export type Verdict = 'WORTH' | 'PASS' | 'SHORT';

export type Figure = {
  readonly name: string;
  readonly what: string;
  readonly unit: Unit;
  readonly value: number;
  readonly reference: { readonly name: string; readonly value: number } | null;
  /** value / reference; null where the target is absolute. */
  readonly ratio: number | null;
  readonly target: Target;
  readonly verdict: Verdict;
  /** (max - min) / median over the rounds. */
  readonly spread: number | null;
  /** Processor time of Parley for one operation, microseconds: steadier than rates on a machine that others use, too. */
  readonly parleyMicros: number | null;
  /** What was proved while measuring. */
  readonly checked: string;
  /** Processor shares, percentiles and other things worth knowing. */
  readonly notes: string;
};

type Described = Pick<Figure, 'name' | 'what' | 'unit' | 'target' | 'checked' | 'notes'> &
  Partial<Pick<Figure, 'parleyMicros'>>;

export function relativeFigure(described: Described, referenceName: string, rounds: Rounds): Figure {
  const ratio = rounds.value / rounds.reference;
  return {
    ...described,
    value: rounds.value,
    reference: { name: referenceName, value: rounds.reference },
    ratio,
    verdict: judge(ratio, described.target),
    spread: rounds.valueSpread,
    parleyMicros: described.parleyMicros ?? null,
  };
}

export function absoluteFigure(described: Described, value: number): Figure {
  return {
    ...described,
    value,
    reference: null,
    ratio: null,
    verdict: judge(value, described.target),
    spread: null,
    parleyMicros: described.parleyMicros ?? null,
  };
}

function judge(value: number, { kind, must, worth }: Target): Verdict {
  const reaches = (bound: number): boolean => (kind === 'max' ? value <= bound : value >= bound);
  if (reaches(worth)) return 'WORTH';
  return reaches(must) ? 'PASS' : 'SHORT';
}
