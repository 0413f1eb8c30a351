/** What is slow when: a run of ten minutes, or a shorter one of the same shape. */
import type { Slowness } from '../../test/kit/servers/slow-proxy.ts';

export type Phase = {
  readonly name: string;
  readonly fromSec: number;
  readonly toSec: number;
  readonly isNatsSlow: boolean;
  readonly isPostgresSlow: boolean;
};

/**
 * A hundred times slower than on one machine: a round trip of 30 ms instead of 0.3, and 200 KB/s, which is room for 200
 * posts a second instead of 20,000.
 */
export const hundredTimesSlower: Slowness = { delayMs: 15, bytesPerSec: 200_000 };

const shape = [
  { name: 'normal', part: 0.25, isNatsSlow: false, isPostgresSlow: false },
  { name: 'NATS slow', part: 0.15, isNatsSlow: true, isPostgresSlow: false },
  { name: 'normal', part: 0.1, isNatsSlow: false, isPostgresSlow: false },
  { name: 'PostgreSQL slow', part: 0.15, isNatsSlow: false, isPostgresSlow: true },
  { name: 'normal', part: 0.1, isNatsSlow: false, isPostgresSlow: false },
  { name: 'both slow', part: 0.15, isNatsSlow: true, isPostgresSlow: true },
  { name: 'normal', part: 0.1, isNatsSlow: false, isPostgresSlow: false },
] as const;

/** The phases of a run of `sec` seconds, one after another. */
export function phasesOf(sec: number): readonly Phase[] {
  let at = 0;
  return shape.map(({ name, part, isNatsSlow, isPostgresSlow }) => {
    const fromSec = at;
    at += part * sec;
    return { name, fromSec, toSec: at, isNatsSlow, isPostgresSlow };
  });
}
