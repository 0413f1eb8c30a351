/** Problems in the words of Vero (vero.md §1): status, code, and the body of an error. */
import type { Reply, RequestContext } from '../../contract/operation.ts';
import { type Problem, type ProblemCode, problems } from '../../domain/problem.ts';

interface Word {
  readonly code: string;
  /** Where they differ from the problem's own. */
  readonly status?: number;
  readonly message?: string;
  /** Reasons that are codes of their own here. */
  readonly reasons?: readonly string[];
}

const words: { readonly [C in ProblemCode]: Word } = {
  invalid_request: {
    code: 'invalid_request',
    reasons: ['invalid_json', 'invalid_encoding', 'unknown_user', 'unsupported_for_direct'],
  },
  unknown_op: { code: 'invalid_request' },
  too_large: { code: 'payload_too_large' },
  unsupported_media_type: { code: 'unsupported_media_type' },
  unauthenticated: {
    code: 'unauthorized',
    reasons: [
      'token_expired',
      'token_revoked',
      'invalid_credentials',
      'invalid_refresh_token',
      'refresh_token_reused',
    ],
  },
  forbidden: {
    code: 'forbidden',
    reasons: ['not_message_sender', 'edit_window_expired', 'invalid_current_password', 'signature_invalid'],
  },
  suspended: { code: 'forbidden' },
  not_found: { code: 'not_found' },
  method_not_allowed: { code: 'method_not_allowed' },
  conflict: {
    code: 'conflict',
    reasons: ['email_taken', 'upload_incomplete', 'idempotency_conflict', 'direct_conversation_immutable'],
  },
  conversation_paused: { code: 'conversation_paused' },
  run_preempted: { code: 'run_preempted' },
  not_your_turn: { code: 'not_your_turn' },
  index_gap: { code: 'conflict' },
  cursor_expired: { code: 'invalid_request', status: 400 },
  rate_limited: { code: 'rate_limited' },
  not_implemented: { code: 'not_implemented' },
  overloaded: { code: 'unavailable' },
  unavailable: { code: 'unavailable' },
  storage_full: { code: 'unavailable', status: 503 },
  internal: { code: 'internal' },
};

/** Reasons of the front end that have another word here. A malformed id is no other answer than an unknown one. */
const renamed: Readonly<Partial<Record<string, Word>>> = {
  unknown_path: { code: 'route_not_found' },
  invalid_path: { code: 'not_found', status: 404 },
  // Reasons of the core. Who only may observe learns no more of a conversation than a stranger (vero.md §1).
  message_not_found: { code: 'not_found' },
  client_id_reused: { code: 'idempotency_conflict' },
  not_sender: { code: 'not_message_sender' },
  not_a_participant: { code: 'not_found', status: 404, message: problems.not_found.sentence },
  too_many_reactions: { code: 'invalid_request', status: 400 },
};

export interface ErrorWords {
  readonly code: string;
  readonly message: string;
  readonly details?: object;
}

/** A problem as clients of this API are told of it, over HTTP and on the socket. */
export function errorOf({ code, reason, fields, message }: Problem): ErrorWords {
  const other = reason === undefined ? undefined : renamed[reason];
  const word = other ?? words[code];
  const isOwnCode = reason !== undefined && word.reasons?.includes(reason) === true;
  // A finer reason without a code of its own is told beside it: clients may ignore details.
  const details = {
    ...(fields === undefined ? {} : { fields }),
    ...(reason === undefined || isOwnCode || other !== undefined ? {} : { reason }),
  };
  const hasDetails = Object.keys(details).length > 0;
  return {
    ...{ code: isOwnCode ? reason : word.code, message: word.message ?? message },
    ...(hasDetails ? { details } : {}),
  };
}

export function refuse(problem: Problem, { requestId }: RequestContext): Reply {
  const { reason } = problem;
  const word = (reason === undefined ? undefined : renamed[reason]) ?? words[problem.code];
  return { status: word.status ?? problem.status, body: { error: errorOf(problem), request_id: requestId } };
}
