import t from 'tap';
import { BucketTable } from '../../../src/core/limits/bucket-table.ts';
import { openRateLimiter } from '../../../src/core/limits/rate-limiter.ts';
import { rates } from '../../../src/domain/limiting/rates.ts';
import { quietMetrics } from '../../kit/memory/quiet-metrics.ts';
import { principal } from '../../kit/servers/core-node.ts';

function opened() {
  const time = { nowMs: 1_000 };
  const metrics = quietMetrics();
  const limiter = openRateLimiter(true, { clock: { monotonicMs: () => time.nowMs }, metrics });
  return { time, metrics, limiter };
}

const here = { address: '203.0.113.7' };

t.test('a principal has its burst, then waits, whatever address it comes from', async (t) => {
  const { time, metrics, limiter } = opened();
  const ada = principal('acme', 'ada');
  const { burst, perSecond } = rates.send.principal;
  for (let n = 0; n < burst; n += 1) t.equal(limiter.take(ada, { address: `203.0.113.${n}` }, 'send'), null);
  const refused = limiter.take(ada, { address: '198.51.100.1' }, 'send');
  t.match(refused, { code: 'rate_limited', retryAfterMs: Math.ceil(1000 / perSecond) });
  t.equal(metrics.rateLimited.totals.get('send'), 1);
  t.equal(limiter.take(ada, here, 'read'), null, 'another class has a bucket of its own');
  t.equal(limiter.take(principal('acme', 'ben'), here, 'send'), null, 'so has another principal');
  t.equal(limiter.take(principal('other', 'ada'), here, 'send'), null, 'and one of the same id elsewhere');
  time.nowMs += refused?.retryAfterMs ?? 0;
  t.equal(limiter.take(ada, here, 'send'), null);
});

t.test('an address has its burst, shared by all who are behind it', async (t) => {
  const { limiter } = opened();
  const { burst } = rates.search.address;
  let passed = 0;
  for (let n = 0; n < burst * 2; n += 1)
    if (limiter.take(principal('acme', `user ${n}`), here, 'search') === null) passed += 1;
  t.equal(passed, burst);
  const known = principal('acme', 'user 0');
  for (let n = 0; n < 3; n += 1)
    t.match(limiter.take(known, here, 'search'), { code: 'rate_limited' }, 'each attempt, not one in eight');
  t.equal(
    limiter.take(known, { address: '198.51.100.1' }, 'search'),
    null,
    'another address is not concerned',
  );
});

t.test('an anonymous caller has its address alone, an IPv6 one its /64', async (t) => {
  const { limiter } = opened();
  const { burst } = rates['sign-in'].address;
  const from = (n: number) => ({
    address: `2001:0db8:0000:0001:0000:0000:0000:${String(n).padStart(4, '0')}`,
  });
  for (let n = 0; n < burst; n += 1) t.equal(limiter.take(null, from(n), 'sign-in'), null);
  t.match(limiter.take(null, from(999), 'sign-in'), { code: 'rate_limited' });
  const neighbour = { address: '2001:0db8:0000:0002:0000:0000:0000:0001' };
  t.equal(limiter.take(null, neighbour, 'sign-in'), null);
});

t.test('switched off, nobody is refused', async (t) => {
  const limiter = openRateLimiter(false, { clock: { monotonicMs: () => 0 }, metrics: quietMetrics() });
  const answers = Array.from({ length: 10_000 }, () => limiter.take(null, here, 'refused'));
  t.ok(answers.every((answer) => answer === null));
});

t.test(
  'a table that is full evicts who has full buckets, so that a flood does not wash its own away',
  async (t) => {
    const table = new BucketTable(100);
    const rate = { perSecond: 1, burst: 10 };
    const flooder = table.of('acme', 'flooder', 0);
    flooder.take('send', rate, 0, 10);
    for (let n = 0; n < 10_000; n += 1) table.of('acme', `stranger ${n}`, 0);
    t.equal(table.size, 100);
    t.equal(table.of('acme', 'flooder', 0), flooder);
    t.not(table.of('acme', 'stranger 0', 0), undefined);
    // Everybody lacks something: the one of those looked at that lacks least goes.
    const busy = new BucketTable(3);
    for (const [key, cost] of [
      ['a', 5],
      ['b', 1],
      ['c', 9],
    ] as const)
      busy.of('t', key, 0).take('send', rate, 0, cost);
    const [a, c] = [busy.of('t', 'a', 0), busy.of('t', 'c', 0)];
    busy.of('t', 'd', 0).take('send', rate, 0, 9);
    t.equal(busy.of('t', 'a', 0), a);
    t.equal(busy.of('t', 'c', 0), c);
  },
);
