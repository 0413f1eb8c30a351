/** Contract §4 and §2: /api/auth, and the cookie that it sets. */

import type { Shape, Transcript } from '../../../kit/transcripts/step.ts';
import { anything, refused, text, unauthenticated } from './shapes.ts';

const organization = { id: '{ada.tenant}', name: text, slug: text, role: 'admin' };

/** Ada, as she is told who she is. */
const ada = {
  id: '{ada}',
  email: '{ada.email}',
  name: 'ada',
  type: 'user',
  orgId: '{ada.tenant}',
  organizations: [organization],
  entitlements: ['cap:messaging.interrupt', 'cap:messaging.route', 'cap:messaging.observe'],
  roles: ['admin'],
  isSuperAdmin: false,
} satisfies Shape;

const member = { ...organization, role: 'member' };
const none = { entitlements: [], roles: [], organizations: [member] };
const iris = { ...ada, ...none, id: '{iris}', email: null, name: 'iris', type: 'agent' };
const ben = { ...ada, ...none, id: '{ben}', email: '{ben.email}', name: 'ben' };

const signedOut = { authenticated: false };

export const account: readonly Transcript[] = [
  {
    title: 'GET /api/auth/config',
    steps: [
      {
        name: 'anybody',
        as: 'nobody',
        request: 'GET /api/auth/config',
        expect: {
          status: 200,
          body: {
            identityServiceUrl: /^http:\/\//,
            loginUrl: /\/api\/auth\/login$/,
            logoutUrl: /\/api\/auth\/logout$/,
          },
        },
      },
    ],
  },
  {
    title: 'GET /api/auth/session',
    steps: [
      {
        name: 'nobody',
        as: 'nobody',
        request: 'GET /api/auth/session',
        expect: { status: 200, body: signedOut },
      },
      {
        name: 'whoever shows nothing valid',
        as: 'nobody',
        request: 'GET /api/auth/session',
        headers: { authorization: 'Bearer nonsense' },
        expect: { status: 200, body: signedOut },
      },
      {
        name: 'a person',
        as: 'ben',
        request: 'GET /api/auth/session',
        expect: { status: 200, body: { authenticated: true, user: ben } },
      },
    ],
  },
  {
    title: 'GET /api/auth/me',
    steps: [
      {
        name: 'the owner of a tenant',
        as: 'ada',
        request: 'GET /api/auth/me',
        expect: { status: 200, body: { user: ada, organizations: [organization] } },
      },
      {
        name: 'an agent, by its key',
        as: 'nobody',
        request: 'GET /api/auth/me',
        headers: { 'x-api-key': '{iris.token}' },
        expect: { status: 200, body: { user: iris, organizations: [member] } },
      },
      {
        name: 'without a credential',
        as: 'nobody',
        request: 'GET /api/auth/me',
        expect: unauthenticated,
      },
    ],
  },
  {
    title: 'POST /api/auth/login: token and user, and a session in a cookie',
    steps: [
      {
        name: 'Ada',
        as: 'nobody',
        request: 'POST /api/auth/login',
        body: { email: '{ada.email}', password: '{ada.password}' },
        expect: {
          status: 200,
          headers: { 'set-cookie': /^token=[^;]+; Path=\/; HttpOnly; SameSite=Lax; Max-Age=\d+$/ },
          body: { token: text, user: ada },
        },
        keep: { token: 'token', cookie: 'cookie:token' },
      },
      {
        name: 'the token is a bearer',
        as: 'nobody',
        request: 'GET /api/auth/me',
        headers: { authorization: 'Bearer {token}' },
        expect: { status: 200, body: { user: ada, organizations: [organization] } },
      },
      {
        name: 'the cookie is a credential',
        as: 'nobody',
        request: 'GET /api/conversations',
        headers: { cookie: '{cookie}' },
        expect: { status: 200, body: anything },
      },
      {
        name: 'also in the cookie of the other name',
        as: 'nobody',
        request: 'GET /api/auth/session',
        headers: { cookie: 'symbia_session={token}' },
        expect: { status: 200, body: { authenticated: true, user: ada } },
      },
      {
        name: 'the first one that is valid counts',
        as: 'nobody',
        request: 'GET /api/auth/me',
        headers: { authorization: 'Bearer nonsense', 'x-api-key': 'nonsense', cookie: '{cookie}' },
        expect: { status: 200, body: { user: ada, organizations: [organization] } },
      },
      {
        name: 'not the password',
        as: 'nobody',
        request: 'POST /api/auth/login',
        body: { email: '{ben.email}', password: 'not the password' },
        expect: { ...refused(401, 'Invalid credentials'), headers: { 'set-cookie': null } },
      },
      {
        name: 'no password',
        as: 'nobody',
        request: 'POST /api/auth/login',
        body: { email: '{ben.email}' },
        expect: refused(400),
      },
    ],
  },
  {
    title: 'POST /api/auth/logout ends the session',
    steps: [
      {
        name: 'Cleo signs in',
        as: 'nobody',
        request: 'POST /api/auth/login',
        body: { email: '{cleo.email}', password: '{cleo.password}' },
        expect: { status: 200, body: anything },
        keep: { token: 'token', cookie: 'cookie:token' },
      },
      {
        name: 'and out, by her cookie',
        as: 'nobody',
        request: 'POST /api/auth/logout',
        headers: { cookie: '{cookie}', origin: '{origin}' },
        expect: { status: 200, headers: { 'set-cookie': /^token=;.*Max-Age=0/ }, body: { ok: true } },
      },
      {
        name: 'the cookie is nobody’s',
        as: 'nobody',
        request: 'GET /api/auth/me',
        headers: { cookie: '{cookie}' },
        expect: unauthenticated,
      },
      {
        name: 'nor is the token',
        as: 'nobody',
        request: 'GET /api/conversations',
        headers: { authorization: 'Bearer {token}' },
        expect: unauthenticated,
      },
      {
        name: 'there is nothing to end any more',
        as: 'nobody',
        request: 'POST /api/auth/logout',
        expect: { status: 200, body: { ok: true } },
      },
    ],
  },
];
