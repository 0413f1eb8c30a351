/** Endpoints and dead letters, stored. Methods answer `unavailable` when Postgres is away. */
import type { ConversationRef, EventType } from '../../domain/event.ts';
import type { EventId, TenantId } from '../../domain/ids.ts';
import type { Problem } from '../../domain/problem.ts';
import type { Micros } from '../../domain/time.ts';
import type {
  DeliveryFailure,
  DisabledReason,
  WantingWebhook,
  Webhook,
  WebhookFilter,
  WebhookRef,
  WebhookStatus,
} from '../../domain/webhook.ts';
import type { AuditEntry } from '../audit.ts';

/** With its secrets as they are stored: sealed. */
export interface StoredWebhook extends Webhook {
  readonly secret: string;
  readonly previousSecret: string | null;
  /** Grows with each change that a node which delivers has to know of. */
  readonly changedAt: Micros;
}

export interface WebhookFields {
  readonly url?: string;
  readonly description?: string;
  readonly filter?: WebhookFilter;
  readonly status?: WebhookStatus;
  readonly disabledReason?: DisabledReason | null;
  readonly secret?: string;
  readonly previousSecret?: string | null;
  readonly previousSecretUntil?: Micros | null;
  readonly failingSince?: Micros | null;
}

/** What becomes of the endpoint as it is: two changes at once do not undo each other. */
export type WebhookChange = (former: StoredWebhook) => WebhookFields;

/** What was to be delivered, and why it was not. */
export interface DeadLetter {
  readonly webhook: WebhookRef;
  readonly ref: ConversationRef;
  /** Its event. */
  readonly id: EventId;
  readonly logSeq: number;
  readonly position: number;
  readonly type: EventType;
  readonly attempts: number;
  readonly status: number | null;
  readonly reason: DeliveryFailure;
  readonly diedAt: Micros;
}

/** The last one of a page. */
export type DeadLetterCursor = Pick<DeadLetter, 'diedAt' | 'id'>;

export interface WebhookStore {
  /** `conflict` when the tenant has `max`. */
  add(webhook: StoredWebhook, max: number, audit: AuditEntry): Promise<Problem | null>;
  list(tenant: TenantId): Promise<readonly StoredWebhook[] | Problem>;
  find(webhook: WebhookRef): Promise<StoredWebhook | null | Problem>;
  /** The endpoint with these fields; null: there is none. `audit` null: not worth a record. */
  change(
    webhook: WebhookRef,
    fields: WebhookFields | WebhookChange,
    audit: AuditEntry | null,
  ): Promise<StoredWebhook | null | Problem>;
  /** With its dead letters; answers whether there was one. */
  remove(webhook: WebhookRef, audit: AuditEntry): Promise<boolean | Problem>;
  noteSuccess(webhook: WebhookRef, at: Micros): Promise<Problem | null>;
  noteFailure(
    webhook: WebhookRef,
    failure: { readonly at: Micros; readonly status: number | null; readonly reason: DeliveryFailure },
  ): Promise<Problem | null>;
  /** Of all tenants, for the nodes that deliver. */
  present(limit: number): Promise<readonly PresentWebhook[] | Problem>;

  /** The oldest of the endpoint make room beyond `max`. One that is there already stays. */
  bury(letter: DeadLetter, max: number): Promise<Problem | null>;
  /** The newest first, those after `after` in this order. */
  deadLetters(
    webhook: WebhookRef,
    page: { readonly limit: number; readonly after: DeadLetterCursor | null },
  ): Promise<readonly DeadLetter[] | Problem>;
  deadLetter(webhook: WebhookRef, id: EventId): Promise<DeadLetter | null | Problem>;
  /** The oldest first. */
  oldestDeadLetters(webhook: WebhookRef, limit: number): Promise<readonly DeadLetter[] | Problem>;
  unbury(webhook: WebhookRef, ids: readonly EventId[]): Promise<Problem | null>;
  /** Of all tenants. */
  countDeadLetters(): Promise<number | Problem>;
  /** Removes those of all tenants that are older; answers how many. */
  sweepDeadLetters(before: Micros, limit: number): Promise<number | Problem>;
}

export interface PresentWebhook extends WebhookRef {
  readonly status: WebhookStatus;
  readonly changedAt: Micros;
}

/** What the projector asks. */
export interface WantingWebhooks {
  /** Those of these tenants that are not disabled. */
  of(tenants: readonly TenantId[]): Promise<readonly WantingWebhook[] | Problem>;
}
