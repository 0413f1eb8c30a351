/**
 * The one table of expected refusals. A Problem answers a command; a close ends a connection.
 * Dialects map `code` (and, where they need a finer word, `reason`) to their own bodies.
 */

interface ProblemRow {
  /** HTTP status of the answer, unless a dialect's contract says otherwise. */
  readonly status: number;
  /** What the caller may do: `never` the same request, `later` after retryAfterMs, `changed` after changing it. */
  readonly retry: 'never' | 'later' | 'changed';
  /** Default sentence; shown to people. */
  readonly sentence: string;
}

export const problems = {
  invalid_request: { status: 400, retry: 'changed', sentence: 'The request is not valid.' },
  unknown_op: { status: 400, retry: 'changed', sentence: 'There is no such operation.' },
  too_large: { status: 413, retry: 'changed', sentence: 'The request is larger than what is accepted.' },
  unsupported_media_type: { status: 415, retry: 'changed', sentence: 'The body must be JSON.' },
  unauthenticated: { status: 401, retry: 'changed', sentence: 'Authentication required.' },
  forbidden: { status: 403, retry: 'changed', sentence: 'You are not allowed to do this.' },
  suspended: { status: 403, retry: 'never', sentence: 'This account is suspended.' },
  not_found: { status: 404, retry: 'never', sentence: 'There is no such thing, or you may not see it.' },
  method_not_allowed: { status: 405, retry: 'changed', sentence: 'This method is not allowed here.' },
  conflict: { status: 409, retry: 'changed', sentence: 'This conflicts with what is stored.' },
  conversation_paused: { status: 409, retry: 'later', sentence: 'The conversation is paused for agents.' },
  run_preempted: { status: 409, retry: 'never', sentence: 'This run was preempted or cancelled.' },
  not_your_turn: { status: 409, retry: 'later', sentence: 'Another agent has the floor.' },
  index_gap: { status: 409, retry: 'changed', sentence: 'The delta does not continue the draft.' },
  cursor_expired: { status: 410, retry: 'changed', sentence: 'The cursor is of another epoch of the log.' },
  rate_limited: { status: 429, retry: 'later', sentence: 'Too many requests.' },
  not_implemented: { status: 501, retry: 'never', sentence: 'This is not available on this deployment.' },
  overloaded: { status: 503, retry: 'later', sentence: 'This conversation or node has too much to do.' },
  unavailable: { status: 503, retry: 'later', sentence: 'A server that is needed is away; try again.' },
  storage_full: { status: 507, retry: 'later', sentence: 'The log has no room left.' },
  internal: { status: 500, retry: 'later', sentence: 'Something went wrong on our side.' },
} as const satisfies Record<string, ProblemRow>;

export type ProblemCode = keyof typeof problems;

/** Why one field of a request was refused. `path` is a dotted path as the client wrote it. */
export interface FieldError {
  readonly path: string;
  readonly reason: string;
  readonly limit?: number;
}

export interface ProblemDetail {
  /** A finer word for dialects that distinguish more than the code does (`owner_cannot_leave`). */
  readonly reason?: string;
  readonly retryAfterMs?: number;
  /** How often it may be done, where that was exceeded. */
  readonly limit?: number;
  readonly fields?: readonly FieldError[];
  /** Of `overloaded`: which bound was met (limiting/overload.ts). For metrics; no API shows it. */
  readonly overload?: string;
}

/** An expected refusal: a value, never thrown across a floor, without a stack. */
export class Problem {
  readonly code: ProblemCode;
  readonly message: string;
  readonly reason: string | undefined;
  readonly retryAfterMs: number | undefined;
  readonly limit: number | undefined;
  readonly fields: readonly FieldError[] | undefined;
  readonly overload: string | undefined;

  constructor(code: ProblemCode, message?: string, detail?: ProblemDetail) {
    this.code = code;
    this.message = message ?? problems[code].sentence;
    this.reason = detail?.reason;
    this.retryAfterMs =
      detail?.retryAfterMs ?? (problems[code].retry === 'later' ? defaultRetryMs(code) : undefined);
    this.limit = detail?.limit;
    this.fields = detail?.fields;
    this.overload = detail?.overload;
  }

  get status(): number {
    return problems[this.code].status;
  }
}

function defaultRetryMs(code: ProblemCode): number | undefined {
  return code === 'conversation_paused' || code === 'not_your_turn' || code === 'internal' ? undefined : 1000;
}

/** Why the server ends a socket. 4400-4499: reconnect only after fixing the cause, except 4408. */
export const closes = {
  unauthenticated: { code: 4401, reconnect: false },
  suspended: { code: 4403, reconnect: false },
  slow_consumer: { code: 4408, reconnect: true },
  too_many_bad_frames: { code: 1008, reconnect: false },
  frame_too_large: { code: 1009, reconnect: false },
  binary: { code: 1003, reconnect: false },
  idle: { code: 1001, reconnect: true },
  restarting: { code: 1012, reconnect: true },
} as const satisfies Record<string, { readonly code: number; readonly reconnect: boolean }>;

export type CloseReason = keyof typeof closes;
