/** v2.md §1 and §3: who may call, in which order that is found out, and what is no route. */

import type { Shape, Step, Transcript } from '../../../kit/transcripts/step.ts';
import { anything, text, time, uuid } from '../../symbia/transcripts/shapes.ts';
import {
  conversation,
  entry,
  harbour,
  invalid,
  message,
  noConversation,
  notAuthenticated,
  post,
  refused,
} from './shapes.ts';

const path = '/api/v2/conversations';
const invalidCredentials = refused(401, 'Invalid authentication credentials');
const denied = refused(403, /^Access denied/);

const role = (name: string) => ({ id: uuid, name, description: name === 'contractor' ? null : text });
function me(
  who: string,
  name: string,
  held: readonly string[],
  fields: Readonly<Record<string, Shape>> = {},
) {
  const user = {
    ...{ id: `{${who}}`, email: `{${who}.email}`, full_name: name, phone: null, status: 'active' },
    ...{ organization_id: `{${who}.tenant}`, created_at: time, updated_at: time, roles: held.map(role) },
    ...fields,
  };
  return { user, roles: held.map(role), organization_id: `{${who}.tenant}` };
}

function changes(who: string, body: object): Step {
  return {
    ...{ name: `Ada changes ${who}`, as: 'ada', request: `PATCH /auth/users/{${who}}`, body },
    expect: { status: 200, body: anything },
  };
}

/** All six operations. */
const everything = (as: string, expect: Step['expect']): Step[] => [
  { name: 'list', as, request: `GET ${path}`, expect },
  { name: 'create', as, request: `POST ${path}`, body: {}, expect },
  { name: 'read', as, request: `GET ${path}/nope`, expect },
  { name: 'change', as, request: `PATCH ${path}/nope`, body: 'no JSON', expect },
  { name: 'send', as, request: `POST ${path}/nope/messages`, body: 'x'.repeat(300_000), expect },
  { name: 'messages', as, request: `GET ${path}/nope/messages?limit=0`, expect },
];

export const callers: readonly Transcript[] = [
  {
    title: 'POST /auth/login and GET /auth/me',
    steps: [
      {
        name: 'Ben',
        as: 'nobody',
        request: 'POST /api/v2/auth/login',
        body: { email: '{ben.email}', password: '{ben.password}' },
        expect: {
          status: 200,
          headers: { 'set-cookie': null },
          body: { access_token: text, token_type: 'bearer' },
        },
        keep: { token: 'access_token' },
      },
      {
        name: 'its token counts',
        as: 'nobody',
        request: 'GET /api/v2/auth/me',
        headers: { authorization: 'Bearer {token}' },
        expect: { status: 200, body: me('ben', 'ben', ['pm']) },
      },
      {
        name: 'Ada',
        as: 'ada',
        request: 'GET /api/v2/auth/me/',
        expect: { status: 200, body: me('ada', 'ada', ['pmc_admin']) },
      },
      {
        name: 'an agent',
        as: 'iris',
        request: 'GET /api/v2/auth/me',
        expect: { status: 200, body: me('iris', 'iris', ['pm'], { email: null }) },
      },
      {
        name: 'the super admin',
        as: 'root',
        request: 'GET /api/v2/auth/me',
        expect: {
          status: 200,
          body: me('root', 'Administrator', ['super_admin', 'pmc_admin'], { email: 'root@example.org' }),
        },
      },
      {
        name: 'not the password',
        as: 'nobody',
        request: 'POST /api/v2/auth/login',
        body: { email: '{ben.email}', password: 'not the password' },
        expect: { ...refused(401, 'Incorrect email or password'), headers: { 'www-authenticate': 'Bearer' } },
      },
      {
        name: 'nothing',
        as: 'nobody',
        request: 'POST /api/v2/auth/login',
        body: {},
        expect: invalid(
          entry('missing', ['body', 'email'], { input: {} }),
          entry('missing', ['body', 'password'], { input: {} }),
        ),
      },
    ],
  },
  {
    title: 'who is nobody learns nothing else, whatever it sends',
    steps: [
      ...everything('nobody', { ...notAuthenticated, headers: { 'www-authenticate': 'Bearer' } }),
      ...['Bearer nonsense', 'Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.'].map((authorization) => ({
        name: authorization,
        as: 'nobody',
        request: `POST ${path}/nope/messages`,
        headers: { authorization },
        body: 'x'.repeat(300_000),
        expect: { ...invalidCredentials, headers: { 'www-authenticate': 'Bearer' } },
      })),
    ],
  },
  {
    title: 'who has no role of this API is denied, whatever it sends; a role counts with the next request',
    steps: [
      changes('newcomer', { v2_roles: ['contractor'] }),
      ...everything('newcomer', denied),
      {
        name: 'it may ask who it is',
        as: 'newcomer',
        request: 'GET /api/v2/auth/me',
        expect: { status: 200, body: me('newcomer', 'newcomer', ['contractor']) },
      },
      changes('newcomer', { v2_roles: [] }),
      ...everything('newcomer', denied),
      ...['pmc_admin', 'pm', 'landlord', 'tenant', 'vendor'].flatMap((name) => [
        changes('newcomer', { v2_roles: [name, 'contractor'] }),
        {
          name: `as ${name}`,
          as: 'newcomer',
          request: `POST ${path}`,
          body: { organization_id: '{ada.tenant}' },
          expect: {
            status: 201,
            body: conversation({ subject: null, created_by_user_id: '{newcomer}' }),
          },
        },
      ]),
      harbour(),
      {
        name: 'no role is above taking part',
        as: 'newcomer',
        request: `GET ${path}/{harbour}`,
        expect: noConversation,
      },
      changes('newcomer', { status: 'suspended' }),
      ...everything('newcomer', refused(403, 'User account is not active')),
      {
        name: 'nor may it sign in',
        as: 'nobody',
        request: 'POST /api/v2/auth/login',
        body: { email: '{newcomer.email}', password: '{newcomer.password}' },
        expect: refused(403, 'User account is not active'),
      },
      {
        name: 'nor take part',
        as: 'ada',
        request: `POST ${path}`,
        body: { organization_id: '{ada.tenant}', participant_user_ids: ['{newcomer}'] },
        expect: invalid(entry('value_error', ['body', 'participant_user_ids', 0])),
      },
    ],
  },
  {
    title: 'a super admin is at home everywhere, and sees what it takes part in',
    steps: [
      harbour('{root}'),
      post('root', 'hello'),
      {
        name: 'in another organization, with a member of it',
        as: 'root',
        request: `POST ${path}`,
        body: {
          ...{
            organization_id: '{stranger.tenant}',
            subject: 'Visit',
            participant_user_ids: ['{stranger}', '{root}'],
          },
        },
        expect: {
          status: 201,
          body: conversation({
            ...{ organization_id: '{stranger.tenant}', subject: 'Visit', created_by_user_id: '{root}' },
          }),
        },
        keep: { visit: 'id' },
      },
      {
        name: 'a member of a third one',
        as: 'root',
        request: `POST ${path}`,
        body: { organization_id: '{stranger.tenant}', participant_user_ids: ['{ben}'] },
        expect: invalid(entry('value_error', ['body', 'participant_user_ids', 0])),
      },
      {
        name: 'an organization that is none',
        as: 'root',
        request: `POST ${path}`,
        body: { organization_id: '{uuid.nowhere}' },
        expect: refused(404, 'Organization not found'),
      },
      {
        name: 'the stranger answers',
        as: 'stranger',
        request: `POST ${path}/{visit}/messages`,
        body: { body: 'welcome' },
        expect: {
          status: 201,
          body: message({ conversation_id: '{visit}', sender_user_id: '{stranger}', body: 'welcome' }),
        },
      },
      {
        name: 'all of them',
        as: 'root',
        request: `GET ${path}?limit=2`,
        expect: {
          status: 200,
          body: [
            conversation({
              ...{ id: '{visit}', organization_id: '{stranger.tenant}', subject: 'Visit' },
              created_by_user_id: '{root}',
              messages: [
                message({ conversation_id: '{visit}', sender_user_id: '{stranger}', body: 'welcome' }),
              ],
            }),
            conversation({ id: '{harbour}', messages: [message({ sender_user_id: '{root}' })] }),
          ],
        },
      },
      {
        name: 'those of one organization',
        as: 'root',
        request: `GET ${path}?organization_id={ada.tenant}&limit=1`,
        expect: { status: 200, body: [conversation({ id: '{harbour}', messages: [anything] })] },
      },
      {
        name: 'of none',
        as: 'root',
        request: `GET ${path}?organization_id={uuid.nowhere}`,
        expect: { status: 200, body: [] },
      },
      {
        name: 'it writes there, too',
        as: 'root',
        request: `PATCH ${path}/{visit}`,
        body: { status: 'closed' },
        expect: {
          status: 200,
          body: conversation({
            ...{ organization_id: '{stranger.tenant}', subject: 'Visit', created_by_user_id: '{root}' },
            ...{ status: 'closed', messages: [anything] },
          }),
        },
      },
      { name: 'Ada does not', as: 'ada', request: `GET ${path}/{visit}`, expect: noConversation },
    ],
  },
  {
    title: 'what is no route',
    steps: [
      ...['/api/v2', '/api/v2/', '/api/v2/other', `${path}/x/y`, `${path}//`].map((at) => ({
        name: at,
        as: 'ada',
        request: `GET ${at}`,
        expect: refused(404, 'Not Found'),
      })),
      ...[
        ['DELETE', path, 'GET, HEAD, POST'],
        ['DELETE', `${path}/{uuid.any}`, 'GET, HEAD, PATCH'],
        ['PUT', `${path}/{uuid.any}/messages`, 'GET, HEAD, POST'],
        ['GET', '/api/v2/auth/login', 'POST'],
        ['POST', '/api/v2/auth/me', 'GET, HEAD'],
      ].map(([method, at, allow = '']) => ({
        name: `${method} ${at}`,
        as: 'nobody',
        request: `${method} ${at}`,
        expect: { ...refused(405, 'Method Not Allowed'), headers: { allow } },
      })),
      {
        name: 'too large',
        as: 'ada',
        request: `POST ${path}`,
        body: 'x'.repeat(262_145),
        expect: refused(413, 'Request body too large'),
      },
      {
        name: 'X-Org-Id of another organization',
        as: 'ada',
        request: `GET ${path}`,
        headers: { 'x-org-id': '{stranger.tenant}' },
        expect: refused(403, 'Organization access required'),
      },
      {
        name: 'an environment that is none',
        as: 'ada',
        request: `GET ${path}`,
        headers: { 'x-env': 'moon' },
        expect: refused(400, 'The header X-Env is not valid.'),
      },
      {
        name: 'a class of data that is none',
        as: 'ada',
        request: `POST ${path}`,
        headers: { 'x-data-class': 'moon' },
        body: { organization_id: '{ada.tenant}' },
        expect: refused(400, 'The header X-Data-Class is not valid.'),
      },
      {
        name: 'a key that is none',
        as: 'ada',
        request: `POST ${path}/{uuid.any}/messages`,
        headers: { 'idempotency-key': 'not one word' },
        body: { body: 'hello' },
        expect: invalid(entry('value_error', ['header', 'idempotency-key'])),
      },
    ],
  },
];
