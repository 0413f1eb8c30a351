import { refusalsOf } from '../../contract/refusals.ts';
import { ErrorBody } from './wire.ts';

/** The error responses an operation may give, for its declaration. */
export const errors = refusalsOf(ErrorBody, {
  400: 'The request is not valid',
  401: 'No valid credential',
  403: 'Not allowed',
  404: 'No such thing, or not for the caller',
  409: 'Conflicts with what is stored',
  429: 'Too many attempts; see Retry-After',
  503: 'A server is away or too busy; see Retry-After',
});
