import t from 'tap';
import { FollowedTenantCaps, tenantLimitsChanged } from '../../../src/core/limits/tenant-caps.ts';
import { defaultTenantLimits, type TenantOverrides } from '../../../src/domain/limiting/tenant-limits.ts';
import { limits } from '../../../src/domain/limits.ts';
import { Problem } from '../../../src/domain/problem.ts';
import type { StoredOverrides } from '../../../src/ports/limits/tenant-limits.ts';
import { quietMetrics } from '../../kit/memory/quiet-metrics.ts';
import { silentLogger } from '../../kit/memory/silent-logger.ts';

const none: TenantOverrides = { conversations: null, participants: null, messagesPerSecond: null };

/** Caps over rows in memory; the poll runs when the test says so. */
async function opened(rows: StoredOverrides[] = [], isRateLimited = true) {
  const state = { nowMs: 0, count: 0, counted: 0, away: false, poll: () => undefined as unknown };
  const told = new Map<string, (body: unknown) => void>();
  const caps = new FollowedTenantCaps({
    store: {
      changedSince: async (from) => {
        if (state.away) return new Problem('unavailable');
        const found = rows.filter(({ changedAt }) => changedAt >= from);
        return found
          .sort((one, other) => one.changedAt - other.changedAt)
          .slice(0, limits.tenantLimitsPageMax);
      },
      conversations: async () => {
        state.counted += 1;
        return state.away ? new Problem('unavailable') : state.count;
      },
      read: async () => none,
      change: async () => none,
    },
    link: { onTell: (kind, run) => void told.set(kind, run) },
    clock: {
      nowMicros: () => state.nowMs * 1000,
      monotonicMs: () => state.nowMs,
      after: (_ms, run) => {
        state.poll = run;
        return () => undefined;
      },
    },
    log: silentLogger(),
    metrics: quietMetrics(),
    isRateLimited,
  });
  await caps.open();
  return { caps, rows, state, told };
}

const set = (tenant: string, overrides: Partial<TenantOverrides>, changedAt: number): StoredOverrides => ({
  tenant,
  overrides: { ...none, ...overrides },
  changedAt,
});
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

t.test('what is set holds for its tenant, the default for all others', async (t) => {
  const { caps, rows, state, told } = await opened([set('acme', { participants: 5 }, 1_000_000)]);
  t.same(caps.of('acme'), { ...defaultTenantLimits, participants: 5 });
  t.same(caps.of('other'), defaultTenantLimits);
  rows.push(set('other', { messagesPerSecond: 3 }, 2_000_000));
  told.get(tenantLimitsChanged)?.({});
  await turn();
  t.equal(caps.of('other').messagesPerSecond, 3, 'when a node says so');
  // Committed later than the newest that was seen, with an earlier time.
  rows.push(set('third', { conversations: 1 }, 1_500_000));
  state.poll();
  await turn();
  t.equal(caps.of('third').conversations, 1, 'when nobody says so');
  rows[0] = set('acme', {}, 3_000_000);
  state.away = true;
  await caps.refresh();
  t.equal(caps.of('acme').participants, 5, 'with Postgres away as it was');
  state.away = false;
  await caps.refresh();
  t.same(caps.of('acme'), defaultTenantLimits, 'null is the default again');
});

t.test('more than a page of changes is read to its end', async (t) => {
  const many = Array.from({ length: limits.tenantLimitsPageMax * 2 + 7 }, (_, n) =>
    set(`tenant ${n}`, { conversations: n }, 1_000_000 + n),
  );
  const { caps } = await opened(many);
  t.equal(caps.of(`tenant ${many.length - 1}`).conversations, many.length - 1);
});

t.test('posts of a tenant are counted over everybody in it', async (t) => {
  const { caps, state } = await opened([set('acme', { messagesPerSecond: 10 }, 1)]);
  const take = (tenant: string, times: number) =>
    Array.from({ length: times }, () => caps.takePost(tenant)).filter((refused) => refused !== null);
  t.equal(take('acme', 20).length, 0);
  t.match(take('acme', 1), [{ code: 'rate_limited', reason: 'tenant_limit', retryAfterMs: 100 }]);
  t.equal(take('other', 20).length, 0);
  state.nowMs += 100;
  t.equal(take('acme', 1).length, 0);
  const off = await opened([set('acme', { messagesPerSecond: 1 }, 1)], false);
  t.equal(off.caps.takePost('acme') ?? off.caps.takePost('acme') ?? off.caps.takePost('acme'), null);
});

t.test('a small number of conversations is exact, also when several are made at once', async (t) => {
  const { caps, state } = await opened([set('acme', { conversations: 3 }, 1)]);
  state.count = 1;
  const places = await Promise.all(Array.from({ length: 4 }, () => caps.roomForConversation('acme')));
  const given = places.filter((place) => !(place instanceof Problem)) as (() => void)[];
  t.equal(given.length, 2);
  t.match(
    places.find((place) => place instanceof Problem),
    { code: 'conflict', reason: 'tenant_limit' },
  );
  for (const release of given) release();
  state.count = 2;
  const last = await caps.roomForConversation('acme');
  t.notOk(last instanceof Problem, 'one of them was not stored: there is room again');
  state.away = true;
  t.notOk(
    (await caps.roomForConversation('acme')) instanceof Problem,
    'what cannot be counted is let through',
  );
});

t.test('a large number is counted once a minute, and nobody waits for it', async (t) => {
  const max = limits.conversationsCountedMax + 10;
  const { caps, state } = await opened([set('acme', { conversations: max }, 1)]);
  state.count = max - 2;
  const make = async () => !((await caps.roomForConversation('acme')) instanceof Problem);
  t.equal(await make(), true);
  await turn();
  t.same([await make(), await make(), await make()], [true, true, false]);
  t.equal(state.counted, 1);
  state.nowMs += limits.conversationsCountedForMs + 1;
  state.count = max - 5;
  await make();
  await turn();
  t.equal(state.counted, 2);
  t.equal(await make(), true);
});
