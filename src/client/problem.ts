/** Refusals as the client throws them. */
import type { FieldError, ProblemCode } from '../domain/problem.ts';

/**
 * The server's codes, and three of the client's own: `disconnected` (the connection was lost before the answer),
 * `unreachable` (no node answered within connectTimeoutMs), `closed` (this client was closed).
 */
export type ParleyProblemCode = ProblemCode | 'disconnected' | 'unreachable' | 'closed';

export interface ParleyProblemDetail {
  readonly retryAfterMs?: number | undefined;
  readonly fields?: readonly FieldError[] | undefined;
  readonly isOutcomeUnknown?: boolean;
  readonly cause?: unknown;
}

/** What the server refused, or what became of the connection. The sentence is for people, the code for programs. */
export class ParleyProblem extends Error {
  override readonly name = 'ParleyProblem';
  readonly code: ParleyProblemCode;
  /** When the same request may succeed. */
  readonly retryAfterMs: number | undefined;
  /** Which fields were wrong, of an `invalid_request`. */
  readonly fields: readonly FieldError[] | undefined;
  /** What was asked may have been done: the connection was lost between the request and its answer. */
  readonly isOutcomeUnknown: boolean;

  constructor(code: ParleyProblemCode, message?: string, detail: ParleyProblemDetail = {}) {
    super(message ?? code, detail.cause === undefined ? undefined : { cause: detail.cause });
    this.code = code;
    this.retryAfterMs = detail.retryAfterMs;
    this.fields = detail.fields;
    this.isOutcomeUnknown = detail.isOutcomeUnknown ?? false;
  }
}

/** A problem as it stands in a reply. */
export interface ProblemFields {
  readonly code?: string;
  readonly message?: string;
  readonly retry_after_ms?: number | null;
  readonly fields?: readonly FieldError[];
}

export function problemOf({ code, message, retry_after_ms, fields }: ProblemFields): ParleyProblem {
  const detail = { retryAfterMs: retry_after_ms ?? undefined, fields };
  return new ParleyProblem((code ?? 'internal') as ParleyProblemCode, message, detail);
}

/** Refused for the moment: nothing was done, and the same request may be granted later. */
export function isPassing(error: unknown): boolean {
  if (!(error instanceof ParleyProblem)) return false;
  return error.code === 'unavailable' || error.code === 'overloaded' || error.code === 'rate_limited';
}

export function isDisconnected(error: unknown): boolean {
  return error instanceof ParleyProblem && error.code === 'disconnected';
}
