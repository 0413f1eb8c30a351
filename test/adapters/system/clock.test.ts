import t from 'tap';
import { openClock } from '../../../src/adapters/system/clock.ts';

t.test('now is the wall clock, in whole microseconds', async (t) => {
  const clock = openClock();
  const before = Date.now();
  const now = clock.nowMicros();
  t.ok(Number.isSafeInteger(now));
  t.ok(now >= (before - 3) * 1000 && now <= (Date.now() + 3) * 1000);
});

t.test('it ticks faster than once a millisecond', async (t) => {
  const clock = openClock();
  const times = new Set(Array.from({ length: 5_000 }, () => clock.nowMicros()));
  t.ok(times.size > 100, `${times.size} different times`);
});

t.test('a wall clock that was set is believed', async (t) => {
  const real = Date.now;
  t.teardown(() => {
    Date.now = real;
  });
  const clock = openClock();
  clock.nowMicros();
  // The machine may stand still between two looks at a clock, but not for an hour.
  Date.now = () => real() - 3_600_000;
  t.ok(Math.abs(clock.nowMicros() / 1000 - Date.now()) < 60_000);
  Date.now = () => real() + 3_600_000;
  t.ok(Math.abs(clock.nowMicros() / 1000 - Date.now()) < 60_000);
});

t.test('what is planned runs once, and not when it was cancelled', async (t) => {
  const clock = openClock();
  const ran: string[] = [];
  const cancel = clock.after(1, () => ran.push('cancelled'));
  cancel();
  // Node counts from the beginning of the turn of its loop, which may lie behind.
  await new Promise((resolve) => setImmediate(resolve));
  const started = clock.monotonicMs();
  await new Promise<void>((resolve) => {
    const keepAlive = setInterval(() => {}, 1_000);
    clock.after(50, () => {
      ran.push('ran');
      clearInterval(keepAlive);
      resolve();
    });
  });
  t.same(ran, ['ran']);
  t.ok(clock.monotonicMs() - started >= 25);
});
