/** Contract §4, authenticated: /api/conversations and /api/conversations/:id. */

import type { Transcript } from '../../../kit/transcripts/step.ts';
import {
  anything,
  conversation,
  harbour,
  noConversation,
  notParticipant,
  otherOrganization,
  participant,
  post,
  promote,
  refused,
  unauthenticated,
} from './shapes.ts';

const inHarbour = { id: '{harbour}' };

export const conversations: readonly Transcript[] = [
  {
    title: 'GET /api/conversations: bare rows of what the caller is in, newest activity first',
    steps: [
      {
        name: 'whoever is in nothing has an empty array',
        as: 'newcomer',
        request: 'GET /api/conversations',
        expect: { status: 200, headers: { 'content-type': /^application\/json/ }, body: [] },
      },
      harbour('{newcomer}'),
      {
        name: 'a second one',
        as: 'newcomer',
        request: 'POST /api/conversations',
        body: { type: 'private' },
        expect: { status: 201, body: anything },
        keep: { pier: 'id' },
      },
      {
        name: 'the newest first, without participants',
        as: 'newcomer',
        request: 'GET /api/conversations',
        expect: {
          status: 200,
          body: [
            conversation({ id: '{pier}', type: 'private', name: null, created_by: '{newcomer}' }),
            conversation(inHarbour),
          ],
        },
      },
      post('newcomer', 'up'),
      {
        name: 'a message is activity',
        as: 'newcomer',
        request: 'GET /api/conversations?orgId={ada.tenant}',
        eventually: true,
        expect: {
          status: 200,
          body: [
            conversation({ ...inHarbour, updated_at: '{message.at}' }),
            conversation({ id: '{pier}', type: 'private', name: null, created_by: '{newcomer}' }),
          ],
        },
      },
      {
        name: 'another organization, in the query',
        as: 'newcomer',
        request: 'GET /api/conversations?orgId={stranger.tenant}',
        expect: otherOrganization,
      },
      {
        name: 'another organization, in the header',
        as: 'newcomer',
        request: 'GET /api/conversations',
        headers: { 'x-org-id': '{stranger.tenant}' },
        expect: otherOrganization,
      },
      {
        name: 'without a credential',
        as: 'nobody',
        request: 'GET /api/conversations',
        expect: unauthenticated,
      },
    ],
  },
  {
    title: 'POST /api/conversations: the row with its participants, the creator as owner',
    steps: [
      {
        name: 'a group',
        as: 'ada',
        request: 'POST /api/conversations',
        body: {
          type: 'group',
          name: 'Harbour',
          description: 'boats',
          orgId: '{ada.tenant}',
          metadata: { a: { b: [1] } },
          participants: [
            { userId: '{ben}' },
            { userId: '{ada}' },
            {},
            { userId: 'assistant:x' },
            { userId: 'assistant:y', userType: 'agent' },
          ],
        },
        expect: {
          status: 201,
          headers: { 'content-type': /^application\/json/ },
          body: {
            ...conversation({ description: 'boats', metadata: { a: { b: [1] } } }),
            participants: [
              participant('{ada}', { role: 'owner', conversation_id: /./ }),
              participant('{ben}', { conversation_id: /./ }),
              participant('assistant:x', { conversation_id: /./ }),
              participant('assistant:y', { user_type: 'agent', conversation_id: /./ }),
            ],
          },
        },
        keep: { harbour: 'id' },
      },
      {
        name: 'a private one needs no name, and the organization may come by header',
        as: 'ben',
        request: 'POST /api/conversations',
        headers: { 'x-org-id': '{ben.tenant}' },
        body: { type: 'private' },
        expect: {
          status: 201,
          body: {
            ...conversation({ type: 'private', name: null, created_by: '{ben}' }),
            participants: [participant('{ben}', { role: 'owner', conversation_id: /./ })],
          },
        },
      },
      {
        name: 'no type',
        as: 'ada',
        request: 'POST /api/conversations',
        body: { name: 'x' },
        expect: refused(400, 'Invalid conversation type'),
      },
      {
        name: 'an unknown type',
        as: 'ada',
        request: 'POST /api/conversations',
        body: { type: 'direct', name: 'x' },
        expect: refused(400, 'Invalid conversation type'),
      },
      {
        name: 'a group without a name',
        as: 'ada',
        request: 'POST /api/conversations',
        body: { type: 'group' },
        expect: refused(400, 'Group conversations require a name'),
      },
      {
        name: 'another organization, in the body',
        as: 'ada',
        request: 'POST /api/conversations',
        body: { type: 'private', orgId: '{stranger.tenant}' },
        expect: otherOrganization,
      },
      {
        name: 'another organization, in the header',
        as: 'ada',
        request: 'POST /api/conversations',
        headers: { 'x-org-id': '{stranger.tenant}' },
        body: { type: 'private' },
        expect: otherOrganization,
      },
      {
        name: 'without a credential',
        as: 'nobody',
        request: 'POST /api/conversations',
        body: { type: 'private' },
        expect: unauthenticated,
      },
    ],
  },
  {
    title: 'POST /api/conversations: what upstream half-stores is refused whole',
    steps: [
      {
        name: 'a participant of an unknown type',
        as: 'cleo',
        request: 'POST /api/conversations',
        body: { type: 'private', participants: [{ userId: '{ben}', userType: 'bot' }] },
        expect: refused(400),
      },
      {
        name: 'nothing stayed',
        as: 'cleo',
        request: 'GET /api/conversations',
        expect: { status: 200, body: [] },
      },
    ],
  },
  {
    title: 'GET /api/conversations/:id',
    steps: [
      harbour('{ben}'),
      {
        name: 'a participant reads the row and who is in it',
        as: 'ben',
        request: 'GET /api/conversations/{harbour}',
        expect: {
          status: 200,
          body: {
            ...conversation(inHarbour),
            participants: [participant('{ada}', { role: 'owner' }), participant('{ben}')],
          },
        },
      },
      {
        name: 'somebody else of the tenant',
        as: 'cleo',
        request: 'GET /api/conversations/{harbour}',
        expect: notParticipant,
      },
      {
        name: 'another tenant',
        as: 'stranger',
        request: 'GET /api/conversations/{harbour}',
        expect: notParticipant,
      },
      {
        name: 'one that does not exist is the same answer',
        as: 'ada',
        request: 'GET /api/conversations/{uuid.nothing}',
        expect: notParticipant,
      },
      {
        name: 'an id that is no UUID',
        as: 'ada',
        request: 'GET /api/conversations/harbour',
        expect: noConversation,
      },
      {
        name: 'without a credential',
        as: 'nobody',
        request: 'GET /api/conversations/{harbour}',
        expect: unauthenticated,
      },
    ],
  },
  {
    title: 'PATCH /api/conversations/:id',
    steps: [
      harbour('{ben}'),
      {
        name: 'the owner changes three fields, others are ignored',
        as: 'ada',
        request: 'PATCH /api/conversations/{harbour}',
        body: { name: 'Port', description: 'boats', metadata: { a: 1 }, type: 'private', created_by: 'x' },
        expect: {
          status: 200,
          body: conversation({ ...inHarbour, name: 'Port', description: 'boats', metadata: { a: 1 } }),
        },
      },
      {
        name: 'metadata is replaced, null clears',
        as: 'ada',
        request: 'PATCH /api/conversations/{harbour}',
        body: { description: null, metadata: { b: 2 } },
        expect: { status: 200, body: conversation({ ...inHarbour, name: 'Port', metadata: { b: 2 } }) },
        keep: { 'harbour.at': 'updated_at' },
      },
      {
        name: 'nothing is no change',
        as: 'ada',
        request: 'PATCH /api/conversations/{harbour}',
        body: {},
        expect: {
          status: 200,
          body: conversation({
            ...inHarbour,
            name: 'Port',
            metadata: { b: 2 },
            updated_at: '{harbour.at}',
          }),
        },
      },
      {
        name: 'a member',
        as: 'ben',
        request: 'PATCH /api/conversations/{harbour}',
        body: { name: 'x' },
        expect: refused(403, 'Not authorized to update this conversation'),
      },
      promote('{ben}', 'admin'),
      {
        name: 'an admin',
        as: 'ben',
        request: 'PATCH /api/conversations/{harbour}',
        body: { name: 'Pier', metadata: null },
        expect: { status: 200, body: conversation({ ...inHarbour, name: 'Pier' }) },
      },
      {
        name: 'somebody outside',
        as: 'cleo',
        request: 'PATCH /api/conversations/{harbour}',
        body: { name: 'x' },
        expect: notParticipant,
      },
      {
        name: 'one that does not exist',
        as: 'ada',
        request: 'PATCH /api/conversations/{uuid.nothing}',
        body: { name: 'x' },
        expect: notParticipant,
      },
      {
        name: 'without a credential',
        as: 'nobody',
        request: 'PATCH /api/conversations/{harbour}',
        body: { name: 'x' },
        expect: unauthenticated,
      },
    ],
  },
  {
    title: 'DELETE /api/conversations/:id',
    steps: [
      harbour('{ben}', '{cleo}'),
      promote('{ben}', 'admin'),
      {
        name: 'an admin',
        as: 'ben',
        request: 'DELETE /api/conversations/{harbour}',
        expect: refused(403, 'Only the owner can delete this conversation'),
      },
      {
        name: 'a member',
        as: 'cleo',
        request: 'DELETE /api/conversations/{harbour}',
        expect: refused(403, 'Only the owner can delete this conversation'),
      },
      {
        name: 'somebody outside',
        as: 'iris',
        request: 'DELETE /api/conversations/{harbour}',
        expect: notParticipant,
      },
      {
        name: 'without a credential',
        as: 'nobody',
        request: 'DELETE /api/conversations/{harbour}',
        expect: unauthenticated,
      },
      {
        name: 'the owner',
        as: 'ada',
        request: 'DELETE /api/conversations/{harbour}',
        expect: { status: 204 },
      },
      {
        name: 'it is gone for everybody',
        as: 'ben',
        request: 'GET /api/conversations/{harbour}',
        expect: notParticipant,
      },
      {
        name: 'also for who deleted it',
        as: 'ada',
        request: 'DELETE /api/conversations/{harbour}',
        expect: notParticipant,
      },
    ],
  },
];
