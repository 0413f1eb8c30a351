/** /auth: signup, login, sessions, and one's own account (vero.md §2.3). */
import { type Operation, operation, type Reply } from '../../contract/operation.ts';
import { Problem } from '../../domain/problem.ts';
import type { OwnPrincipal, SessionTokens, SignedIn, SignIn } from '../../ports/identity-service.ts';
import { decodeProfile, decodeSignup, refuseNewPassword } from './decode.ts';
import { encodeSignedIn, encodeTenant, encodeTokens, encodeUser } from './encode.ts';
import { errors } from './errors.ts';
import {
  veroBodyBytesMax as bodyBytesMax,
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

export function signInRoutes(signIn: SignIn, own: OwnPrincipal): readonly Operation[] {
  return [...doorRoutes(signIn), ...sessionRoutes(signIn, own), ...accountRoutes(own)];
}

function signedIn(status: number, outcome: SignedIn | Problem): Reply | Problem {
  return outcome instanceof Problem ? outcome : { status, body: encodeSignedIn(outcome) };
}

function tokens(outcome: SessionTokens | Problem): Reply | Problem {
  return outcome instanceof Problem ? outcome : { status: 200, body: encodeTokens(outcome) };
}

function doorRoutes(signIn: SignIn): readonly Operation[] {
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
        bodyBytesMax,
      },
      async ({ body }) => {
        const signup = decodeSignup(body);
        return signup instanceof Problem ? signup : signedIn(201, await signIn.signup(signup));
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
          ...errors(400, 401, 403, 503),
        },
        example: { body: { email: 'ada@example.org', password: 'correct horse battery' } },
        bodyBytesMax,
      },
      async ({ body }) => signedIn(200, await signIn.login(body.email, body.password)),
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
        bodyBytesMax,
      },
      async ({ body }) => tokens(await signIn.refresh(body.refresh_token)),
    ),
  ];
}

function sessionRoutes(signIn: SignIn, own: OwnPrincipal): readonly Operation[] {
  return [
    operation(
      {
        id: 'vero.logout',
        method: 'POST',
        path: '/auth/logout',
        summary: 'Ends the session of the bearer token',
        access: 'principal',
        schemas: { body: LogoutRequest },
        responses: { 200: { description: 'Ended', schema: OkBody }, ...errors(400, 401, 403, 503) },
        bodyBytesMax,
      },
      async ({ principal, body }) =>
        (await signIn.logout(principal, body.refresh_token ?? null)) ?? { status: 200, body: { ok: true } },
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
        responses: { 200: { description: 'A new session', schema: Tokens }, ...errors(400, 401, 403, 503) },
        bodyBytesMax,
      },
      async ({ principal, body }) =>
        refuseNewPassword(body.new_password) ??
        tokens(await own.changePassword(principal, body.current_password, body.new_password)),
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
        bodyBytesMax,
      },
      async ({ principal, body }) => {
        const changes = decodeProfile(body);
        if (changes instanceof Problem) return changes;
        const changed = await own.changeProfile(principal, changes);
        return changed instanceof Problem ? changed : { status: 200, body: { user: encodeUser(changed) } };
      },
    ),
  ];
}
