/**
 * Endpoints of a tenant, as its owners and admins manage them; others are `forbidden`. Secrets are sealed with the
 * tenant's data key: `unavailable` where nothing can be sealed. Every change is in the audit.
 */
import type { TenantId } from '../../domain/ids.ts';
import type { Principal } from '../../domain/principal.ts';
import type { Problem } from '../../domain/problem.ts';
import type { DeliveryFailure, Webhook, WebhookFilter, WebhookRef } from '../../domain/webhook.ts';
import type { RequestTrace } from '../audit.ts';
import type { DeadLetter, DeadLetterCursor } from './webhook-store.ts';

export interface NewWebhook {
  readonly url: string;
  readonly description: string;
  readonly filter: WebhookFilter;
}

/** Absent fields stay as they are. `active` begins a disabled one anew. */
export interface WebhookChanges {
  readonly url?: string;
  readonly description?: string;
  readonly filter?: Partial<WebhookFilter>;
  readonly status?: 'active' | 'paused';
}

/** `secret` is told once: `whsec_` and 32 random bytes in base64. */
export interface WebhookWithSecret {
  readonly webhook: Webhook;
  readonly secret: string;
}

/** What became of one request. */
export interface TestedWebhook {
  readonly isDelivered: boolean;
  readonly status: number | null;
  readonly reason: DeliveryFailure | null;
  readonly durationMs: number;
}

/** One endpoint, and who wants something of it. `tenant`: the caller's, or any for a super admin. */
export interface AskedWebhook extends WebhookRef {
  readonly by: Principal;
  readonly trace: RequestTrace;
}

export interface Webhooks {
  /** `conflict`: there are limits.webhooksPerTenantMax, or limits.webhooksMax in the deployment. */
  create(
    asked: { readonly by: Principal; readonly tenant: TenantId; readonly trace: RequestTrace },
    webhook: NewWebhook,
  ): Promise<WebhookWithSecret | Problem>;
  /** The oldest first. */
  list(by: Principal, tenant: TenantId): Promise<readonly Webhook[] | Problem>;
  /** With how many deliveries wait for it; null while that cannot be told. */
  read(
    asked: AskedWebhook,
  ): Promise<{ readonly webhook: Webhook; readonly waiting: number | null } | Problem>;
  change(asked: AskedWebhook, changes: WebhookChanges): Promise<Webhook | Problem>;
  /** What waits for it is dropped. */
  remove(asked: AskedWebhook): Promise<Problem | null>;
  /** The former secret signs as well for `overlapSec`; 0: not any more. */
  rotateSecret(asked: AskedWebhook, overlapSec: number): Promise<WebhookWithSecret | Problem>;
  /** Posts `webhook.test` at once, whatever the state of the endpoint, and once. `rate_limited`: too many at once. */
  test(asked: AskedWebhook): Promise<TestedWebhook | Problem>;
  /** The newest first, those after `after` in this order. */
  deadLetters(
    asked: AskedWebhook,
    page: { readonly limit: number; readonly after: DeadLetterCursor | null },
  ): Promise<readonly DeadLetter[] | Problem>;
  /** Puts one, or up to limits.webhookRedeliveredMax of the oldest, into the queue again; answers how many. */
  redeliver(asked: AskedWebhook, deadLetter: string | null): Promise<number | Problem>;
}
