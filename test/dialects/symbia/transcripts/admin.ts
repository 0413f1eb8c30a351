/** Contract §4, admin; and statistics and by-channel, which need a credential here (decision 8). */

import type { Shape, Step, Transcript } from '../../../kit/transcripts/step.ts';
import {
  anything,
  controlRow,
  conversation,
  count,
  harbour,
  message,
  noConversation,
  noParticipant,
  otherOrganization,
  participant,
  post,
  refused,
  unauthenticated,
} from './shapes.ts';

const path = '/api/admin/conversations';
const onlyAdmins = refused(403, 'Admin access required');

/** Who gets nothing from a route of administrators, whatever it is. */
const closed = (request: string, body?: object): Step[] => [
  {
    name: 'a member',
    as: 'ben',
    request,
    ...(body === undefined ? {} : { body }),
    expect: onlyAdmins,
  },
  {
    name: 'an agent',
    as: 'iris',
    request,
    ...(body === undefined ? {} : { body }),
    expect: onlyAdmins,
  },
  {
    name: 'without a credential',
    as: 'nobody',
    request,
    ...(body === undefined ? {} : { body }),
    expect: unauthenticated,
  },
];

/** The same below one conversation: of another tenant it is one that does not exist. */
const hidden = (method: string, rest: string, body?: object): Step[] =>
  [
    ['another tenant’s administrator', 'stranger', `${path}/{harbour}${rest}`],
    ['one that does not exist', 'ada', `${path}/{uuid.nothing}${rest}`],
    ['an id that is no UUID', 'ada', `${path}/harbour${rest}`],
  ].map(([name = '', as = '', at = '']) => ({
    name,
    as,
    request: `${method} ${at}`,
    ...(body === undefined ? {} : { body }),
    expect: noConversation,
  }));

const page = (conversations: Shape, total: Shape, limit: number, offset: number): Shape => ({
  conversations,
  total,
  limit,
  offset,
});

const administered = { data_class: 'none', policy_ref: null };

export const admin: readonly Transcript[] = [
  {
    title: 'GET /api/admin/conversations',
    steps: [
      harbour('{ben}'),
      {
        name: 'Ben has one that Ada is not in',
        as: 'ben',
        request: 'POST /api/conversations',
        body: { type: 'private' },
        expect: { status: 201, body: anything },
        keep: { pier: 'id' },
      },
      {
        name: 'the owner of a tenant sees all of it, newest activity first',
        as: 'ada',
        request: `GET ${path}`,
        expect: {
          status: 200,
          body: page(
            [
              conversation({ id: '{pier}', type: 'private', name: null, created_by: '{ben}' }),
              conversation({ id: '{harbour}' }),
            ],
            2,
            50,
            0,
          ),
        },
      },
      {
        name: 'type, limit and offset',
        as: 'ada',
        request: `GET ${path}?type=group&limit=1&offset=0&orgId={ada.tenant}`,
        expect: { status: 200, body: page([conversation({ id: '{harbour}' })], 1, 1, 0) },
      },
      {
        name: 'beyond the end',
        as: 'ada',
        request: `GET ${path}?offset=2`,
        expect: { status: 200, body: page([], 2, 50, 2) },
      },
      {
        name: 'a super admin names an organization',
        as: 'root',
        request: `GET ${path}?orgId={ada.tenant}&type=group`,
        expect: { status: 200, body: page([conversation({ id: '{harbour}' })], 1, 50, 0) },
      },
      {
        name: 'or sees all',
        as: 'root',
        request: `GET ${path}?limit=1`,
        expect: { status: 200, body: page([anything], count, 1, 0) },
      },
      {
        name: 'another organization',
        as: 'ada',
        request: `GET ${path}?orgId={stranger.tenant}`,
        expect: otherOrganization,
      },
      {
        name: 'a limit that is none: 400 for upstream’s 500',
        as: 'ada',
        request: `GET ${path}?limit=many`,
        expect: refused(400),
      },
      ...closed(`GET ${path}`),
    ],
  },
  {
    title: 'GET /api/admin/conversations/:id: the row, its participants and newest messages',
    steps: [
      harbour('{ben}'),
      post('ada', 'hello'),
      {
        name: 'a control event',
        as: 'ada',
        request: 'POST /api/conversations/{harbour}/control',
        body: { event: 'x.note' },
        expect: { status: 201, body: anything },
      },
      {
        name: 'the owner of the tenant',
        as: 'ada',
        request: `GET ${path}/{harbour}`,
        expect: {
          status: 200,
          body: {
            ...conversation({ id: '{harbour}' }),
            participants: [participant('{ada}', { role: 'owner' }), participant('{ben}')],
            recentMessages: [
              message({ id: '{message}', sequence: 1, ...administered }),
              controlRow('x.note', { sequence: 2, ...administered }),
            ],
          },
        },
      },
      {
        name: 'a super admin',
        as: 'root',
        request: `GET ${path}/{harbour}`,
        expect: { status: 200, body: anything },
      },
      ...hidden('GET', ''),
      ...closed(`GET ${path}/{harbour}`),
    ],
  },
  {
    title: 'DELETE /api/admin/conversations/:id',
    steps: [
      {
        name: 'one of Ben’s',
        as: 'ben',
        request: 'POST /api/conversations',
        body: { type: 'private' },
        expect: { status: 201, body: anything },
        keep: { harbour: 'id' },
      },
      ...hidden('DELETE', ''),
      ...closed(`DELETE ${path}/{harbour}`),
      {
        name: 'the owner of the tenant, who is not in it',
        as: 'ada',
        request: `DELETE ${path}/{harbour}`,
        expect: { status: 204 },
      },
      {
        name: 'it is gone',
        as: 'ada',
        request: `DELETE ${path}/{harbour}`,
        expect: noConversation,
      },
    ],
  },
  {
    title: 'GET /api/admin/users/:userId/conversations',
    steps: [
      {
        name: 'Cleo makes one',
        as: 'cleo',
        request: 'POST /api/conversations',
        body: { type: 'group', name: 'Harbour', participants: [{ userId: 'assistant:x' }] },
        expect: { status: 201, body: anything },
        keep: { harbour: 'id' },
      },
      {
        name: 'a bare array',
        as: 'ada',
        request: 'GET /api/admin/users/{cleo}/conversations',
        expect: { status: 200, body: [conversation({ id: '{harbour}', created_by: '{cleo}' })] },
      },
      {
        name: 'an id that is no UUID, but somebody’s',
        as: 'ada',
        request: 'GET /api/admin/users/assistant:x/conversations',
        expect: { status: 200, body: [conversation({ id: '{harbour}', created_by: '{cleo}' })] },
      },
      {
        name: 'an id that is no UUID, and nobody’s',
        as: 'ada',
        request: 'GET /api/admin/users/nobody/conversations',
        expect: refused(404, 'User not found'),
      },
      {
        name: 'who is in nothing, or of another tenant',
        as: 'ada',
        request: 'GET /api/admin/users/{stranger}/conversations',
        expect: { status: 200, body: [] },
      },
      {
        name: 'another tenant’s administrator',
        as: 'stranger',
        request: 'GET /api/admin/users/{cleo}/conversations',
        expect: { status: 200, body: [] },
      },
      ...closed('GET /api/admin/users/{cleo}/conversations'),
    ],
  },
  {
    title: 'POST and DELETE /api/admin/conversations/:id/participants',
    steps: [
      {
        name: 'one of Ben’s',
        as: 'ben',
        request: 'POST /api/conversations',
        body: { type: 'group', name: 'Harbour' },
        expect: { status: 201, body: anything },
        keep: { harbour: 'id' },
      },
      {
        name: 'a member, by default',
        as: 'ada',
        request: `POST ${path}/{harbour}/participants`,
        body: { userId: '{cleo}' },
        expect: { status: 201, body: participant('{cleo}') },
      },
      {
        name: 'an agent in another role',
        as: 'root',
        request: `POST ${path}/{harbour}/participants`,
        body: { userId: 'assistant:x', userType: 'agent', role: 'admin' },
        expect: { status: 201, body: participant('assistant:x', { user_type: 'agent', role: 'admin' }) },
      },
      {
        name: 'a second owner',
        as: 'ada',
        request: `POST ${path}/{harbour}/participants`,
        body: { userId: '{ada}', role: 'owner' },
        expect: { status: 201, body: participant('{ada}', { role: 'owner' }) },
      },
      {
        name: 'no userId',
        as: 'ada',
        request: `POST ${path}/{harbour}/participants`,
        body: {},
        expect: refused(400, 'userId is required'),
      },
      {
        name: 'an unknown role: 400 for upstream’s 500',
        as: 'ada',
        request: `POST ${path}/{harbour}/participants`,
        body: { userId: 'x', role: 'king' },
        expect: refused(400),
      },
      ...hidden('POST', '/participants', { userId: 'x' }),
      ...closed(`POST ${path}/{harbour}/participants`, { userId: 'x' }),
      ...hidden('DELETE', '/participants/{ben}'),
      ...closed(`DELETE ${path}/{harbour}/participants/{ben}`),
      {
        name: 'the owner may be removed',
        as: 'ada',
        request: `DELETE ${path}/{harbour}/participants/{ben}`,
        expect: { status: 204 },
      },
      {
        name: 'who is not in it',
        as: 'ada',
        request: `DELETE ${path}/{harbour}/participants/{ben}`,
        expect: noParticipant,
      },
    ],
  },
  {
    title: 'GET /api/admin/stats and /api/stats',
    steps: [
      {
        name: 'the stranger has a tenant for itself',
        as: 'stranger',
        request: 'POST /api/conversations',
        body: { type: 'group', name: 'Harbour', participants: [{ userId: 'assistant:x' }] },
        expect: { status: 201, body: anything },
        keep: { harbour: 'id' },
      },
      post('stranger', 'hello'),
      {
        name: 'a deleted message and a control event count',
        as: 'stranger',
        request: 'DELETE /api/conversations/{harbour}/messages/{message}',
        expect: { status: 204 },
      },
      {
        name: 'as here',
        as: 'stranger',
        request: 'POST /api/conversations/{harbour}/control',
        body: { event: 'x.note' },
        expect: { status: 201, body: anything },
      },
      {
        name: 'its own',
        as: 'stranger',
        request: 'GET /api/admin/stats?type=group',
        expect: {
          status: 200,
          body: {
            totalConversations: 1,
            totalMessages: 2,
            uniqueParticipants: 2,
            activeConversations24h: 1,
            filters: { orgId: null, type: 'group' },
          },
        },
      },
      {
        name: 'a super admin, of one organization',
        as: 'root',
        request: 'GET /api/admin/stats?orgId={stranger.tenant}',
        expect: {
          status: 200,
          body: {
            totalConversations: 1,
            totalMessages: 2,
            uniqueParticipants: 2,
            activeConversations24h: 1,
            filters: { orgId: '{stranger.tenant}', type: null },
          },
        },
      },
      ...closed('GET /api/admin/stats'),
      {
        name: 'anybody of a tenant, of it alone',
        as: 'stranger',
        request: 'GET /api/stats',
        expect: {
          status: 200,
          body: { totalConversations: 1, totalMessages: 2, uniqueParticipants: 2 },
        },
      },
      {
        name: 'but nobody without a credential',
        as: 'nobody',
        request: 'GET /api/stats',
        expect: unauthenticated,
      },
    ],
  },
  {
    title: 'GET /api/internal/conversations/by-channel',
    steps: [
      {
        name: 'a conversation that mirrors a chat',
        as: 'hook',
        request: 'POST /api/conversations',
        headers: { 'x-as-user-id': '{ben}' },
        body: {
          type: 'group',
          name: 'Harbour',
          metadata: { channel: { type: 'telegram', connectionId: 'c1', chatId: '42' } },
        },
        expect: { status: 201, body: anything },
        keep: { harbour: 'id' },
      },
      {
        name: 'a bridge finds it',
        as: 'hook',
        request: 'GET /api/internal/conversations/by-channel?channelType=telegram&connectionId=c1&chatId=42',
        headers: { 'x-service-id': 'integrations' },
        expect: {
          status: 200,
          body: {
            conversationId: '{harbour}',
            conversation: conversation({
              id: '{harbour}',
              created_by: '{ben}',
              metadata: { channel: { type: 'telegram', connectionId: 'c1', chatId: '42' } },
            }),
          },
        },
      },
      {
        name: 'another chat',
        as: 'hook',
        request: 'GET /api/internal/conversations/by-channel?channelType=telegram&connectionId=c1&chatId=4',
        headers: { 'x-service-id': 'integrations' },
        expect: { status: 200, body: { conversationId: null } },
      },
      {
        name: 'another tenant',
        as: 'stranger',
        request: 'GET /api/internal/conversations/by-channel?channelType=telegram&connectionId=c1&chatId=42',
        headers: { 'x-service-id': 'integrations' },
        expect: { status: 200, body: { conversationId: null } },
      },
      {
        name: 'a parameter lacks',
        as: 'hook',
        request: 'GET /api/internal/conversations/by-channel?channelType=telegram&chatId=42',
        headers: { 'x-service-id': 'integrations' },
        expect: refused(400),
      },
      {
        name: 'without X-Service-Id',
        as: 'hook',
        request: 'GET /api/internal/conversations/by-channel?channelType=telegram&connectionId=c1&chatId=42',
        expect: refused(401),
      },
      {
        name: 'without a credential',
        as: 'nobody',
        request: 'GET /api/internal/conversations/by-channel?channelType=telegram&connectionId=c1&chatId=42',
        headers: { 'x-service-id': 'integrations' },
        expect: unauthenticated,
      },
    ],
  },
];
