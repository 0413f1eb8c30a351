/** Refusals of sessions in their words (E3). */
import { refusalsOf } from '../../../contract/refusals.ts';
import type { Problem, ProblemCode } from '../../../domain/problem.ts';
import { formatMicros, type Micros } from '../../../domain/time.ts';
import { CodedProblem } from '../refuse.ts';
import { SessionError } from '../wire.ts';

export const errors = refusalsOf(SessionError, {
  400: 'Something is missing or has the wrong form',
  401: 'No valid credential',
  403: 'Not allowed: another user than the caller',
  404: 'No such session or agent, or not for the caller',
  409: 'Refused in the present state, or an id that was used for something else',
  410: 'The session has expired: told once',
  413: 'Larger than what is accepted',
  429: 'Too many; see Retry-After',
  503: 'A server is away or too busy; see Retry-After',
});

const invalid = (message: string, details: object): Problem =>
  new CodedProblem('invalid_request', 'VALIDATION_ERROR', message, details);

export const missingFields = (fields: readonly string[]): Problem =>
  invalid(`Missing required fields: ${fields.join(', ')}`, { missingFields: fields });

export const noUuid = (field: string, value: unknown): Problem =>
  invalid(`Invalid UUID format for field '${field}'`, {
    field,
    providedValue: String(value).slice(0, 100),
    expectedFormat: 'UUID v4',
  });

export const invalidContent = (reason: string): Problem => invalid(`Invalid content: ${reason}`, { reason });
export const invalidMetadata = (reason: string): Problem =>
  invalid(`Invalid metadata: ${reason}`, { reason });
export const invalidTimeouts = (reason: string): Problem =>
  invalid(`Invalid timeout configuration: ${reason}`, { reason });

export const invalidPage = (parameter: string, value: string, reason: string): Problem =>
  invalid(`Invalid pagination parameter '${parameter}': ${reason}`, {
    parameter,
    value: value.slice(0, 100),
    reason,
  });

export const noAgent = (agentId: string): Problem =>
  new CodedProblem('not_found', 'AGENT_NOT_FOUND', `Agent with ID '${agentId}' not found`, { agentId });

export const noSession = (id: string): Problem =>
  new CodedProblem('not_found', 'SESSION_NOT_FOUND', `Session with ID '${id.slice(0, 100)}' not found`, {
    sessionId: id.slice(0, 100),
  });

export const sessionExpired = (sessionId: string, expiresAt: Micros): Problem =>
  new CodedProblem('cursor_expired', 'SESSION_EXPIRED', `Session '${sessionId}' has expired`, {
    sessionId,
    expiresAt: formatMicros(expiresAt),
  });

export const notRenewed = (sessionId: string, details: object): Problem =>
  new CodedProblem(
    'invalid_request',
    'SESSION_RENEWAL_FAILED',
    `Cannot renew session '${sessionId}': Maximum duration reached`,
    details,
  );

const ofServers: ReadonlySet<ProblemCode> = new Set(['unavailable', 'overloaded', 'storage_full']);

/** What is no fault of the request has a code for what was to be done. */
function failed(problem: Problem, wireCode: string, message: string): Problem {
  return ofServers.has(problem.code) ? new CodedProblem(problem.code, wireCode, message) : problem;
}

export const notBegun = (problem: Problem): Problem =>
  failed(problem, 'SESSION_CREATION_FAILED', `Failed to create session: ${problem.message}`);

export const notSent = (sessionId: string, problem: Problem): Problem =>
  failed(
    problem,
    'MESSAGE_SEND_FAILED',
    `Failed to send message in session '${sessionId}': ${problem.message}`,
  );
