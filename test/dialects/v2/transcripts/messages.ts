/** v2.md §3: send and list messages; §2: what is read, and by whom. */

import type { Transcript } from '../../../kit/transcripts/step.ts';
import { anything } from '../../symbia/transcripts/shapes.ts';
import { conversation, entry, harbour, invalid, message, noConversation, post, refused } from './shapes.ts';

const path = '/api/v2/conversations/{harbour}/messages';
const isRead = { is_read: true };

export const messages: readonly Transcript[] = [
  {
    title: 'POST and GET /conversations/{id}/messages',
    steps: [
      harbour('{ben}'),
      { name: 'none', as: 'ben', request: `GET ${path}`, expect: { status: 200, body: [] } },
      post('ada', 'hello', 'first'),
      post('ben', ' verbatim\n\t🦊 ', 'second'),
      {
        name: 'its own id in the body, in any form',
        as: 'ada',
        request: `POST ${path}/`,
        body: { body: 'third', conversation_id: '{harbour}' },
        expect: { status: 201, body: message({ body: 'third' }) },
      },
      {
        name: 'that of another conversation',
        as: 'ada',
        request: `POST ${path}`,
        body: { body: 'fourth', conversation_id: '{uuid.other}' },
        expect: invalid(entry('value_error', ['body', 'conversation_id'])),
      },
      {
        name: 'all, ascending',
        as: 'ben',
        request: `GET ${path}/`,
        expect: {
          status: 200,
          headers: { 'x-messages-truncated': null },
          body: [
            message({ id: '{first}' }),
            message({ id: '{second}', sender_user_id: '{ben}', body: ' verbatim\n\t🦊 ' }),
            message({ body: 'third' }),
          ],
        },
        keep: { third: '2.id' },
      },
      {
        name: 'the newest one',
        as: 'ben',
        request: `GET ${path}?limit=1`,
        expect: {
          status: 200,
          headers: { 'x-messages-truncated': null },
          body: [message({ id: '{third}' })].map((one) => ({ ...one, body: 'third' })),
        },
      },
      {
        name: 'before it',
        as: 'ben',
        request: `GET ${path}?before={third}&limit=1`,
        expect: { status: 200, body: [message({ id: '{second}', sender_user_id: '{ben}', body: anything })] },
      },
      {
        name: 'before one that is not there',
        as: 'ben',
        request: `GET ${path}?before={uuid.unknown}`,
        expect: refused(404, 'Message not found'),
      },
      ...['cleo', 'stranger', 'root', 'hook'].flatMap((as) => [
        { name: `${as} does not read it`, as, request: `GET ${path}`, expect: noConversation },
        { name: 'nor a part of it', as, request: `GET ${path}?before={third}`, expect: noConversation },
        { name: 'nor posts', as, request: `POST ${path}`, body: { body: 'x' }, expect: noConversation },
        {
          name: 'an invalid body says nothing about what is there',
          as,
          request: `POST ${path}`,
          body: {},
          expect: invalid(entry('missing', ['body', 'body'], { input: {} })),
        },
      ]),
    ],
  },
  {
    title: 'an Idempotency-Key posts once',
    steps: [
      harbour('{ben}'),
      ...['first', 'again'].map((name) => ({
        name,
        as: 'ada',
        request: `POST ${path}`,
        headers: { 'idempotency-key': 'key-1' },
        body: { body: 'hello' },
        expect: {
          status: 201,
          body: message(name === 'first' ? {} : { id: '{message}', created_at: '{at}' }),
        },
        keep: { message: 'id', at: 'created_at' },
      })),
      {
        name: 'other content',
        as: 'ada',
        request: `POST ${path}`,
        headers: { 'idempotency-key': 'key-1' },
        body: { body: 'something else' },
        expect: refused(409, anything),
      },
      {
        name: 'somebody else’s key is its own',
        as: 'ben',
        request: `POST ${path}`,
        headers: { 'idempotency-key': 'key-1' },
        body: { body: 'hello' },
        expect: { status: 201, body: message({ sender_user_id: '{ben}' }) },
      },
      {
        name: 'edited in another dialect',
        as: 'ada',
        request: 'PATCH /api/conversations/{harbour}/messages/{message}',
        body: { content: 'edited' },
        expect: {
          status: 200,
          headers: { 'cache-control': 'no-cache, no-store, must-revalidate' },
          body: anything,
        },
      },
      {
        name: 'the retry is answered as the first try was',
        as: 'ada',
        request: `POST ${path}`,
        headers: { 'idempotency-key': 'key-1' },
        body: { body: 'hello' },
        expect: { status: 201, body: message({ id: '{message}', created_at: '{at}' }) },
      },
      {
        name: 'everybody reads what it is now',
        as: 'ben',
        request: `GET ${path}?limit=2`,
        expect: {
          status: 200,
          body: [message({ id: '{message}', body: 'edited' }), message({ sender_user_id: '{ben}' })],
        },
      },
    ],
  },
  {
    title: 'is_read: when everybody else has read it, in whichever dialect',
    steps: [
      harbour('{ben}', '{cleo}'),
      post('ada', 'hello'),
      {
        name: 'reading here moves nothing',
        as: 'ben',
        request: `GET ${path}`,
        expect: { status: 200, body: [message()] },
      },
      {
        name: 'Ben reads it elsewhere',
        as: 'ben',
        request: 'POST /v1/chat/conversations/{harbour}/read',
        body: { up_to_seq: 1 },
        expect: { status: 200, body: anything },
      },
      { name: 'Cleo did not', as: 'ada', request: `GET ${path}`, expect: { status: 200, body: [message()] } },
      {
        name: 'Cleo, too',
        as: 'cleo',
        request: 'POST /v1/chat/conversations/{harbour}/read',
        body: { up_to_seq: 1 },
        expect: { status: 200, body: anything },
      },
      { name: 'all', as: 'ada', request: `GET ${path}`, expect: { status: 200, body: [message(isRead)] } },
      {
        name: 'in lists, too',
        as: 'cleo',
        request: 'GET /api/v2/conversations?limit=1',
        expect: { status: 200, body: [conversation({ id: '{harbour}', messages: [message(isRead)] })] },
      },
      post('ada', 'and now?'),
      {
        name: 'each message for itself',
        as: 'ben',
        request: `GET ${path}`,
        expect: { status: 200, body: [message(isRead), message({ body: 'and now?' })] },
      },
    ],
  },
  {
    title: 'a list of conversations has the newest 50 messages of each',
    steps: [
      harbour('{ben}'),
      {
        name: 'Ada posts 51',
        as: 'ada',
        request: `POST ${path}`,
        body: { body: 'number {n}' },
        expect: { status: 201, body: anything },
        times: 51,
      },
      {
        name: 'the list says that it was cut',
        as: 'ben',
        request: 'GET /api/v2/conversations?limit=1',
        expect: {
          status: 200,
          headers: { 'x-messages-truncated': 'true' },
          body: [
            conversation({
              messages: Array.from({ length: 50 }, (_, n) => message({ body: `number ${n + 2}` })),
            }),
          ],
        },
      },
      {
        name: 'alone it has all of them',
        as: 'ben',
        request: 'GET /api/v2/conversations/{harbour}',
        expect: {
          status: 200,
          headers: { 'x-messages-truncated': null },
          body: conversation({
            messages: Array.from({ length: 51 }, (_, n) => message({ body: `number ${n + 1}` })),
          }),
        },
      },
    ],
  },
];
