/**
 * Deliveries: one for each pair of event and endpoint. Whoever projects the event adds them, one node at a time takes
 * those of an endpoint. Names and numbers only: what is sent is read from the log then.
 */
import type { ConversationRef, EventType } from '../../domain/event.ts';
import type { EventId } from '../../domain/ids.ts';
import type { Problem } from '../../domain/problem.ts';
import type { Micros } from '../../domain/time.ts';
import type { WebhookRef } from '../../domain/webhook.ts';

export interface WebhookDelivery {
  readonly webhook: WebhookRef;
  readonly ref: ConversationRef;
  readonly event: EventId;
  /** Where the log has it. */
  readonly logSeq: number;
  readonly position: number;
  readonly type: EventType;
  /** W3C trace context of its append; absent: it is not traced. */
  readonly trace?: string;
}

export interface WebhookQueue {
  /** Stores them in this order; one that was added a moment ago is not added again. Null: all are stored. */
  add(deliveries: readonly WebhookDelivery[]): Promise<Problem | null>;
  /** The same for those that were given up before. */
  addAgain(deliveries: readonly WebhookDelivery[]): Promise<Problem | null>;
}

export interface TakenDelivery {
  readonly delivery: WebhookDelivery;
  /** When it was stored. */
  readonly queuedAt: Micros;
  /** 1 for the first. Those that a node died with, or gave back, count as well. */
  readonly attempt: number;
  /** Aborted when the endpoint is closed here: what only waits is given back by rejecting. */
  readonly draining: AbortSignal;
  /** Aborted when it is to be given back, whatever it does. */
  readonly signal: AbortSignal;
}

export interface WebhookFeed {
  /**
   * Delivers what waits for an endpoint to exactly one node, and to `take` one after another for each conversation,
   * by position; behind one that failed the next ones wait until it is limits.webhookOrderMs old. `take` resolves to
   * null when it is over, or to milliseconds after which it shall come again; when it rejects, or its node dies, it
   * comes again soon, here or elsewhere. `close()` gives back what waits at once, and the rest after `graceMs`.
   */
  consume(
    webhook: WebhookRef,
    take: (taken: TakenDelivery) => Promise<number | null>,
  ): Promise<{ close(graceMs: number): Promise<void> }>;
  /** How many wait for an endpoint, those that failed included; null when it cannot be told. */
  waiting(webhook: WebhookRef): Promise<number | null>;
  /** How many wait in the whole deployment. */
  allWaiting(): Promise<number | null>;
  /** Drops what waits for an endpoint that is not there any more. */
  forget(webhook: WebhookRef): Promise<void>;
}

/** The signature of the Standard Webhooks specification. */
export interface WebhookSigning {
  /** `whsec_` and 32 random bytes in base64. */
  newSecret(): string;
  /** `v1,` and the base64 of HMAC-SHA256 over `<id>.<timestamp>.<body>`. */
  sign(
    secret: string,
    signed: { readonly id: string; readonly timestampSec: number; readonly body: string },
  ): string;
}
