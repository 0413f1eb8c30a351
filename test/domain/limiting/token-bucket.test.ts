import fc from 'fast-check';
import t from 'tap';
import { afterTaking, type Rate, waitMs } from '../../../src/domain/limiting/token-bucket.ts';

const anyRate = fc.record({
  perSecond: fc.integer({ min: 1, max: 1_000 }),
  burst: fc.integer({ min: 1, max: 2_000 }),
});
/** Pauses between attempts, in milliseconds. */
const anyPauses = fc.array(fc.integer({ min: 0, max: 400 }), { maxLength: 300 });

/** The moments at which attempts came through. */
function passed(rate: Rate, pauses: readonly number[]): number[] {
  let [fullAtMs, nowMs] = [0, 1_000];
  const moments: number[] = [];
  for (const pause of pauses) {
    nowMs += pause;
    if (waitMs(rate, fullAtMs, nowMs) > 0) continue;
    fullAtMs = afterTaking(rate, fullAtMs, nowMs);
    moments.push(nowMs);
  }
  return moments;
}

t.test('no window lets more through than its length and the burst allow', async (t) => {
  fc.assert(
    fc.property(anyRate, anyPauses, (rate, pauses) => {
      const moments = passed(rate, pauses);
      for (let first = 0; first < moments.length; first += 1) {
        for (let last = first; last < moments.length; last += 1) {
          const seconds = ((moments[last] ?? 0) - (moments[first] ?? 0)) / 1000;
          const count = last - first + 1;
          if (count > rate.burst + seconds * rate.perSecond + 1e-6) return false;
        }
      }
      return true;
    }),
  );
  t.pass('for any rate and any arrivals');
});

t.test('who waits as long as told gets through, and not a millisecond sooner than needed', async (t) => {
  fc.assert(
    fc.property(anyRate, fc.integer({ min: 0, max: 3_000 }), (rate, takes) => {
      let fullAtMs = 0;
      for (let n = 0; n < takes && waitMs(rate, fullAtMs, 0) === 0; n += 1)
        fullAtMs = afterTaking(rate, fullAtMs, 0);
      const wait = waitMs(rate, fullAtMs, 0);
      if (wait === 0) return takes < rate.burst + 1;
      return waitMs(rate, fullAtMs, wait) === 0 && waitMs(rate, fullAtMs, wait - 0.01) > 0;
    }),
  );
  t.pass('for any rate');
});

t.test('a bucket that was left alone is full, never more', async (t) => {
  const rate = { perSecond: 10, burst: 3 };
  t.equal(passed(rate, [0, 0, 0, 0]).length, 3);
  t.equal(passed(rate, [86_400_000, 0, 0, 0, 0]).length, 3, 'after a day as well');
  t.equal(passed(rate, [0, 0, 0, 100, 99, 1]).length, 5, 'one token each 100 ms');
});

t.test('several tokens at once are there or not', async (t) => {
  const rate = { perSecond: 10, burst: 8 };
  t.equal(waitMs(rate, 0, 5_000, 8), 0);
  const fullAtMs = afterTaking(rate, 0, 5_000, 1);
  t.equal(waitMs(rate, fullAtMs, 5_000, 8), 100);
  t.equal(waitMs(rate, fullAtMs, 5_000, 7), 0);
});
