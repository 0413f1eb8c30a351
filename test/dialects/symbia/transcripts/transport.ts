/** Contract §1 and §2: what every route has in common. */

import type { Transcript } from '../../../kit/transcripts/step.ts';
import {
  anything,
  conversation,
  harbour,
  message,
  noConversation,
  participant,
  refused,
  uuid,
} from './shapes.ts';

const key = { name: 'nobody', as: 'nobody', request: 'GET /api/conversations' } as const;
const answered = { status: 200, body: anything } as const;

export const transport: readonly Transcript[] = [
  {
    title: 'x-trace-id comes back, or is made',
    steps: [
      {
        name: 'the client’s',
        as: 'ada',
        request: 'GET /api/conversations',
        headers: { 'x-trace-id': 'trace-of-ada' },
        expect: { ...answered, headers: { 'x-trace-id': 'trace-of-ada' } },
      },
      {
        name: 'made',
        as: 'ada',
        request: 'GET /api/conversations',
        expect: { ...answered, headers: { 'x-trace-id': uuid, 'x-powered-by': null } },
      },
    ],
  },
  {
    title: 'what no route takes is a 4xx with both keys',
    steps: [
      harbour(),
      {
        name: 'malformed JSON',
        as: 'ada',
        request: 'POST /api/conversations/{harbour}/messages',
        body: '{"content":',
        expect: refused(400),
      },
      {
        name: 'too large',
        as: 'ada',
        request: 'POST /api/conversations/{harbour}/messages',
        body: { content: 'x'.repeat(13_000_000) },
        expect: refused(413),
      },
      {
        name: 'an unknown route',
        as: 'ada',
        request: 'GET /api/conversations/{harbour}/nothing',
        expect: refused(404),
      },
      {
        name: 'a method that is not there',
        as: 'ada',
        request: 'PUT /api/conversations/{harbour}',
        body: {},
        expect: refused(405),
      },
      {
        name: 'an unknown data class',
        as: 'ada',
        request: 'POST /api/conversations/{harbour}/messages',
        headers: { 'x-data-class': 'top' },
        body: { content: 'x' },
        expect: refused(400),
      },
      {
        name: 'an unknown environment',
        as: 'ada',
        request: 'GET /api/conversations',
        headers: { 'x-env': 'production' },
        expect: refused(400),
      },
    ],
  },
  {
    title: 'the path comes before the credential: an id that is no UUID is a 404 for anybody',
    steps: ['GET', 'PATCH', 'DELETE']
      .map((method) => `${method} /api/conversations/harbour`)
      .concat(
        ['join', 'leave', 'participants', 'messages', 'control'].map(
          (rest) => `POST /api/conversations/harbour/${rest}`,
        ),
        'GET /api/conversations/harbour/messages',
        'DELETE /api/conversations/harbour/participants/{ben}',
      )
      .map((request) => ({
        name: 'no UUID',
        as: 'nobody',
        request,
        ...(request.startsWith('P') ? { body: {} } : {}),
        expect: noConversation,
      })),
  },
  {
    title: 'a form is a body, too',
    steps: [
      harbour(),
      {
        name: 'content=…',
        as: 'ada',
        request: 'POST /api/conversations/{harbour}/messages',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: 'content=hello+there%21&traceId=t1',
        expect: { status: 201, body: message({ content: 'hello there!', trace_id: 't1' }) },
      },
      {
        name: 'any other type is none',
        as: 'ada',
        request: 'POST /api/conversations/{harbour}/messages',
        headers: { 'content-type': 'text/plain' },
        body: 'hello',
        expect: refused(415),
      },
    ],
  },
  {
    title: 'a credential comes as bearer or key, and the first valid one counts',
    steps: [
      {
        ...key,
        name: 'a bearer',
        headers: { authorization: 'Bearer {ada.token}' },
        expect: answered,
      },
      {
        ...key,
        name: 'a key',
        headers: { 'x-api-key': '{hook.token}' },
        expect: answered,
      },
      {
        ...key,
        name: 'a key as bearer',
        headers: { authorization: 'Bearer {hook.token}' },
        expect: answered,
      },
      {
        ...key,
        name: 'a bearer that is none, and a key',
        headers: { authorization: 'Bearer nonsense', 'x-api-key': '{hook.token}' },
        expect: answered,
      },
      {
        ...key,
        name: 'neither is one',
        headers: { authorization: 'Bearer nonsense', 'x-api-key': 'nonsense' },
        expect: refused(401, 'Authentication required'),
      },
      {
        ...key,
        name: 'the scheme is Bearer',
        headers: { authorization: 'Basic {ada.token}' },
        expect: refused(401, 'Authentication required'),
      },
    ],
  },
  {
    title: 'X-As-User-Id speaks for somebody, where the caller may',
    steps: [
      {
        name: 'a service makes a conversation for Ben',
        as: 'hook',
        request: 'POST /api/conversations',
        headers: { 'x-as-user-id': '{ben}' },
        body: { type: 'group', name: 'Harbour' },
        expect: {
          status: 201,
          body: {
            ...conversation({ created_by: '{ben}' }),
            participants: [participant('{ben}', { role: 'owner', conversation_id: /./ })],
          },
        },
        keep: { harbour: 'id' },
      },
      {
        name: 'and posts for him',
        as: 'hook',
        request: 'POST /api/conversations/{harbour}/messages',
        headers: { 'x-as-user-id': '{ben}' },
        body: { content: 'hello' },
        expect: { status: 201, body: message({ sender_id: '{ben}' }) },
      },
      {
        name: 'an id that starts with assistant: is an agent',
        as: 'hook',
        request: 'POST /api/conversations/{harbour}/messages',
        headers: { 'x-as-user-id': 'assistant:x' },
        body: { content: 'hello' },
        expect: { status: 201, body: message({ sender_id: 'assistant:x', sender_type: 'agent' }) },
      },
      {
        name: 'from who may not, it is ignored',
        as: 'iris',
        request: 'POST /api/conversations/{harbour}/messages',
        headers: { 'x-as-user-id': '{ben}' },
        body: { content: 'hello' },
        expect: { status: 201, body: message({ sender_id: '{iris}', sender_type: 'agent' }) },
      },
      {
        name: 'it is no credential',
        as: 'nobody',
        request: 'GET /api/conversations',
        headers: { 'x-as-user-id': '{ben}' },
        expect: refused(401, 'Authentication required'),
      },
    ],
  },
];
