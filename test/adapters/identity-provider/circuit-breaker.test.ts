import t from 'tap';
import { CircuitBreaker } from '../../../src/adapters/identity-provider/circuit-breaker.ts';
import { limits } from '../../../src/domain/limits.ts';

function opened() {
  let now = 0;
  const breaker = new CircuitBreaker({ monotonicMs: () => now });
  for (let i = 0; i < limits.breakerFailures; i += 1) breaker.failed();
  return { breaker, wait: (ms: number) => (now += ms) };
}

t.test('it opens after failures in a row, and a success between them starts anew', async (t) => {
  const breaker = new CircuitBreaker({ monotonicMs: () => 0 });
  for (let i = 0; i < limits.breakerFailures * 3; i += 1) {
    if (i % (limits.breakerFailures - 1) === 0) breaker.succeeded();
    breaker.failed();
  }
  t.equal(breaker.refusalMs(), null);
  breaker.failed();
  breaker.failed();
  t.equal(breaker.isOpen, true);
  t.equal(breaker.refusalMs(), limits.breakerOpenMsMin);
});

t.test('one tries at a time, and one that never sent its request leaves its turn to the next', async (t) => {
  const { breaker, wait } = opened();
  wait(limits.breakerOpenMsMin);
  t.equal(breaker.refusalMs(), null);
  t.ok(breaker.refusalMs());
  breaker.gaveUp();
  t.equal(breaker.refusalMs(), null);
  breaker.succeeded();
  t.same([breaker.refusalMs(), breaker.refusalMs(), breaker.isOpen], [null, null, false]);
});

t.test('the wait doubles up to its bound', async (t) => {
  const { breaker, wait } = opened();
  const waits = Array.from({ length: 8 }, () => {
    const ms = breaker.refusalMs() ?? 0;
    wait(ms);
    breaker.refusalMs();
    breaker.failed();
    return ms;
  });
  t.same(waits.slice(0, 3), [1000, 2000, 4000]);
  t.equal(waits.at(-1), limits.breakerOpenMsMax);
});
