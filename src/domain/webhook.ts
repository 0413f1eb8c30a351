/** Webhooks: where events of a tenant are posted to, which of them, and when they are tried again. Pure. */
import { type Static, Type } from '@sinclair/typebox';
import { type ConversationRef, type Event, type EventType, eventData } from './event.ts';
import type { ConversationId, PrincipalId, ServiceId, TenantId } from './ids.ts';
import { limits } from './limits.ts';
import { type Micros, parseMicros } from './time.ts';

export const eventTypes = Object.keys(eventData) as readonly EventType[];

/** What an endpoint wants. */
export interface WebhookFilter {
  /** Empty: of every type. */
  readonly types: readonly EventType[];
  /** Null: of every one. */
  readonly conversation: ConversationId | null;
  /** Null: of every service, and of none. */
  readonly service: ServiceId | null;
}

export const WebhookStatus = Type.Union([
  Type.Literal('active'),
  /** Events wait until it is active again. */
  Type.Literal('paused'),
  /** By the platform; events are not kept for it any more. */
  Type.Literal('disabled'),
]);
export type WebhookStatus = Static<typeof WebhookStatus>;

/** `gone`: it answered 410. `failing`: it took nothing for days. `backlog`: too many deliveries wait for it. */
export type DisabledReason = 'gone' | 'failing' | 'backlog';

/** Names one endpoint. */
export interface WebhookRef {
  readonly tenant: TenantId;
  /** UUID. */
  readonly id: string;
}

/** Why a request was no delivery: no 2xx, or no answer. */
export type DeliveryFailure =
  | 'status'
  | 'unreachable'
  | 'timeout'
  /** Its name leads to an address that is not public. */
  | 'private_address'
  /** Its secret does not open any more: it has to be rotated. */
  | 'secret_lost';

export interface Webhook extends WebhookRef {
  readonly url: string;
  readonly description: string;
  readonly filter: WebhookFilter;
  readonly status: WebhookStatus;
  readonly disabledReason: DisabledReason | null;
  readonly createdAt: Micros;
  readonly createdBy: PrincipalId;
  /** Until when the former secret signs beside the present one; null: there is none. */
  readonly previousSecretUntil: Micros | null;
  /** Since when nothing was delivered. */
  readonly failingSince: Micros | null;
  readonly lastSuccessAt: Micros | null;
  readonly lastFailure: {
    readonly at: Micros;
    readonly status: number | null;
    readonly reason: DeliveryFailure;
  } | null;
}

/** An endpoint as the projector knows it. */
export interface WantingWebhook extends WebhookRef {
  readonly filter: WebhookFilter;
  readonly createdAt: Micros;
}

/** True when the endpoint is to get this event: of its tenant, by its filter, and not older than itself by the clocks of two nodes. */
export function wants(webhook: WantingWebhook, ref: ConversationRef, event: Event): boolean {
  const { types, conversation, service } = webhook.filter;
  return (
    webhook.tenant === ref.tenant &&
    (types.length === 0 || types.includes(event.type)) &&
    (conversation === null || conversation === ref.conversation) &&
    (service === null || service === ref.service) &&
    (parseMicros(event.at) ?? 0) >= webhook.createdAt - limits.webhookSkewUs
  );
}

/** When and how often deliveries are tried; default: limits. */
export interface RetryRules {
  readonly minMs: number;
  readonly maxMs: number;
  /** A delivery that failed and is older is given up, unless it was tried fewer than so many times. */
  readonly retriedMs: number;
  readonly attemptsMin: number;
  /** An endpoint that took nothing for so long is disabled. */
  readonly failingMsMax: number;
}

export const retryRules: RetryRules = {
  minMs: limits.webhookRetryMsMin,
  maxMs: limits.webhookRetryMsMax,
  retriedMs: limits.webhookRetriedMs,
  attemptsMin: limits.webhookAttemptsMin,
  failingMsMax: limits.webhookFailingMsMax,
};

/**
 * Milliseconds until the next attempt: doubled with each, a fifth more or less by `random` in [0, 1), so that what
 * failed together does not come together again. `retryAfterMs`: what the endpoint asked for; null: nothing.
 */
export function retryDelayMs(
  { minMs, maxMs }: RetryRules,
  attempts: number,
  random: number,
  retryAfterMs: number | null,
): number {
  const doubled = Math.min(maxMs, minMs * 2 ** Math.min(attempts - 1, 30));
  const spread = Math.round(doubled * (0.8 + 0.4 * random));
  return Math.max(spread, Math.min(retryAfterMs ?? 0, limits.webhookRetryAfterMsMax));
}

/** True when a delivery that has failed is not tried any more. */
export function isDead(rules: RetryRules, attempts: number, ageMs: number): boolean {
  return attempts >= rules.attemptsMin && ageMs >= rules.retriedMs;
}

/** Milliseconds that a `Retry-After` header asks for, seconds or a date; null when it is neither. */
export function retryAfterMsOf(header: string | undefined, nowMs: number): number | null {
  if (header === undefined) return null;
  if (/^\d{1,9}$/.test(header.trim())) return Number(header) * 1_000;
  const at = Date.parse(header);
  return Number.isNaN(at) ? null : Math.max(0, at - nowMs);
}

/** Whether an address can be an endpoint at all; `isPrivateAllowed`: without TLS, too. A sentence says why not. */
export function refuseUrl(text: string, isPrivateAllowed: boolean): string | null {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    return 'must be an absolute URL';
  }
  if (url.protocol !== 'https:' && !(isPrivateAllowed && url.protocol === 'http:')) {
    return isPrivateAllowed ? 'must begin with https:// or http://' : 'must begin with https://';
  }
  // Left out on the way: what is stored and shown would not be what is asked.
  if (/[\s\p{Cc}]/u.test(text)) return 'must not hold spaces or control characters';
  if (url.username !== '' || url.password !== '') return 'must not hold a user name or password';
  return null;
}
