/** Windows of requests: so many, whoever is asked how many are left; and then again. */
import t from 'tap';
import { openRateWindows } from '../../../src/core/limits/rate-windows.ts';
import { quietMetrics } from '../../kit/memory/quiet-metrics.ts';

function start(isOn = true) {
  let nowMs = 1_000;
  const clock = { monotonicMs: () => nowMs, nowMicros: () => 1_700_000_000_000_000 + nowMs * 1000 };
  const windows = openRateWindows(isOn, { clock, metrics: quietMetrics() });
  return {
    windows,
    wait: (ms: number): void => {
      nowMs += ms;
    },
  };
}

const ada = { tenant: 'acme', id: 'ada' };

t.test('a window lets its number in, says how many are left, and begins anew at its end', async (t) => {
  const { windows, wait } = start();
  const first = windows.take(ada, 'chat-list');
  t.same(first, { limit: 30, remaining: 29, resetsAtSec: 1_700_000_061, refused: null });
  for (let taken = 1; taken < 30; taken += 1) t.equal(windows.take(ada, 'chat-list').refused, null);
  wait(20_000);
  const over = windows.take(ada, 'chat-list');
  t.match(over, { remaining: 0, resetsAtSec: 1_700_000_061 });
  t.match(over.refused, { code: 'rate_limited', retryAfterMs: 40_000, limit: 30 });
  wait(40_000);
  t.match(windows.take(ada, 'chat-list'), { remaining: 29, refused: null });
});

t.test(
  'each principal and each class has windows of its own, and an address one for all behind it',
  async (t) => {
    const { windows } = start();
    for (let taken = 0; taken < 31; taken += 1) windows.take(ada, 'chat-list');
    t.not(windows.take(ada, 'chat-list').refused, null);
    t.equal(windows.take({ ...ada, tenant: 'other' }, 'chat-list').refused, null);
    t.equal(windows.take(ada, 'chat-history').refused, null);
    const addresses = ['2001:0db8:0000:0000:0000:0000:0000:0001', '2001:0db8:0000:0000:0000:0000:0000:0002'];
    for (let taken = 0; taken < 5; taken += 1)
      t.equal(windows.take({ address: addresses[taken % 2] ?? '' }, 'guest-session').refused, null);
    t.not(
      windows.take({ address: '2001:0db8:0000:0000:0000:0000:0000:0003' }, 'guest-session').refused,
      null,
      'one network',
    );
    t.equal(
      windows.take({ address: '2001:0db8:0001:0000:0000:0000:0000:0001' }, 'guest-session').refused,
      null,
    );
  },
);

t.test('switched off it refuses nobody', async (t) => {
  const { windows } = start(false);
  for (let taken = 0; taken < 100; taken += 1)
    t.match(windows.take(ada, 'chat-list'), { limit: 30, remaining: 30, refused: null });
});
