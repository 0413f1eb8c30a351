import t from 'tap';
import { openSessionClock } from '../../../src/core/timed-sessions/session-clock.ts';
import { limits } from '../../../src/domain/limits.ts';
import { Problem } from '../../../src/domain/problem.ts';
import { MovedClock } from '../../kit/memory/moved-clock.ts';

const hourUs = 3_600_000_000;
const nearUs = 10_000;

async function turns(): Promise<void> {
  for (let count = 0; count < 5; count += 1) await new Promise((resolve) => setImmediate(resolve));
}

t.test('sessions go by the time of the store, whatever the clock of the machine does', async (t) => {
  const clock = MovedClock.still();
  const trueNow = clock.nowMicros();
  let [wallAhead, storeAhead, isAway] = [0, 0, false];
  const machine = {
    nowMicros: () => clock.nowMicros() + wallAhead,
    monotonicMs: () => clock.monotonicMs(),
    after: (ms: number, run: () => void) => clock.after(ms, run),
  };
  const passed = (): number => clock.nowMicros() - trueNow;
  const store = {
    now: () => Promise.resolve(isAway ? new Problem('unavailable') : trueNow + passed() + storeAhead),
  };
  const session = openSessionClock(store, machine);
  t.teardown(() => session.close());
  const isNear = (micros: number): boolean => Math.abs(session.nowMicros() - micros) < nearUs;
  await turns();
  wallAhead = hourUs;
  t.ok(isNear(trueNow + passed()), 'an hour ahead is not noticed');
  clock.advance(limits.sessionClockLookMs);
  await turns();
  wallAhead = -hourUs;
  t.ok(isNear(trueNow + passed()), 'nor an hour back, also when it was looked again');
  isAway = true;
  clock.advance(10 * limits.sessionClockLookMs);
  await turns();
  t.ok(isNear(trueNow + passed()), 'time passes while the store is away');
  isAway = false;
  storeAhead = hourUs;
  clock.advance(limits.sessionClockLookMs);
  await turns();
  t.ok(isNear(trueNow + passed() + hourUs), 'the store is who is right');
});

t.test('a node that has not reached the store yet goes by its own clock', async (t) => {
  const clock = MovedClock.still();
  const session = openSessionClock({ now: () => Promise.resolve(new Problem('unavailable')) }, clock);
  t.teardown(() => session.close());
  await new Promise((resolve) => setImmediate(resolve));
  t.ok(Math.abs(session.nowMicros() - clock.nowMicros()) < nearUs);
});

t.test('an answer of the store that takes long moves no time', async (t) => {
  const clock = MovedClock.still();
  let onTheWayMs = 0;
  const store = {
    now: async () => {
      clock.advance(onTheWayMs);
      return clock.nowMicros();
    },
  };
  const session = openSessionClock(store, clock);
  t.teardown(() => session.close());
  const isNear = (): boolean => Math.abs(session.nowMicros() - clock.nowMicros()) < nearUs;
  await turns();
  t.ok(isNear());
  for (const ms of [600_000, 0]) {
    onTheWayMs = ms;
    clock.advance(limits.sessionClockLookMs);
    await turns();
    t.ok(isNear(), `${ms} ms`);
  }
});
