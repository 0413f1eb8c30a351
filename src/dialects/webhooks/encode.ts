/** Endpoints and dead letters in the words of this API, cursors and refusals among them. */
import type { Reply } from '../../contract/operation.ts';
import { refusalsOf } from '../../contract/refusals.ts';
import type { Problem } from '../../domain/problem.ts';
import { formatMicros, type Micros } from '../../domain/time.ts';
import type { Webhook } from '../../domain/webhook.ts';
import type { DeadLetter, DeadLetterCursor } from '../../ports/webhooks/webhook-store.ts';
import { type DeadLetterBody, ErrorBody, type WebhookBody } from './wire.ts';

const timeOf = (micros: Micros | null): string | null => (micros === null ? null : formatMicros(micros));

export function encodeWebhook(webhook: Webhook): WebhookBody {
  const { filter, lastFailure } = webhook;
  return {
    ...{ id: webhook.id, url: webhook.url, description: webhook.description, types: [...filter.types] },
    ...{ conversation_id: filter.conversation, service_id: filter.service },
    ...{ status: webhook.status, disabled_reason: webhook.disabledReason },
    ...{ created_at: formatMicros(webhook.createdAt), created_by: webhook.createdBy },
    ...{ previous_secret_until: timeOf(webhook.previousSecretUntil) },
    ...{ failing_since: timeOf(webhook.failingSince), last_success_at: timeOf(webhook.lastSuccessAt) },
    last_failure:
      lastFailure === null
        ? null
        : { at: formatMicros(lastFailure.at), status: lastFailure.status, reason: lastFailure.reason },
  };
}

export function encodeDeadLetter(letter: DeadLetter): DeadLetterBody {
  return {
    ...{
      id: letter.id,
      conversation_id: letter.ref.conversation,
      position: letter.position,
      type: letter.type,
    },
    ...{ attempts: letter.attempts, last_status: letter.status, reason: letter.reason },
    died_at: formatMicros(letter.diedAt),
  };
}

/** Of the last one of a page that may have a next one. */
export const encodeCursor = ({ diedAt, id }: DeadLetterCursor): string => `${diedAt}_${id}`;

/** Of a text that the declaration has checked. */
export function decodeCursor(cursor: string | undefined): DeadLetterCursor | null {
  const [diedAt, id] = cursor?.split('_') ?? [];
  return diedAt === undefined || id === undefined ? null : { diedAt: Number(diedAt), id };
}

export function refuse({ status, code, message, retryAfterMs, fields }: Problem): Reply {
  const problem = {
    ...{ code, message },
    ...(retryAfterMs === undefined ? {} : { retry_after_ms: Math.ceil(retryAfterMs) }),
    ...(fields === undefined ? {} : { fields }),
  };
  return { status, body: { problem } };
}

/** The refusals that an operation may answer, for its declaration. */
export const errors = refusalsOf(ErrorBody, {
  400: 'The request is not valid',
  401: 'No valid credential',
  403: 'Neither owner nor admin of the tenant',
  404: 'There is no such webhook, or dead letter',
  409: 'As many as there may be, or disabled',
  429: 'Too many requests; see Retry-After',
  503: 'A server is away or too busy, or nothing can be sealed here; see Retry-After',
});
