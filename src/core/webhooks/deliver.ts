/**
 * Deliveries of webhooks, while they are in the hands of this node.
 *
 *   waiting for a place -> reading the log -> posting -- 2xx ------------> delivered
 *                              \ gone          |  \---- 410 -------------> disabled, kept
 *                               -> dropped     \ else -> again later, after days: dead letter
 */
import { limits } from '../../domain/limits.ts';
import { Problem } from '../../domain/problem.ts';
import {
  type DisabledReason,
  isDead,
  type RetryRules,
  retryDelayMs,
  type WebhookRef,
} from '../../domain/webhook.ts';
import type { Log } from '../../ports/log.ts';
import type { Logger } from '../../ports/logger.ts';
import type { Metrics } from '../../ports/metrics.ts';
import type { TakenDelivery } from '../../ports/webhooks/webhook-deliveries.ts';
import type { StoredWebhook, WebhookStore } from '../../ports/webhooks/webhook-store.ts';
import { Places } from '../places.ts';
import { type AttemptDeps, type Attempted, attempt, type Failed } from './attempt.ts';
import { disable } from './disable.ts';
import type { EndpointNotes } from './endpoint-notes.ts';
import { webhookBody } from './webhook-body.ts';

export interface DeliveringDeps extends AttemptDeps {
  readonly store: Pick<WebhookStore, 'change' | 'bury'>;
  readonly log: Pick<Log, 'readAfter'>;
  readonly notes: EndpointNotes;
  readonly rules: RetryRules;
  /** In [0, 1). */
  readonly random: () => number;
  readonly metrics: Pick<Metrics, 'webhookDeliveries'>;
  readonly logger: Logger;
  /** The endpoint as this node knows it now; null: not there, or not active. */
  readonly find: (webhook: WebhookRef) => StoredWebhook | null;
  /** Told of what was disabled. */
  readonly changed: () => void;
}

/** Answers null when a delivery is over, or milliseconds after which it is to come again. Rejects when it is given back. */
export function openDelivering(deps: DeliveringDeps): (taken: TakenDelivery) => Promise<number | null> {
  const { notes, metrics } = deps;
  const perEndpoint = new Places({ perKeyMax: limits.webhookRequestsPerEndpointMax, inAllMax: Infinity });
  const failing = new Places({ perKeyMax: limits.webhookRequestsFailingMax, inAllMax: Infinity });
  const perTenant = new Places({
    perKeyMax: limits.webhookRequestsPerTenantMax,
    inAllMax: limits.webhookRequestsPerNodeMax,
  });

  /** Those of one endpoint first, so that who waits for them takes no place of others. */
  async function inPlace({ delivery: { webhook }, draining }: TakenDelivery): Promise<() => void> {
    const left: (() => void)[] = [];
    const isFailing = notes.isFailing(webhook);
    for (const [places, key] of [
      [isFailing ? failing : perEndpoint, webhook.id],
      [perTenant, webhook.tenant],
    ] as const) {
      const leave = await places.take(key, draining);
      if (leave === null) {
        for (const one of left) one();
        throw new Error('the endpoint is closed here');
      }
      left.unshift(leave);
    }
    return () => {
      for (const one of left) one();
    };
  }

  async function take(taken: TakenDelivery): Promise<number | null> {
    const leave = await inPlace(taken);
    try {
      const { ref, logSeq, event } = taken.delivery;
      const webhook = deps.find(taken.delivery.webhook);
      if (webhook === null) return limits.webhookReturnMs;
      const page = await deps.log.readAfter(ref, logSeq - 1, 1);
      if (page instanceof Problem) return limits.webhookReturnMs;
      const [entry] = page.entries;
      // Deleted meanwhile: its deletion is an event, too.
      if (entry === undefined || entry.logSeq !== logSeq || entry.event.id !== event) return over('erased');
      const { attempt: number, delivery } = taken;
      const message = {
        ...{ id: event, body: webhookBody(entry) },
        ...{ attempt: number, cause: delivery.trace ?? null },
      };
      const attempted = await before(taken.signal, attempt(deps, webhook, message));
      return await settle(taken, webhook, attempted);
    } finally {
      leave();
    }
  }

  function over(outcome: string): null {
    metrics.webhookDeliveries.add(outcome, 1);
    return null;
  }

  async function settle(
    taken: TakenDelivery,
    webhook: StoredWebhook,
    attempted: Attempted,
  ): Promise<number | null> {
    if (attempted.kind === 'untried') return limits.webhookReturnMs;
    if (attempted.kind === 'delivered') {
      await notes.succeeded(webhook);
      return over('delivered');
    }
    metrics.webhookDeliveries.add('failed', 1);
    // Sent elsewhere while the request was under way: it says nothing of where the next one goes.
    if (deps.find(webhook)?.url !== webhook.url) return limits.webhookReturnMs;
    const failingMs = await notes.failed(webhook, attempted);
    if (attempted.status === 410) return await end(webhook, 'gone');
    if (failingMs >= deps.rules.failingMsMax) return await end(webhook, 'failing');
    const ageMs = (deps.clock.nowMicros() - taken.queuedAt) / 1_000;
    if (isDead(deps.rules, taken.attempt, ageMs)) return await bury(taken, attempted);
    return retryDelayMs(deps.rules, taken.attempt, deps.random(), attempted.retryAfterMs);
  }

  /** What waits is kept: the endpoint may be made active again. */
  async function end(webhook: StoredWebhook, reason: DisabledReason): Promise<number> {
    await disable(deps, webhook, reason);
    return limits.webhookReturnMs;
  }

  async function bury(
    { delivery, attempt: attempts }: TakenDelivery,
    { status, reason }: Failed,
  ): Promise<number | null> {
    const { webhook, ref, event: id, logSeq, position, type } = delivery;
    const letter = { webhook, ref, id, logSeq, position, type, attempts, status, reason };
    const diedAt = deps.clock.nowMicros();
    const refused = await deps.store.bury({ ...letter, diedAt }, limits.webhookDeadLettersMax);
    return refused === null ? over('dead') : limits.webhookReturnMs;
  }

  return take;
}

/** Rejects as soon as the signal says so: the request may have arrived all the same. */
function before<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const give = (): void => reject(new Error('the node closes'));
    if (signal.aborted) return give();
    signal.addEventListener('abort', give);
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', give));
  });
}
