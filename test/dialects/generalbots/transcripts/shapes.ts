/** The words that transcripts of General Bots share. */
import type { Expected, Shape } from '../../../kit/transcripts/step.ts';

export const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
export const uuid4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
/** Six fraction digits, UTC (common.md). */
export const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/;
export const text = (value: unknown): boolean => typeof value === 'string' && value !== '';

type Fields = Readonly<Record<string, Shape>>;

/** Iris is no agent that runs here: nothing is answered. */
export const started = (fields: Fields = {}): Fields => ({
  conversation_id: uuid,
  session_id: uuid4,
  status: 'active',
  bot_id: '{iris}',
  created_at: time,
  ...fields,
});

export const delivered: Fields = { message_id: uuid, timestamp: time, status: 'delivered' };

export const said = (content: string, fields: Fields = {}): Fields => ({
  id: uuid,
  sender: 'user',
  content,
  timestamp: time,
  attachments: [],
  message_type: 1,
  ...fields,
});

export const item = (fields: Fields = {}): Fields => ({
  id: '{talk}',
  bot_id: '{iris}',
  bot_name: 'iris',
  last_message: null,
  last_activity: time,
  status: 'active',
  ...fields,
});

const statuses: Readonly<Record<string, number>> = {
  invalid_request: 400,
  invalid_message: 400,
  unauthorized: 401,
  forbidden: 403,
  not_found: 404,
  method_not_allowed: 405,
  conflict: 409,
  payload_too_large: 413,
  unsupported_media_type: 415,
  rate_limited: 429,
};

/** The body of every refusal (generalbots.md §2). */
export function refused(error: string, headers: Expected['headers'] = {}): Expected {
  const body = { error, message: text, code: error.toUpperCase() };
  return { status: statuses[error] ?? 0, headers: { ...headers }, body };
}
