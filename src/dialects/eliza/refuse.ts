/** The bodies of refusals (eliza.md §1): each group of routes has one, and some refusals have theirs everywhere. */
import type { Reply } from '../../contract/operation.ts';
import { Problem, type ProblemCode } from '../../domain/problem.ts';
import { formatMicros } from '../../domain/time.ts';
import type { Clock } from '../../ports/clock.ts';

/** A refusal with the code that clients of E1 and E3 compare, and what E1 to E3 may add to it. */
export class CodedProblem extends Problem {
  readonly wireCode: string;
  readonly details: unknown;

  constructor(code: ProblemCode, wireCode: string, message: string, details?: unknown) {
    super(code, message);
    this.wireCode = wireCode;
    this.details = details;
  }
}

/** E1 */
export function refuseCoded(problem: Problem): Reply {
  return ofServer(problem) ?? coded(problem);
}

/** E2 */
export function refuseInText(problem: Problem): Reply {
  const early = ofServer(problem) ?? ofDoor(problem);
  if (early !== null) return early;
  const { status, message } = problem;
  return { status, body: { success: false, error: message, ...detailsOf(problem) } };
}

/** E3 */
export function refuseSessionWith(clock: Pick<Clock, 'nowMicros'>): (problem: Problem) => Reply {
  return (problem) => {
    const early = ofServer(problem) ?? ofDoor(problem);
    if (early !== null) return early;
    const { status, message } = problem;
    const timestamp = formatMicros(clock.nowMicros());
    return {
      status,
      body: { error: { code: sessionCodeOf(problem), message, timestamp, ...detailsOf(problem) } },
    };
  };
}

/** Whatever is wrong with a request has one code here. */
function sessionCodeOf(problem: Problem): string {
  const isPlain = problem.code === 'invalid_request' && !(problem instanceof CodedProblem);
  return isPlain ? 'VALIDATION_ERROR' : wireCodeOf(problem);
}

/** E4 */
export function refuseAsServer(problem: Problem): Reply {
  const { status, message } = problem;
  return (
    ofServer(problem) ??
    ofDoor(problem) ?? { status, body: { success: false, error: { message, code: status } } }
  );
}

/** Of uploaded files: outside of the API nothing has a code but who is not known. */
export function refuseBare(problem: Problem): Reply {
  const { code, reason, status, message } = problem;
  if (code === 'unauthenticated') return refuseAsServer(problem);
  return { status, body: { error: reason === 'unknown_path' ? 'File not found' : message } };
}

/** What upstream's front refuses in the words of E1, wherever it happens. */
function ofDoor(problem: Problem): Reply | null {
  const isOfDoor = problem.code === 'rate_limited' || problem.code === 'unsupported_media_type';
  return isOfDoor ? coded(problem) : null;
}

/** E5, and E4 for what reaches no route. */
function ofServer({ code, reason, status, message }: Problem): Reply | null {
  if (code === 'unauthenticated') {
    return { status, body: { error: 'API key required', message: 'Missing or invalid X-API-KEY header' } };
  }
  const isLost = reason === 'unknown_path' || code === 'method_not_allowed';
  if (!isLost && !unreadable.has(reason ?? '') && code !== 'internal') return null;
  const text = reason === 'unknown_path' ? 'API endpoint not found' : message;
  return { status, body: { success: false, error: { message: text, code: status } } };
}

/** Reasons of bodies and paths that nobody could read. */
const unreadable: ReadonlySet<string> = new Set([
  ...['invalid_json', 'invalid_encoding', 'invalid_text', 'too_deep', 'invalid_path'],
  ...['body_too_large', 'body_too_slow'],
]);

function coded(problem: Problem): Reply {
  const status = problem.code === 'unsupported_media_type' ? 400 : problem.status;
  const message =
    problem.code === 'unsupported_media_type'
      ? 'Content-Type must be application/json, multipart/form-data or application/x-www-form-urlencoded'
      : problem.message;
  return {
    status,
    body: { success: false, error: { code: wireCodeOf(problem), message, ...detailsOf(problem) } },
  };
}

const wireCodes: Readonly<Partial<Record<ProblemCode, string>>> = {
  invalid_request: 'BAD_REQUEST',
  too_large: 'PAYLOAD_TOO_LARGE',
  unsupported_media_type: 'INVALID_CONTENT_TYPE',
  rate_limited: 'RATE_LIMIT_EXCEEDED',
  overloaded: 'SERVICE_UNAVAILABLE',
  unavailable: 'SERVICE_UNAVAILABLE',
  suspended: 'FORBIDDEN',
};

function wireCodeOf(problem: Problem): string {
  if (problem instanceof CodedProblem) return problem.wireCode;
  const isOfId =
    problem.fields?.some(({ path, reason }) => reason === 'format' && idName.test(path)) === true;
  return isOfId ? 'INVALID_ID' : (wireCodes[problem.code] ?? problem.code.toUpperCase());
}

/** Parameters of paths that are UUIDs. */
const idName = /^(agent|channel|room|world|server|memory|log|run|message|group)Id$/;

function detailsOf(problem: Problem): { readonly details?: unknown } {
  if (problem instanceof CodedProblem)
    return problem.details === undefined ? {} : { details: problem.details };
  return problem.fields === undefined ? {} : { details: problem.fields };
}
