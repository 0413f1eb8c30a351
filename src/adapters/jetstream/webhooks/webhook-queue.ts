/** The WebhookQueue port over the stream WEBHOOKS. */
import { limits } from '../../../domain/limits.ts';
import type { Problem } from '../../../domain/problem.ts';
import { eventTypes } from '../../../domain/webhook.ts';
import type { WebhookDelivery, WebhookQueue } from '../../../ports/webhooks/webhook-deliveries.ts';
import type { Requester } from '../connections/requester.ts';
import { openPublisher } from '../log/publisher.ts';
import { ofWebhookSubject, webhookSubject } from '../subjects.ts';

export function openWebhookQueue(requester: Requester): WebhookQueue {
  const publisher = openPublisher(requester);

  function publish(delivery: WebhookDelivery, id: string | undefined) {
    const { webhook, ref, event, logSeq, position, type, trace } = delivery;
    const body = Buffer.from(JSON.stringify({ event, logSeq, position, type, trace }));
    return publisher.publishAnyhow(webhookSubject(webhook, ref), body, id);
  }

  async function addAll(
    deliveries: readonly WebhookDelivery[],
    idOf: (delivery: WebhookDelivery) => string | undefined,
  ): Promise<Problem | null> {
    for (let start = 0; start < deliveries.length; start += limits.webhooksAddedAtOnce) {
      const some = deliveries.slice(start, start + limits.webhooksAddedAtOnce);
      const answers = await Promise.all(some.map((one) => publish(one, idOf(one))));
      const refused = answers.find((one) => one !== null);
      if (refused !== undefined) return refused;
    }
    return null;
  }

  return {
    add: (deliveries) => addAll(deliveries, ({ webhook, event }) => `${webhook.id}.${event}`),
    addAgain: (deliveries) => addAll(deliveries, () => undefined),
  };
}

/** Null for a message that is no delivery. */
export function readDelivery(subject: string, body: string): WebhookDelivery | null {
  try {
    const { event, logSeq, position, type, trace } = JSON.parse(body) as Partial<WebhookDelivery>;
    if (typeof event !== 'string' || typeof logSeq !== 'number' || typeof position !== 'number') return null;
    if (type === undefined || !eventTypes.includes(type)) return null;
    const delivery = { ...ofWebhookSubject(subject), event, logSeq, position, type };
    return typeof trace === 'string' ? { ...delivery, trace } : delivery;
  } catch {
    return null;
  }
}
