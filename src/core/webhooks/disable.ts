/** An endpoint is disabled by the platform: its owners see it in its state and in the audit, operators in log and metrics. */
import { Problem } from '../../domain/problem.ts';
import type { DisabledReason, WebhookRef } from '../../domain/webhook.ts';
import type { Logger } from '../../ports/logger.ts';
import type { Metrics } from '../../ports/metrics.ts';
import type { WebhookStore } from '../../ports/webhooks/webhook-store.ts';
import { entryOf, noTrace } from '../audit/audit-trail.ts';

export interface DisablingDeps {
  readonly store: Pick<WebhookStore, 'change'>;
  readonly metrics: Pick<Metrics, 'webhookDeliveries'>;
  readonly logger: Logger;
  readonly changed: () => void;
}

/** With Postgres away it stays as it is; whoever finds it so again tries again. */
export async function disable(
  { store, metrics, logger, changed }: DisablingDeps,
  { tenant, id }: WebhookRef,
  reason: DisabledReason,
): Promise<void> {
  const what = { tenant, action: 'webhook.disabled', subject: id, detail: { reason } };
  const fields = { status: 'disabled', disabledReason: reason } as const;
  const done = await store.change({ tenant, id }, fields, entryOf(null, noTrace, what));
  if (done === null || done instanceof Problem) return;
  metrics.webhookDeliveries.add('disabled', 1);
  logger.warn({ tenant, webhook: id, reason }, 'A webhook is disabled');
  changed();
}
