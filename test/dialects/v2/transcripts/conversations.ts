/** v2.md §3: list, create, read, change. */

import type { Shape, Transcript } from '../../../kit/transcripts/step.ts';
import { anything, time, uuid } from '../../symbia/transcripts/shapes.ts';
import { conversation, entry, harbour, invalid, message, noConversation, post, refused } from './shapes.ts';

const path = '/api/v2/conversations';
const entity = { entity_type: 'work_order', entity_id: 'bb0e8400-e29b-41d4-a716-446655440000' };
const seed = { organization_id: '{ada.tenant}', subject: 'Work order discussion', ...entity };

const isNewer = (value: unknown): boolean => typeof value === 'string' && time.test(value);
const stranger = (index: number): Shape =>
  entry('value_error', ['body', 'participant_user_ids', index], {
    msg: 'Value error, participant must be an active member of the organization',
  });

export const conversations: readonly Transcript[] = [
  {
    title: 'POST /conversations',
    steps: [
      {
        name: 'the documented request',
        as: 'ada',
        request: `POST ${path}`,
        body: { ...seed, participant_user_ids: ['{ben}'] },
        expect: { status: 201, body: conversation({ subject: 'Work order discussion', ...entity }) },
        keep: { harbour: 'id' },
      },
      {
        name: 'whoever was named takes part',
        as: 'ben',
        request: `GET ${path}/{harbour}`,
        expect: { status: 200, body: conversation({ subject: 'Work order discussion', ...entity }) },
      },
      {
        name: 'nobody else knows of it',
        as: 'cleo',
        request: `GET ${path}/{harbour}`,
        expect: noConversation,
      },
      {
        name: 'the least that must be said; nulls are nothing, unknown keys too',
        as: 'ada',
        request: `POST ${path}/`,
        body: {
          organization_id: '{ada.tenant}',
          subject: null,
          entity_type: null,
          entity_id: null,
          color: 1,
        },
        expect: { status: 201, body: conversation({ subject: null }) },
      },
      {
        name: 'repeated members and the creator collapse; ids in any form',
        as: 'ada',
        request: `POST ${path}`,
        body: {
          ...{ ...seed, entity_id: 'BB0E8400E29B41D4A716446655440000' },
          participant_user_ids: ['{ben}', '{ada}', '{ben}', '{iris}'],
        },
        expect: { status: 201, body: conversation({ subject: 'Work order discussion', ...entity }) },
      },
      {
        name: 'members of nowhere, of another organization and of none are one answer, and nothing is made',
        as: 'ada',
        request: `POST ${path}`,
        body: {
          organization_id: '{ada.tenant}',
          participant_user_ids: ['{uuid.nobody}', '{ben}', '{stranger}'],
        },
        expect: invalid(stranger(0), stranger(2)),
      },
      {
        name: 'in another organization',
        as: 'ada',
        request: `POST ${path}`,
        body: { organization_id: '{stranger.tenant}' },
        expect: refused(403, 'Cannot create conversation for different organization'),
      },
      {
        name: 'a super admin takes part wherever it is named',
        as: 'ada',
        request: `POST ${path}`,
        body: { organization_id: '{ada.tenant}', subject: 'Harbour', participant_user_ids: ['{root}'] },
        expect: { status: 201, body: conversation() },
        keep: { harbour: 'id' },
      },
      {
        name: 'and finds it',
        as: 'root',
        request: `GET ${path}/{harbour}`,
        expect: { status: 200, body: conversation() },
      },
    ],
  },
  {
    title: 'GET /conversations',
    steps: [
      {
        name: 'Cleo is in none',
        as: 'cleo',
        request: `GET ${path}`,
        expect: { status: 200, headers: { 'x-messages-truncated': null }, body: [] },
      },
      {
        name: 'the first',
        as: 'ada',
        request: `POST ${path}`,
        body: { ...seed, participant_user_ids: ['{cleo}'] },
        expect: { status: 201, body: anything },
        keep: { first: 'id' },
      },
      harbour('{cleo}'),
      post('ada', 'hello'),
      {
        name: 'the newest conversation first, with its messages',
        as: 'cleo',
        request: `GET ${path}`,
        expect: {
          status: 200,
          body: [
            conversation({ id: '{harbour}', messages: [message()] }),
            conversation({ id: '{first}', subject: 'Work order discussion', ...entity }),
          ],
        },
      },
      ...['page=2&limit=1', 'entity_type=work_order', `entity_id=${entity.entity_id}`].map((query) => ({
        name: query,
        as: 'cleo',
        request: `GET ${path}?${query}`,
        expect: {
          status: 200,
          body: [conversation({ id: '{first}', subject: 'Work order discussion', ...entity })],
        },
      })),
      {
        name: 'organization_id counts for super admins only, both filters for everybody',
        as: 'cleo',
        request: `GET ${path}?organization_id={stranger.tenant}&entity_type=work_order&entity_id=${entity.entity_id.toUpperCase()}`,
        expect: { status: 200, body: [anything] },
      },
      ...['page=99', 'page=1000000001', `page=${'9'.repeat(60)}`, 'entity_type=lease', 'entity_type='].map(
        (query) => ({
          ...{ name: query, as: 'cleo', request: `GET ${path}?${query}`, expect: { status: 200, body: [] } },
        }),
      ),
      { name: 'the stranger', as: 'stranger', request: `GET ${path}/`, expect: { status: 200, body: [] } },
    ],
  },
  {
    title: 'PATCH /conversations/{id}: any participant',
    steps: [
      harbour('{ben}'),
      {
        name: 'nothing',
        as: 'ben',
        request: `PATCH ${path}/{harbour}`,
        body: {},
        expect: { status: 200, body: conversation({ updated_at: '{harbour.updated}' }) },
      },
      post('ada', 'hello'),
      {
        name: 'a message does not move it',
        as: 'ben',
        request: `GET ${path}/{harbour}`,
        expect: {
          status: 200,
          body: conversation({ updated_at: '{harbour.updated}', messages: [message()] }),
        },
      },
      {
        name: 'the documented request',
        as: 'ben',
        request: `PATCH ${path}/{harbour}`,
        body: { subject: 'Updated subject', status: 'archived' },
        expect: {
          status: 200,
          body: conversation({
            ...{ subject: 'Updated subject', status: 'archived', updated_at: isNewer, messages: [message()] },
          }),
        },
      },
      {
        name: 'only what is given changes; null clears',
        as: 'ada',
        request: `PATCH ${path}/{harbour}/`,
        body: { subject: null, organization_id: '{stranger.tenant}' },
        expect: {
          status: 200,
          body: conversation({ subject: null, status: 'archived', messages: [message()] }),
        },
      },
      post('ben', 'in every status'),
      {
        name: 'null is no status',
        as: 'ada',
        request: `PATCH ${path}/{harbour}`,
        body: { status: null },
        expect: invalid(
          entry('literal_error', ['body', 'status'], {
            ...{ input: null, ctx: { expected: "'active', 'archived' or 'closed'" } },
          }),
        ),
      },
      {
        name: 'nor is nope',
        as: 'ada',
        request: `PATCH ${path}/{harbour}`,
        body: { status: 'nope', subject: 'x'.repeat(201) },
        expect: invalid(
          entry('string_too_long', ['body', 'subject'], { ctx: { max_length: 200 } }),
          entry('literal_error', ['body', 'status'], { input: 'nope', ctx: anything }),
        ),
      },
      {
        name: 'nothing of that counts',
        as: 'ada',
        request: `GET ${path}/{harbour}`,
        expect: {
          status: 200,
          body: conversation({
            ...{ subject: null, status: 'archived' },
            messages: [message(), message({ body: 'in every status', sender_user_id: '{ben}' })],
          }),
        },
      },
      ...['cleo', 'stranger', 'root', 'hook'].map((as) => ({
        ...{ name: `${as} is not in it`, as, request: `PATCH ${path}/{harbour}`, body: { subject: 'mine' } },
        expect: noConversation,
      })),
    ],
  },
  {
    title: 'ids in any form mean the same; unknown ones are nobody’s',
    steps: [
      harbour(),
      {
        name: 'as it was answered',
        as: 'ada',
        request: `GET ${path}/{harbour}/`,
        expect: { status: 200, body: conversation({ id: uuid }) },
      },
      {
        name: 'unknown',
        as: 'ada',
        request: `GET ${path}/{uuid.unknown}`,
        expect: noConversation,
      },
    ],
  },
];
