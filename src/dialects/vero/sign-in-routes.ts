/** /auth: signup, login, sessions, and one's own account (vero.md §2.3). */
import { type Operation, operation, type Reply } from '../../contract/operation.ts';
import { traceOf } from '../../contract/request-trace.ts';
import { clearSessionCookies, setSessionCookie } from '../../contract/session-cookie.ts';
import { Problem } from '../../domain/problem.ts';
import type {
  NewSessionTokens,
  OwnPrincipal,
  SignedIn,
  SignIn,
} from '../../ports/identity/identity-service.ts';
import { decodeProfile, decodeSignup, refuseNewPassword } from './decode.ts';
import { encodeSignedIn, encodeTenant, encodeTokens, encodeUser } from './encode.ts';
import { errors } from './errors.ts';
import {
  LoginRequest,
  LogoutRequest,
  MeBody,
  OkBody,
  PasswordRequest,
  ProfileRequest,
  RefreshRequest,
  SignedInBody,
  SignupRequest,
  Tokens,
  UserBody,
} from './wire.ts';

/** `isSecure`: whoever comes, comes by TLS, also where nobody tells us so (PARLEY_PUBLIC_URL). */
export function signInRoutes(signIn: SignIn, own: OwnPrincipal, isSecure: boolean): readonly Operation[] {
  return [...doorRoutes(signIn, isSecure), ...sessionRoutes(signIn, own, isSecure), ...accountRoutes(own)];
}

/** Whoever logs in with a browser is signed in there, too. */
function withCookie(reply: Reply, { cookie }: NewSessionTokens, isSecure: boolean): Reply {
  return { ...reply, headers: { 'Set-Cookie': setSessionCookie(cookie, isSecure) } };
}

function signedIn(status: number, outcome: SignedIn | Problem, isSecure: boolean): Reply | Problem {
  if (outcome instanceof Problem) return outcome;
  return withCookie({ status, body: encodeSignedIn(outcome) }, outcome.tokens, isSecure);
}

function doorRoutes(signIn: SignIn, isSecure: boolean): readonly Operation[] {
  return [
    operation(
      {
        id: 'vero.signup',
        rate: 'sign-in',
        method: 'POST',
        path: '/auth/signup',
        summary: 'Creates an account, and a tenant unless an invite names one',
        access: 'public',
        schemas: { body: SignupRequest },
        responses: {
          201: { description: 'The person, its tenant and a session', schema: SignedInBody },
          ...errors(400, 409, 503),
        },
        example: {
          body: { email: 'ada@example.org', password: 'correct horse battery', display_name: 'Ada' },
        },
      },
      async (request) => {
        const signup = decodeSignup(request.body);
        if (signup instanceof Problem) return signup;
        const isTls = isSecure || request.isSecure;
        return signedIn(201, await signIn.signup(signup, traceOf(request)), isTls);
      },
    ),
    operation(
      {
        id: 'vero.login',
        rate: 'sign-in',
        method: 'POST',
        path: '/auth/login',
        summary: 'Opens a session with address and password',
        access: 'public',
        schemas: { body: LoginRequest },
        responses: {
          200: { description: 'The person, its tenant and a session', schema: SignedInBody },
          ...errors(400, 401, 403, 429, 503),
        },
        example: { body: { email: 'ada@example.org', password: 'correct horse battery' } },
      },
      async (request) => {
        const { email, password } = request.body;
        const isTls = isSecure || request.isSecure;
        return signedIn(200, await signIn.login(email, password, traceOf(request)), isTls);
      },
    ),
    operation(
      {
        id: 'vero.refresh',
        rate: 'sign-in',
        method: 'POST',
        path: '/auth/refresh',
        summary: 'Exchanges a refresh token for the next pair; each works once',
        access: 'public',
        schemas: { body: RefreshRequest },
        responses: { 200: { description: 'The next pair', schema: Tokens }, ...errors(400, 401, 403, 503) },
      },
      async (request) => {
        const tokens = await signIn.refresh(request.body.refresh_token, traceOf(request));
        return tokens instanceof Problem ? tokens : { status: 200, body: encodeTokens(tokens) };
      },
    ),
  ];
}

function sessionRoutes(signIn: SignIn, own: OwnPrincipal, isSecure: boolean): readonly Operation[] {
  return [
    operation(
      {
        id: 'vero.logout',
        method: 'POST',
        path: '/auth/logout',
        summary: 'Ends the session of the bearer token or of the cookie',
        access: 'principal',
        schemas: { body: LogoutRequest },
        responses: { 200: { description: 'Ended', schema: OkBody }, ...errors(400, 401, 403, 503) },
      },
      async (request) => {
        const { principal, body } = request;
        const cleared = clearSessionCookies(isSecure || request.isSecure);
        const refused = await signIn.logout(principal, body.refresh_token ?? null, traceOf(request));
        if (refused !== null) return refused;
        return { status: 200, body: { ok: true }, headers: { 'Set-Cookie': cleared } };
      },
    ),
    operation(
      {
        id: 'vero.changePassword',
        rate: 'sign-in',
        method: 'POST',
        path: '/auth/change-password',
        summary: 'Changes the password and ends every older session',
        access: 'principal',
        schemas: { body: PasswordRequest },
        responses: {
          200: { description: 'A new session', schema: Tokens },
          ...errors(400, 401, 403, 429, 503),
        },
      },
      async (request) => {
        const { current_password: current, new_password: next } = request.body;
        const refused = refuseNewPassword(next);
        if (refused !== null) return refused;
        const isTls = isSecure || request.isSecure;
        const tokens = await own.changePassword(request.principal, current, next, traceOf(request));
        if (tokens instanceof Problem) return tokens;
        return withCookie({ status: 200, body: encodeTokens(tokens) }, tokens, isTls);
      },
    ),
  ];
}

function accountRoutes(own: OwnPrincipal): readonly Operation[] {
  return [
    operation(
      {
        id: 'vero.me',
        method: 'GET',
        path: '/auth/me',
        summary: 'Who the bearer is',
        access: 'principal',
        schemas: {},
        responses: {
          200: { description: 'The caller and its tenant', schema: MeBody },
          ...errors(401, 403, 503),
        },
      },
      async ({ principal }) => {
        const me = await own.me(principal);
        if (me instanceof Problem) return me;
        return { status: 200, body: { user: encodeUser(me.principal), tenant: encodeTenant(me.tenant) } };
      },
    ),
    operation(
      {
        id: 'vero.changeProfile',
        method: 'PATCH',
        path: '/auth/profile',
        summary: 'Changes name, picture or time zone of the caller',
        access: 'principal',
        schemas: { body: ProfileRequest },
        responses: { 200: { description: 'The caller', schema: UserBody }, ...errors(400, 401, 403, 503) },
        example: { body: { display_name: 'Ada L.', avatar_url: null } },
      },
      async (request) => {
        const changes = decodeProfile(request.body);
        if (changes instanceof Problem) return changes;
        const changed = await own.changeProfile(request.principal, changes, traceOf(request));
        return changed instanceof Problem ? changed : { status: 200, body: { user: encodeUser(changed) } };
      },
    ),
  ];
}
