/** What is slow when: a run of ten minutes, or a shorter one of the same shape. */
import type { Slowness } from '../../test/kit/links/slow-proxy.ts';

export type Phase = {
  readonly name: string;
  readonly fromSec: number;
  readonly toSec: number;
  readonly isNatsSlow: boolean;
  readonly isPostgresSlow: boolean;
  /** 1 or 2. */
  readonly round: number;
};

/**
 * A hundred times slower than on one machine: a round trip of 30 ms instead of 0.3, and 200 KB/s, which is room for 200
 * posts a second instead of 20,000.
 */
export const hundredTimesSlower: Slowness = { delayMs: 15, bytesPerSec: 200_000 };

const round = [
  { name: 'normal', part: 0.08, isNatsSlow: false, isPostgresSlow: false },
  { name: 'NATS slow', part: 0.08, isNatsSlow: true, isPostgresSlow: false },
  { name: 'normal', part: 0.06, isNatsSlow: false, isPostgresSlow: false },
  { name: 'PostgreSQL slow', part: 0.08, isNatsSlow: false, isPostgresSlow: true },
  { name: 'normal', part: 0.06, isNatsSlow: false, isPostgresSlow: false },
  { name: 'both slow', part: 0.08, isNatsSlow: true, isPostgresSlow: true },
] as const;

/** Twice: what a process takes when it meets something for the first time is no growth. */
const shape = [
  ...round.map((one) => ({ ...one, round: 1 })),
  ...round.map((one) => ({ ...one, round: 2 })),
  { name: 'normal', part: 0.12, isNatsSlow: false, isPostgresSlow: false, round: 2 },
];

/** The phases of a run of `sec` seconds, one after another. */
export function phasesOf(sec: number): readonly Phase[] {
  let at = 0;
  return shape.map(({ name, part, isNatsSlow, isPostgresSlow, round }) => {
    const fromSec = at;
    at += part * sec;
    return { name, fromSec, toSec: at, isNatsSlow, isPostgresSlow, round };
  });
}
