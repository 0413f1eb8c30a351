/** Problems in the words of General Bots: `{error, message, code}` (generalbots.md §2). */
import type { Reply } from '../../contract/operation.ts';
import { refusalsOf } from '../../contract/refusals.ts';
import type { Problem, ProblemCode } from '../../domain/problem.ts';
import type { Micros } from '../../domain/time.ts';
import type { Clock } from '../../ports/clock.ts';
import { rateHeaders } from './metered.ts';
import { ErrorBody } from './wire.ts';

export interface ChatError {
  readonly error: string;
  readonly message: string;
  readonly code: string;
}

/** Codes that are called otherwise here. */
const names: Readonly<Partial<Record<ProblemCode, string>>> = {
  too_large: 'payload_too_large',
  unauthenticated: 'unauthorized',
  suspended: 'forbidden',
  unknown_op: 'invalid_message',
  overloaded: 'unavailable',
  storage_full: 'unavailable',
};
const messageFields = /^(content|initial_message|attachments)(\.|$)/;

/**
 * `invalid_message` is what is wrong with a message itself, `invalid_request` anything else. Where a body is no
 * UTF-8 nobody knows which field it is: it is the one that people write.
 */
export function errorOf(problem: Problem): ChatError {
  const { code, fields, message, reason } = problem;
  const isInMessage = fields?.some(({ path }) => messageFields.test(path)) === true;
  const isOfMessage = code === 'invalid_request' && (isInMessage || reason === 'invalid_encoding');
  const error = isOfMessage ? 'invalid_message' : (names[code] ?? code);
  const text = code === 'internal' ? 'Something went wrong on our side.' : message;
  return { error, message: text, code: error.toUpperCase() };
}

export function refuseWith(clock: Pick<Clock, 'nowMicros'>): (problem: Problem) => Reply {
  return (problem) => ({
    status: problem.status,
    body: errorOf(problem),
    headers: usedUp(problem, () => clock.nowMicros()),
  });
}

/** Of a window in which nothing is left. */
function usedUp({ code, limit, retryAfterMs }: Problem, now: () => Micros): Readonly<Record<string, string>> {
  if (code !== 'rate_limited' || limit === undefined) return {};
  return rateHeaders(limit, 0, Math.ceil((now() / 1000 + (retryAfterMs ?? 0)) / 1000));
}

/** The refusals of an operation, for its declaration. */
export const errors = refusalsOf(ErrorBody, {
  400: 'The request or the message is not valid',
  401: 'No valid credential',
  403: 'Seen, but not allowed: the conversation is archived',
  404: 'No such thing, or not for the caller',
  409: 'The client id was used for something else',
  429: 'Too many; see X-RateLimit-* and Retry-After',
  503: 'A server is away or too busy; see Retry-After',
});
