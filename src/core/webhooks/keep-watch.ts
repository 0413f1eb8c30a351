/** What is looked at now and then: endpoints that are too far behind, letters that are too old, and what operators see. */
import { limits } from '../../domain/limits.ts';
import { Problem } from '../../domain/problem.ts';
import type { Clock } from '../../ports/clock.ts';
import type { WebhookFeed } from '../../ports/webhooks/webhook-deliveries.ts';
import type { StoredWebhook, WebhookStore } from '../../ports/webhooks/webhook-store.ts';
import { regularly } from '../regularly.ts';
import { type DisablingDeps, disable } from './disable.ts';

export interface WatchingDeps extends DisablingDeps {
  readonly store: Pick<WebhookStore, 'change' | 'countDeadLetters' | 'sweepDeadLetters'>;
  readonly feed: Pick<WebhookFeed, 'waiting' | 'allWaiting'>;
  readonly clock: Pick<Clock, 'after' | 'nowMicros'>;
  readonly present: () => readonly StoredWebhook[];
  /** Default limits.webhookBacklogMax. */
  readonly backlogMax?: number;
}

/** In the whole deployment; -1 while it cannot be told. */
export interface WebhookFigures {
  waiting: number;
  deadLetters: number;
}

export interface WebhookWatch {
  readonly figures: Readonly<WebhookFigures>;
  close(): Promise<void>;
}

export function watchWebhooks(deps: WatchingDeps): WebhookWatch {
  const { store, feed, clock } = deps;
  const figures: WebhookFigures = { waiting: -1, deadLetters: -1 };
  const backlogMax = deps.backlogMax ?? limits.webhookBacklogMax;

  async function look(): Promise<void> {
    const waiting = await feed.allWaiting();
    figures.waiting = waiting ?? -1;
    const letters = await store.countDeadLetters();
    figures.deadLetters = letters instanceof Problem ? -1 : letters;
    if (waiting !== null && waiting > backlogMax) await disableLate();
  }

  /** Asked of each only when all together are more than one may have. */
  async function disableLate(): Promise<void> {
    for (const webhook of deps.present()) {
      if (webhook.status === 'disabled') continue;
      const waiting = await feed.waiting(webhook);
      if (waiting !== null && waiting > backlogMax) await disable(deps, webhook, 'backlog');
    }
  }

  async function sweep(): Promise<void> {
    await store.sweepDeadLetters(
      clock.nowMicros() - limits.webhookDeadLettersKeptMs * 1_000,
      limits.webhookSweepMax,
    );
  }

  const ends = [regularly(clock, limits.webhookLookMs, look), regularly(clock, limits.webhookSweepMs, sweep)];
  return {
    figures,
    async close() {
      await Promise.all(ends.map((end) => end()));
    },
  };
}
