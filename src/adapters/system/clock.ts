import type { Micros } from '../../domain/time.ts';
import type { Clock } from '../../ports/clock.ts';

/** How far the two clocks of Node may lie apart before the wall clock is believed again. */
const driftMsMax = 2;

/**
 * The machine's clock. Microseconds come from the monotonic clock, whose fractions Date.now() lacks, as
 * long as both agree; a wall clock that was set wins.
 */
export function openClock(): Clock {
  let offsetMs = Date.now() - performance.now();
  return {
    nowMicros(): Micros {
      const monotonic = performance.now();
      const wall = Date.now();
      // Date.now() cuts off the fraction, so it lies up to 1 ms behind even without drift.
      const driftMs = offsetMs + monotonic - wall;
      if (driftMs < -driftMsMax || driftMs > driftMsMax) offsetMs = wall - monotonic;
      return Math.floor((offsetMs + monotonic) * 1000);
    },
    monotonicMs: () => performance.now(),
    after(ms, run) {
      const timer = setTimeout(run, ms);
      timer.unref();
      return () => clearTimeout(timer);
    },
  };
}
