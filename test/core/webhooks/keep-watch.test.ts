import t from 'tap';
import { watchWebhooks } from '../../../src/core/webhooks/keep-watch.ts';
import { limits } from '../../../src/domain/limits.ts';
import { Problem } from '../../../src/domain/problem.ts';
import type { WebhookRef } from '../../../src/domain/webhook.ts';
import type { AuditEntry } from '../../../src/ports/audit.ts';
import type { StoredWebhook, WebhookFields } from '../../../src/ports/webhooks/webhook-store.ts';
import { quietMetrics } from '../../kit/memory/quiet-metrics.ts';
import { silentLogger } from '../../kit/memory/silent-logger.ts';
import { storedWebhook } from '../../kit/memory/stored-webhook.ts';

const nowUs = 1_700_000_000_000_000;

/** Endpoints with so many deliveries that wait; null: that cannot be told. */
function stage(backlogs: ReadonlyMap<StoredWebhook, number | null>, letters: number | Problem = 3) {
  const asked: string[] = [];
  const changed: { ref: WebhookRef; fields: WebhookFields; audit: AuditEntry | null }[] = [];
  const swept: [number, number][] = [];
  const timers = new Map<number, () => void>();
  const state = {
    all: [...backlogs.values()].reduce<number>((sum, one) => sum + (one ?? 0), 0) as number | null,
  };
  const answer: { change: Problem | null } = { change: null };
  let news = 0;
  const metrics = quietMetrics();
  const watch = watchWebhooks({
    store: {
      async change(ref, fields, audit) {
        if (typeof fields !== 'function') changed.push({ ref, fields, audit });
        return answer.change ?? storedWebhook();
      },
      countDeadLetters: async () => letters,
      async sweepDeadLetters(before, limit) {
        swept.push([before, limit]);
        return 0;
      },
    },
    feed: {
      async waiting({ id }) {
        asked.push(id);
        return [...backlogs].find(([one]) => one.id === id)?.[1] ?? null;
      },
      allWaiting: async () => state.all,
    },
    clock: {
      nowMicros: () => nowUs,
      after(ms, run) {
        timers.set(ms, run);
        return () => timers.delete(ms);
      },
    },
    present: () => [...backlogs.keys()],
    ...{ metrics, logger: silentLogger(), changed: () => (news += 1) },
  });
  /** What is due after so many milliseconds is done. */
  async function after(ms: number): Promise<void> {
    const run = timers.get(ms);
    timers.delete(ms);
    run?.();
    while (!timers.has(ms)) await new Promise((resolve) => setImmediate(resolve));
  }
  return { watch, asked, changed, swept, state, answer, metrics, after, timers, news: () => news };
}

const late = storedWebhook({ id: 'late' });
const paused = storedWebhook({ id: 'paused', status: 'paused' });
const well = storedWebhook({ id: 'well' });
const disabled = storedWebhook({ id: 'disabled', status: 'disabled' });
const unknown = storedWebhook({ id: 'unknown' });

t.test('an endpoint for which more than 20,000 deliveries wait is disabled, paused or not', async (t) => {
  t.equal(limits.webhookBacklogMax, 20_000, 'as the documentation says');
  const { changed, asked, after, metrics, news, watch } = stage(
    new Map([
      [late, 20_001],
      [well, 20_000],
      [paused, 30_000],
      [disabled, 40_000],
      [unknown, null],
    ]),
  );
  await after(limits.webhookLookMs);
  t.same(asked, ['late', 'well', 'paused', 'unknown'], 'not what is disabled already');
  t.match(changed, [
    {
      ref: { tenant: 'a', id: 'late' },
      fields: { status: 'disabled', disabledReason: 'backlog' },
      audit: { action: 'webhook.disabled', subject: 'late', detail: { reason: 'backlog' } },
    },
    { ref: { id: 'paused' } },
  ]);
  t.equal(changed.length, 2);
  t.equal(metrics.webhookDeliveries.totals.get('disabled'), 2);
  t.equal(news(), 2, 'every node is told');
  await watch.close();
});

t.test('while all together are fewer than one may have nobody is asked', async (t) => {
  const { asked, after, watch } = stage(new Map([[late, limits.webhookBacklogMax]]));
  await after(limits.webhookLookMs);
  t.same(asked, []);
  t.same(watch.figures, { waiting: limits.webhookBacklogMax, deadLetters: 3 });
  await watch.close();
});

t.test('figures are -1 while they cannot be told, and nothing is disabled then', async (t) => {
  const { asked, after, state, watch } = stage(new Map([[late, 20_001]]), new Problem('unavailable'));
  t.same(watch.figures, { waiting: -1, deadLetters: -1 }, 'before the first look');
  state.all = null;
  await after(limits.webhookLookMs);
  t.same(watch.figures, { waiting: -1, deadLetters: -1 });
  t.same(asked, []);
  await watch.close();
});

t.test('with Postgres away it stays as it is, and is disabled at the next look', async (t) => {
  const { after, answer, changed, metrics, news, watch } = stage(new Map([[late, 20_001]]));
  answer.change = new Problem('unavailable');
  await after(limits.webhookLookMs);
  t.same([changed.length, news(), metrics.webhookDeliveries.totals.size], [1, 0, 0]);
  answer.change = null;
  await after(limits.webhookLookMs);
  t.same([changed.length, news()], [2, 1]);
  await watch.close();
});

t.test('letters of more than 30 days go, some thousand at once, until it is closed', async (t) => {
  const { after, swept, timers, watch } = stage(new Map());
  await after(limits.webhookSweepMs);
  t.same(swept, [[nowUs - 30 * 86_400_000_000, limits.webhookSweepMax]]);
  await watch.close();
  t.equal(timers.size, 0);
});
