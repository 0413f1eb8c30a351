/** One request to an endpoint, signed, and what came of it. */
import { Problem } from '../../domain/problem.ts';
import { type DeliveryFailure, retryAfterMsOf } from '../../domain/webhook.ts';
import type { Clock } from '../../ports/clock.ts';
import type { HttpFault, HttpRequests, HttpResponse } from '../../ports/http/http-requests.ts';
import type { Span, SpanStart, Tracing } from '../../ports/tracing.ts';
import type { WebhookSigning } from '../../ports/webhooks/webhook-deliveries.ts';
import type { StoredWebhook } from '../../ports/webhooks/webhook-store.ts';
import { type KeptPlace, keepText, openText } from '../sealing/kept-text.ts';
import type { Sealer } from '../sealing/sealer.ts';

export interface AttemptDeps {
  readonly signing: WebhookSigning;
  readonly http: HttpRequests;
  readonly sealer: Pick<Sealer, 'sealText' | 'opener'>;
  readonly clock: Pick<Clock, 'nowMicros'>;
  readonly tracing: Tracing;
}

export interface WebhookMessage {
  /** The same for each attempt of one delivery. */
  readonly id: string;
  readonly body: string;
  /** 1 for the first. */
  readonly attempt: number;
  /** W3C trace context of what is told; null: it is not traced, and neither is this. */
  readonly cause: string | null;
}

export interface Failed {
  readonly kind: 'failed';
  /** Null: there was no answer. */
  readonly status: number | null;
  readonly reason: DeliveryFailure;
  readonly retryAfterMs: number | null;
}

export type Attempted =
  | { readonly kind: 'delivered'; readonly status: number }
  | Failed
  /** The trouble is ours: it says nothing of the endpoint. */
  | { readonly kind: 'untried' };

export async function attempt(
  deps: AttemptDeps,
  webhook: StoredWebhook,
  message: WebhookMessage,
): Promise<Attempted> {
  const { tracing } = deps;
  if (!tracing.isOn || message.cause === null) return await post(deps, webhook, message, null);
  const span = tracing.begin(spanOf(webhook, message, message.cause));
  try {
    // Not recorded: it goes on as it came.
    const attempted = await post(deps, webhook, message, span?.traceparent ?? message.cause);
    endSpan(span, attempted);
    return attempted;
  } finally {
    // Ended already, unless that rejected.
    span?.end('internal');
  }
}

async function post(
  deps: AttemptDeps,
  webhook: StoredWebhook,
  { id, body }: WebhookMessage,
  traceparent: string | null,
): Promise<Attempted> {
  const secrets = await secretsOf(deps, webhook);
  if (secrets === 'lost') return failed('secret_lost');
  if (secrets instanceof Problem) return { kind: 'untried' };
  const timestampSec = Math.floor(deps.clock.nowMicros() / 1_000_000);
  const signatures = secrets.map((secret) => deps.signing.sign(secret, { id, timestampSec, body }));
  const headers = {
    'content-type': 'application/json',
    'user-agent': 'Parley-Webhooks/1',
    'webhook-id': id,
    'webhook-timestamp': String(timestampSec),
    'webhook-signature': signatures.join(' '),
    ...(traceparent === null ? {} : { traceparent }),
  };
  const answer = await deps.http.send({ method: 'POST', url: webhook.url, headers, body });
  return typeof answer === 'string' ? ofFault(answer) : ofAnswer(answer, deps.clock);
}

/** As the conventions for HTTP clients have it, without the path: that may be a secret. */
function spanOf({ tenant, id, url }: StoredWebhook, message: WebhookMessage, parent: string): SpanStart {
  const { hostname, port, protocol } = new URL(url);
  const resent = message.attempt - 1;
  const facts = {
    ...{ tenant, webhook: id, event: message.id, attempt: message.attempt, 'http.request.method': 'POST' },
    ...{ 'server.address': hostname, 'server.port': Number(port) || (protocol === 'https:' ? 443 : 80) },
    ...(resent > 0 ? { 'http.request.resend_count': resent } : {}),
  };
  return { name: 'webhook attempt', kind: 'client', parent, facts };
}

function endSpan(span: Span | null, attempted: Attempted): void {
  if (span === null) return;
  if (attempted.kind === 'untried') return span.end('untried');
  const { status } = attempted;
  if (status !== null) span.note({ 'http.response.status_code': status });
  if (attempted.kind === 'delivered') return span.end();
  span.end(status === null ? attempted.reason : String(status));
}

function failed(
  reason: DeliveryFailure,
  status: number | null = null,
  retryAfterMs: number | null = null,
): Failed {
  return { kind: 'failed', status, reason, retryAfterMs };
}

function ofAnswer({ status, headers }: HttpResponse, clock: Pick<Clock, 'nowMicros'>): Attempted {
  if (status >= 200 && status < 300) return { kind: 'delivered', status };
  const isBusy = status === 429 || status === 503;
  const asked = isBusy ? retryAfterMsOf(headers['retry-after']?.[0], clock.nowMicros() / 1_000) : null;
  return failed('status', status, asked);
}

function ofFault(fault: HttpFault): Attempted {
  switch (fault) {
    case 'away':
    // Of no request whose body is ignored.
    case 'too_large':
      return failed('unreachable');
    case 'late':
      return failed('timeout');
    case 'private_address':
      return failed('private_address');
    case 'overloaded':
      return { kind: 'untried' };
  }
}

/** The present one first. `lost`: the tenant's data keys were destroyed. */
async function secretsOf(
  { sealer, clock }: AttemptDeps,
  webhook: StoredWebhook,
): Promise<readonly string[] | 'lost' | Problem> {
  const { previousSecret, previousSecretUntil } = webhook;
  const isOverlapping = previousSecret !== null && (previousSecretUntil ?? 0) > clock.nowMicros();
  const secrets: string[] = [];
  for (const stored of isOverlapping ? [webhook.secret, previousSecret] : [webhook.secret]) {
    const secret = await openText(sealer, placeOf(webhook), stored);
    if (secret instanceof Problem) return secret;
    if (secret !== null) secrets.push(secret);
  }
  return secrets.length === 0 ? 'lost' : secrets;
}

/** A secret as it is stored. */
export function sealSecret(
  sealer: Pick<Sealer, 'sealText'>,
  webhook: Pick<StoredWebhook, 'tenant' | 'id'>,
  secret: string,
): Promise<string | Problem> {
  return keepText(sealer, placeOf(webhook), secret, true);
}

const placeOf = ({ tenant, id }: Pick<StoredWebhook, 'tenant' | 'id'>): KeptPlace => ({
  ...{ tenant, kind: 'webhook-secret', id },
});
