import t from 'tap';
import { refuse } from '../../../src/dialects/v2/refuse.ts';
import { Problem, type ProblemCode, type ProblemDetail } from '../../../src/domain/problem.ts';

const told = (code: ProblemCode, detail?: ProblemDetail, message?: string): string => {
  const { status, body } = refuse(new Problem(code, message, detail));
  return `${status} ${(body as { readonly detail: string }).detail}`;
};

t.test('refusals that no transcript provokes have the words of the contract, too', async (t) => {
  t.equal(told('rate_limited', { retryAfterMs: 900 }), '429 Rate limit exceeded');
  t.equal(told('internal', {}, 'relation "conversations" does not exist'), '500 Internal server error');
  t.equal(told('forbidden', { reason: 'no_tenant' }), '403 Organization access required');
  t.equal(told('suspended'), '403 User account is not active');
  t.equal(told('unauthenticated', { reason: 'token_expired' }), '401 Invalid authentication credentials');
  t.equal(told('unauthenticated'), '401 Not authenticated');
  t.equal(told('invalid_request', { reason: 'body_too_slow' }), '400 There was an error parsing the body');
  t.match(told('unavailable'), /^503 ./);
  t.match(told('conversation_paused'), /^409 ./);
});
