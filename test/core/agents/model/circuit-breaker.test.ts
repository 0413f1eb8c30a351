import t from 'tap';
import {
  type Admission,
  type BreakerState,
  CircuitBreaker,
} from '../../../../src/core/agents/model/circuit-breaker.ts';
import { limits } from '../../../../src/domain/limits.ts';

function stage() {
  let nowMs = 1_000_000;
  const states: BreakerState[] = [];
  const breaker = new CircuitBreaker({ monotonicMs: () => nowMs }, (state) => states.push(state));
  const call = (): Admission => {
    const admission = breaker.admit();
    if (admission === null) throw new Error('not let through');
    return admission;
  };
  const fail = (times: number = limits.modelBreakerFailures): void => {
    for (let time = 0; time < times; time += 1) call().failed();
  };
  return {
    ...{ breaker, states, call, fail },
    pass(ms: number): void {
      nowMs += ms;
    },
  };
}

const { modelBreakerFailures: most, modelBreakerOpenMsMin: first } = limits;

t.test('it opens after so many failures within its window, and success forgets them', async (t) => {
  const { breaker, states, call, fail, pass } = stage();
  fail(most - 1);
  call().succeeded();
  fail(most - 1);
  t.equal(breaker.state, 'closed');
  pass(limits.modelBreakerWindowMs);
  fail(most - 1);
  t.equal(breaker.state, 'closed', 'old failures do not count');
  fail(1);
  t.equal(breaker.admit(), null);
  t.same(states, ['open']);
});

t.test('when its time is over one call is let through, and closes it', async (t) => {
  const { breaker, states, call, fail, pass } = stage();
  fail();
  pass(first - 1);
  t.equal(breaker.admit(), null);
  pass(1);
  const probe = call();
  t.equal(breaker.admit(), null, 'only one');
  probe.succeeded();
  call();
  call();
  t.same(states, ['open', 'half-open', 'closed']);
});

t.test('a probe that fails opens it for twice as long, up to a bound; success begins anew', async (t) => {
  const { breaker, call, fail, pass } = stage();
  fail();
  let openMs: number = first;
  for (let time = 0; time < 8; time += 1) {
    pass(openMs);
    call().failed();
    openMs = Math.min(openMs * 2, limits.modelBreakerOpenMsMax);
    pass(openMs - 1);
    t.equal(breaker.admit(), null);
    pass(1 - openMs);
  }
  pass(limits.modelBreakerOpenMsMax);
  call().succeeded();
  fail();
  pass(first);
  call();
});

t.test('a probe of which nobody heard lets the next one through', async (t) => {
  const { breaker, states, call, fail, pass } = stage();
  fail();
  pass(first);
  call().gaveUp();
  call().succeeded();
  t.equal(breaker.state, 'closed');
  t.same(states, ['open', 'half-open', 'closed']);
});

t.test('what was under way when it opened changes nothing, and each call ends once', async (t) => {
  const { breaker, call, fail, pass } = stage();
  const [late, later, twice] = [call(), call(), call()];
  twice.succeeded();
  for (let time = 0; time <= most; time += 1) twice.failed();
  t.equal(breaker.state, 'closed');
  fail();
  late.succeeded();
  t.equal(breaker.state, 'open');
  pass(first);
  const probe = call();
  later.failed();
  t.equal(breaker.state, 'half-open');
  probe.succeeded();
  t.equal(breaker.state, 'closed');
});
