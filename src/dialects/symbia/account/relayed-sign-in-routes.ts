/** POST /api/auth/login and /api/auth/logout where another service keeps the accounts: it is asked, and it answers. */
import { Type } from '@sinclair/typebox';
import { readCookie } from '../../../contract/credentials.ts';
import { type Operation, operation, type Reply } from '../../../contract/operation.ts';
import { traceOf } from '../../../contract/request-trace.ts';
import { sessionCookieNames } from '../../../contract/session-cookie.ts';
import { limits } from '../../../domain/limits.ts';
import { Problem } from '../../../domain/problem.ts';
import type { RelayedAnswer, SignInRelay } from '../../../ports/identity/sign-in-relay.ts';
import { ErrorBody } from '../wire.ts';
import { LoginBody, SignedOutBody } from './wire.ts';

const away = { description: 'The identity service does not answer.', schema: ErrorBody };
/** Whatever that service says. */
const theirs = Type.Unknown({ description: 'As the identity service answers: `{token, user}`.' });

/** `forget`: a cookie is looked up anew. */
export function relayedSignInRoutes(
  relay: SignInRelay,
  forget: (cookie: string) => void,
): readonly Operation[] {
  return [
    operation(
      {
        id: 'symbia.login',
        rate: 'sign-in',
        method: 'POST',
        path: '/api/auth/login',
        summary: 'Log in at the identity service; its answer and its cookies come back',
        access: 'public',
        schemas: { body: LoginBody },
        responses: { 200: { description: 'Signed in.', schema: theirs }, 502: away },
        bodyBytesMax: limits.signInBodyBytesMax,
      },
      async (request) => toReply(await relay.login(JSON.stringify(request.body), traceOf(request).address)),
    ),
    operation(
      {
        id: 'symbia.logout',
        rate: 'sign-in',
        method: 'POST',
        path: '/api/auth/logout',
        summary: 'Log out at the identity service, by the cookies of the request',
        access: 'public',
        schemas: {},
        responses: { 200: { description: 'Signed out.', schema: SignedOutBody }, 502: away },
      },
      async (request) => {
        const { cookie } = request;
        const reply = toReply(await relay.logout(cookie, traceOf(request).address));
        for (const name of sessionCookieNames) forget(readCookie(cookie, [name]) ?? '');
        if (reply instanceof Problem || reply.text !== '') return reply;
        const { text, contentType, ...rest } = reply;
        return { ...rest, body: { ok: reply.status < 400 } };
      },
    ),
  ];
}

function toReply(answer: RelayedAnswer | 'away' | Problem): Reply | Problem {
  if (answer instanceof Problem) return answer;
  if (answer === 'away') {
    const sentence = 'Identity service unavailable';
    return { status: 502, body: { error: sentence, message: sentence } };
  }
  const { status, body, contentType, setCookies, retryAfter } = answer;
  return {
    status,
    text: body,
    ...(contentType === null ? {} : { contentType }),
    headers: {
      ...(setCookies.length === 0 ? {} : { 'Set-Cookie': setCookies }),
      ...(retryAfter === null ? {} : { 'Retry-After': retryAfter }),
    },
  };
}
