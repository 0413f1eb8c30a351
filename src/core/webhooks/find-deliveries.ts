/** From projected events to deliveries: one statement for a batch, and nothing else where nobody wants it. */
import { Problem } from '../../domain/problem.ts';
import { type Micros, parseMicros } from '../../domain/time.ts';
import { type WantingWebhook, wants } from '../../domain/webhook.ts';
import type { Logger } from '../../ports/logger.ts';
import type { PlacedEntry } from '../../ports/projection.ts';
import type { WebhookDelivery, WebhookQueue } from '../../ports/webhooks/webhook-deliveries.ts';
import type { WantingWebhooks } from '../../ports/webhooks/webhook-store.ts';

interface Deps {
  readonly webhooks: WantingWebhooks;
  readonly queue: Pick<WebhookQueue, 'add'>;
  readonly logger: Logger;
  /** What is older is not delivered: logs may be projected from their beginning again. */
  readonly since: () => Micros;
}

/**
 * What is to be called with each batch before it counts as projected: it may come again, and then deliveries that were
 * stored a moment ago are not stored again. Rejects with a Problem when a server is away.
 */
export function deliveryFinderOver({
  webhooks,
  queue,
  logger,
  since,
}: Deps): (batch: readonly PlacedEntry[]) => Promise<void> {
  return async (batch) => {
    const from = since();
    const recent = batch.filter(({ entry }) => (parseMicros(entry.event.at) ?? 0) >= from);
    const tenants = [...new Set(recent.map(({ ref }) => ref.tenant))];
    if (tenants.length === 0) return;
    const present = await webhooks.of(tenants);
    if (present instanceof Problem) {
      if (present.code !== 'internal') throw present;
      // Asking again would not help: better no delivery than no projection.
      logger.error({ tenants: tenants.length }, 'Which webhooks want an event cannot be found out');
      return;
    }
    if (present.length === 0) return;
    const refused = await queue.add(recent.flatMap((placed) => deliveriesOf(placed, present)));
    if (refused instanceof Problem) throw refused;
  };
}

function deliveriesOf({ ref, entry }: PlacedEntry, present: readonly WantingWebhook[]): WebhookDelivery[] {
  const { event, logSeq, traceparent: trace } = entry;
  return present
    .filter((webhook) => wants(webhook, ref, event))
    .map(({ tenant, id }) => ({
      ...{ webhook: { tenant, id }, ref, logSeq },
      ...{ event: event.id, position: event.position, type: event.type },
      ...(trace === undefined ? {} : { trace }),
    }));
}
