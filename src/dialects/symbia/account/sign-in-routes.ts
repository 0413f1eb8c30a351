/** POST /api/auth/login and /api/auth/logout: a session of ours, for browsers in a cookie. */
import { type Operation, operation } from '../../../contract/operation.ts';
import { traceOf } from '../../../contract/request-trace.ts';
import { clearSessionCookies, setSessionCookie } from '../../../contract/session-cookie.ts';
import { limits } from '../../../domain/limits.ts';
import { Problem } from '../../../domain/problem.ts';
import type { SignIn } from '../../../ports/identity/identity-service.ts';
import { Fields } from '../fields.ts';
import { ErrorBody } from '../wire.ts';
import { say } from '../wording.ts';
import { signedInUser } from './session-user.ts';
import { LoginBody, SignedInBody, SignedOutBody } from './wire.ts';

export interface SignInDeps {
  readonly signIn: Pick<SignIn, 'login' | 'logout'>;
  /** Whoever comes, comes by TLS, also where nobody tells us so (PARLEY_PUBLIC_URL). */
  readonly isSecure: boolean;
}

export function signInRoutes(deps: SignInDeps): readonly Operation[] {
  return [login(deps), logout(deps)];
}

function login({ signIn, isSecure }: SignInDeps): Operation {
  return operation(
    {
      id: 'symbia.login',
      rate: 'sign-in',
      method: 'POST',
      path: '/api/auth/login',
      summary: 'Opens a session with address and password, and sets the cookie `token`',
      access: 'public',
      schemas: { body: LoginBody },
      responses: {
        200: { description: 'Signed in.', schema: SignedInBody },
        401: { description: 'Not the address and password of anybody.', schema: ErrorBody },
        403: { description: 'The account is suspended.', schema: ErrorBody },
      },
      example: { body: { email: 'ada@example.org', password: 'correct horse battery' } },
      bodyBytesMax: limits.signInBodyBytesMax,
    },
    async (request) => {
      const asked = decodeLogin(request.body);
      if (asked instanceof Problem) return asked;
      const isTls = isSecure || request.isSecure;
      const outcome = await signIn.login(asked.email, asked.password, traceOf(request));
      if (outcome instanceof Problem) return inLoginWords(outcome);
      const { principal, tenant, tokens } = outcome;
      return {
        status: 200,
        body: { token: tokens.accessToken, user: signedInUser(principal, tenant) },
        headers: { 'Set-Cookie': setSessionCookie(tokens.cookie, isTls) },
      };
    },
  );
}

function decodeLogin(body: LoginBody): { readonly email: string; readonly password: string } | Problem {
  const fields = new Fields();
  const email = fields.text(body.email, 'email', limits.emailCharsMax);
  const password = fields.text(body.password, 'password', limits.passwordCharsMax);
  if (fields.problem !== null) return fields.problem;
  if (!email || !password) return say(['invalid_request', 'Email and password are required']);
  return { email, password };
}

function inLoginWords(problem: Problem): Problem {
  return problem.reason === 'invalid_credentials' ? say(['unauthenticated', 'Invalid credentials']) : problem;
}

function logout({ signIn, isSecure }: SignInDeps): Operation {
  return operation(
    {
      id: 'symbia.logout',
      method: 'POST',
      path: '/api/auth/logout',
      summary: 'Ends the session of the cookie or bearer token; without one there is nothing to end',
      access: 'optional',
      schemas: {},
      responses: { 200: { description: 'Signed out.', schema: SignedOutBody } },
    },
    async (request) => {
      const { caller } = request;
      // A page of a stranger, whose cookie does not count, must not make a browser drop it either.
      if (caller === null) return { status: 200, body: { ok: true } };
      const cleared = clearSessionCookies(isSecure || request.isSecure);
      const refused = await signIn.logout(caller, null, traceOf(request));
      if (refused !== null) return refused;
      return { status: 200, body: { ok: true }, headers: { 'Set-Cookie': cleared } };
    },
  );
}
