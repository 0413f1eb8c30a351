import t from 'tap';
import { openProjectedNow } from '../../../src/core/projection/projected-now.ts';
import { limits } from '../../../src/domain/limits.ts';
import type { Clock } from '../../../src/ports/clock.ts';
import { MovedClock } from '../../kit/memory/moved-clock.ts';

/** The earliest timer is due in the next turn, and moves the clock there. */
function quickClock(): Clock & { nowMs: number } {
  const timers = new Set<{ readonly atMs: number; readonly run: () => void }>();
  const next = (): void => {
    const [first] = [...timers].sort((one, other) => one.atMs - other.atMs);
    if (first === undefined) return;
    timers.delete(first);
    clock.nowMs = first.atMs;
    first.run();
  };
  const clock = {
    nowMs: 0,
    nowMicros: () => clock.nowMs * 1000,
    monotonicMs: () => clock.nowMs,
    after: (ms: number, run: () => void) => {
      const timer = { atMs: clock.nowMs + ms, run };
      timers.add(timer);
      setImmediate(next);
      return () => void timers.delete(timer);
    },
  };
  return clock;
}

t.test('it waits until every partition has come to where it ended when it was asked', async (t) => {
  const clock = quickClock();
  const steps = [
    [10, 4],
    [12, 4],
    [12, 5],
  ];
  let looks = 0;
  const projected = openProjectedNow(
    {
      ends: async () => [12, 5],
      projected: async () => steps[Math.min(looks++, steps.length - 1)] ?? null,
    },
    clock,
  );
  t.equal(await projected.reached(), true);
  t.equal(looks, 3);
});

t.test('what never catches up, or cannot be told, holds nobody for long', async (t) => {
  const clock = quickClock();
  const behind = openProjectedNow({ ends: async () => [1], projected: async () => [0] }, clock);
  t.equal(await behind.reached(), false);
  t.ok(clock.nowMs > limits.projectedNowMsMax / 2 && clock.nowMs <= limits.projectedNowMsMax);
  const away = openProjectedNow({ ends: async () => null, projected: async () => [0] }, clock);
  t.equal(await away.reached(), false);
  const lost = openProjectedNow({ ends: async () => [1], projected: async () => null }, clock);
  t.equal(await lost.reached(), false);
  const silent = openProjectedNow({ ends: () => new Promise(() => {}), projected: async () => [1] }, clock);
  const sinceMs = clock.nowMs;
  t.equal(await silent.reached(), false);
  t.equal(clock.nowMs - sinceMs, limits.projectedNowMsMax);
});

t.test('who asks meanwhile shares the next wait, whose ends are newer', async (t) => {
  let end = 0;
  let asked = 0;
  const answers: (() => void)[] = [];
  const projected = openProjectedNow(
    {
      ends: async () => {
        asked += 1;
        end += 1;
        return [end];
      },
      projected: () => new Promise((resolve) => answers.push(() => resolve([end]))),
    },
    MovedClock.still(),
  );
  const waits = [projected.reached(), projected.reached(), projected.reached()];
  for (let done = 0; done < 2; ) {
    const answer = answers.shift();
    if (answer === undefined) await new Promise((resolve) => setImmediate(resolve));
    else {
      answer();
      done += 1;
    }
  }
  t.same(await Promise.all(waits), [true, true, true]);
  t.equal(asked, 2);
});
