/** Refusals in the shape of the Symbia dialect: clients of either read one of the two keys. */
import type { Reply } from '../../contract/operation.ts';
import { refusalsOf } from '../../contract/refusals.ts';
import type { Problem } from '../../domain/problem.ts';
import { ErrorBody } from './wire.ts';

export function refuse(problem: Problem): Reply {
  return { status: problem.status, body: { error: problem.message, message: problem.message } };
}

/** The refusals that an operation may answer, for its declaration. */
export const errors = refusalsOf(ErrorBody, {
  400: 'The request is not valid',
  401: 'No valid credential',
  403: 'Not an administrator, or of another tenant',
  404: 'No such thing',
  409: 'Conflicts with what is stored',
  429: 'Too many requests; see Retry-After',
  503: 'A server is away or too busy; see Retry-After',
});
