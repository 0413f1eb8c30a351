/** Contract §4, authenticated: /api/conversations/:id/messages, and the routes of decision 6. */

import type { Step, Transcript } from '../../../kit/transcripts/step.ts';
import {
  anything,
  harbour,
  message,
  noMessage,
  notParticipant,
  post,
  promote,
  refused,
  unauthenticated,
} from './shapes.ts';

const path = '/api/conversations/{harbour}/messages';

const posted = (name: string, body: unknown, expect: Step['expect'], as = 'ada'): Step => ({
  name,
  as,
  request: `POST ${path}`,
  body,
  expect,
});

/** A page of the messages m1… that the transcript posted, by their numbers. */
const page = (name: string, query: string, ...numbers: readonly number[]): Step => ({
  name,
  as: 'ada',
  request: `GET ${path}${query}`,
  expect: { status: 200, body: numbers.map((n) => message({ content: `m${n}`, sequence: n })) },
});

const wrongQuery = (name: string, query: string): Step => ({
  name,
  as: 'ada',
  request: `GET ${path}?${query}`,
  expect: refused(400),
});

export const messages: readonly Transcript[] = [
  {
    title: 'POST /api/conversations/:id/messages: the stored row',
    steps: [
      harbour('{ben}'),
      posted('no more than a text', { content: 'hello' }, { status: 201, body: message({ sequence: 1 }) }),
      post('ada', 'to reply to', 'first'),
      {
        ...posted(
          'every field',
          {
            content: '# hello',
            contentType: 'markdown',
            replyTo: '{first}',
            metadata: { a: [1] },
            id: '{uuid.message}',
            runId: '{uuid.run}',
            traceId: 'trace-1',
            priority: 'high',
            interruptible: false,
            preemptedBy: '{uuid.preemption}',
          },
          {
            status: 201,
            body: message({
              id: '{uuid.message}',
              sender_id: '{ben}',
              sequence: 3,
              content: '# hello',
              content_type: 'markdown',
              reply_to: '{first}',
              metadata: { a: [1] },
              run_id: '{uuid.run}',
              trace_id: 'trace-1',
              priority: 'high',
              interruptible: false,
              preempted_by: '{uuid.preemption}',
            }),
          },
        ),
        as: 'ben',
      },
      posted(
        'what is no text is written as JSON',
        { content: { a: 1 } },
        { status: 201, body: message({ content: '{"a":1}' }) },
      ),
      posted(
        'an unknown priority silently means normal',
        { content: 'hello', priority: 'urgent' },
        { status: 201, body: message() },
      ),
    ],
  },
  {
    title: 'POST /api/conversations/:id/messages: errors',
    steps: [
      harbour(),
      posted('no content', {}, refused(400, 'Message content is required')),
      posted('an empty one', { content: '' }, refused(400, 'Message content is required')),
      posted(
        'an event',
        { content: 'stream.pause', contentType: 'event' },
        refused(400, 'Use /control for stream events'),
      ),
      posted('a person outside', { content: 'x' }, notParticipant, 'ben'),
      posted('another tenant', { content: 'x' }, notParticipant, 'stranger'),
      {
        name: 'one that does not exist',
        as: 'ada',
        request: 'POST /api/conversations/{uuid.nothing}/messages',
        body: { content: 'x' },
        expect: notParticipant,
      },
      posted('without a credential', { content: 'x' }, unauthenticated, 'nobody'),
      posted(
        'an unknown replyTo: 400 for upstream’s 500',
        { content: 'x', replyTo: '{uuid.no}' },
        refused(400),
      ),
      posted('metadata that is no object', { content: 'x', metadata: [1] }, refused(400)),
      posted('metadata that is a text', { content: 'x', metadata: 'x' }, refused(400)),
      posted('U+0000', '{"content":"a\\u0000b"}', refused(400)),
      posted('a long contentType', { content: 'x', contentType: 'x'.repeat(51) }, refused(400)),
      page('nothing of it was stored', ''),
    ],
  },
  {
    title: 'GET /api/conversations/:id/messages: pages by time (decision 7)',
    steps: [
      harbour('{ben}'),
      {
        ...posted('ten messages', { content: 'm{n}' }, { status: 201, body: anything }),
        times: 10,
        keep: { t10: 'created_at' },
      },
      {
        ...posted('and 44', { content: 'more' }, { status: 201, body: anything }),
        times: 44,
      },
      posted(
        'the last one',
        { content: 'last' },
        { status: 201, body: message({ content: 'last', sequence: 55 }) },
      ),
      page('limit: the oldest', '?limit=3', 1, 2, 3),
      page('before: the newest of them first', '?limit=3&before={t10}', 9, 8, 7),
      page('before, the oldest first', '?limit=3&before={t10}&order=asc', 1, 2, 3),
      {
        name: 'after: the oldest of them first, without the one of that time',
        as: 'ada',
        request: `GET ${path}?limit=1&after={t10}`,
        expect: { status: 200, body: [message({ content: 'more', sequence: 11 })] },
      },
      {
        name: 'order=desc: the newest first',
        as: 'ada',
        request: `GET ${path}?limit=1&order=desc`,
        expect: { status: 200, body: [message({ content: 'last', sequence: 55 })] },
      },
      {
        name: 'no limit: the oldest 50',
        as: 'ada',
        request: `GET ${path}`,
        expect: {
          status: 200,
          body: Array.from({ length: 50 }, (_, i) =>
            message({ content: i < 10 ? `m${i + 1}` : 'more', sequence: i + 1 }),
          ),
        },
      },
      wrongQuery('limit 0', 'limit=0'),
      wrongQuery('limit 201', 'limit=201'),
      wrongQuery('a negative limit', 'limit=-1'),
      wrongQuery('a limit that is none', 'limit=many'),
      wrongQuery('a before that does not parse', 'before=yesterday'),
      wrongQuery('an after that does not parse', 'after=yesterday'),
      {
        name: 'somebody outside',
        as: 'cleo',
        request: `GET ${path}`,
        expect: notParticipant,
      },
      {
        name: 'one that does not exist',
        as: 'ada',
        request: 'GET /api/conversations/{uuid.nothing}/messages',
        expect: notParticipant,
      },
      {
        name: 'without a credential',
        as: 'nobody',
        request: `GET ${path}`,
        expect: unauthenticated,
      },
    ],
  },
  {
    title: 'GET /api/conversations/:id/messages: both bounds are a range',
    steps: [
      harbour(),
      post('ada', 'm1', 'one'),
      posted('two', { content: 'm2' }, { status: 201, body: anything }),
      posted('three', { content: 'm3' }, { status: 201, body: anything }),
      post('ada', 'm4', 'four'),
      page('between', '?after={one.at}&before={four.at}', 2, 3),
      page('between, the newest first', '?after={one.at}&before={four.at}&order=desc', 3, 2),
      page('nothing is after the last', '?after={four.at}'),
      page('nothing is before the first', '?before={one.at}'),
    ],
  },
  {
    title: 'PATCH and DELETE …/messages/:messageId, GET …/history (decision 6)',
    steps: [
      harbour('{ben}', '{cleo}'),
      post('ben', 'hello'),
      {
        name: 'the sender edits',
        as: 'ben',
        request: `PATCH ${path}/{message}`,
        body: { content: 'hello again', metadata: { b: 2 } },
        expect: {
          status: 200,
          body: message({
            id: '{message}',
            sender_id: '{ben}',
            content: 'hello again',
            created_at: '{message.at}',
            updated_at: anything,
            metadata: { b: 2 },
          }),
        },
        keep: { 'edit.at': 'updated_at' },
      },
      {
        name: 'without content',
        as: 'ben',
        request: `PATCH ${path}/{message}`,
        body: {},
        expect: refused(400, 'Message content is required'),
      },
      {
        name: 'the owner does not edit',
        as: 'ada',
        request: `PATCH ${path}/{message}`,
        body: { content: 'x' },
        expect: refused(403, 'Not authorized to edit this message'),
      },
      {
        name: 'every version, the first one first',
        as: 'cleo',
        request: `GET ${path}/{message}/history`,
        expect: {
          status: 200,
          body: [
            message({ id: '{message}', sender_id: '{ben}', created_at: '{message.at}', version: 1 }),
            message({
              id: '{message}',
              sender_id: '{ben}',
              content: 'hello again',
              created_at: '{message.at}',
              updated_at: '{edit.at}',
              metadata: { b: 2 },
              version: 2,
            }),
          ],
        },
      },
      {
        name: 'a page has the last one',
        as: 'cleo',
        request: `GET ${path}`,
        expect: {
          status: 200,
          body: [
            message({
              sender_id: '{ben}',
              content: 'hello again',
              updated_at: '{edit.at}',
              metadata: { b: 2 },
            }),
          ],
        },
      },
      {
        name: 'another member does not delete',
        as: 'cleo',
        request: `DELETE ${path}/{message}`,
        expect: refused(403, 'Not authorized to delete this message'),
      },
      {
        name: 'somebody outside edits',
        as: 'iris',
        request: `PATCH ${path}/{message}`,
        body: { content: 'x' },
        expect: notParticipant,
      },
      {
        name: 'somebody outside deletes',
        as: 'iris',
        request: `DELETE ${path}/{message}`,
        expect: notParticipant,
      },
      {
        name: 'somebody outside reads the versions',
        as: 'iris',
        request: `GET ${path}/{message}/history`,
        expect: notParticipant,
      },
      {
        name: 'the sender deletes',
        as: 'ben',
        request: `DELETE ${path}/{message}`,
        expect: { status: 204 },
      },
      {
        name: 'what is deleted cannot be edited',
        as: 'ben',
        request: `PATCH ${path}/{message}`,
        body: { content: 'x' },
        expect: noMessage,
      },
      {
        name: 'nor deleted again',
        as: 'ben',
        request: `DELETE ${path}/{message}`,
        expect: noMessage,
      },
      {
        name: 'nor are its versions read',
        as: 'ben',
        request: `GET ${path}/{message}/history`,
        expect: noMessage,
      },
      page('nor is it in a page', ''),
      post('ben', 'for the owner', 'second'),
      {
        name: 'the owner deletes',
        as: 'ada',
        request: `DELETE ${path}/{second}`,
        expect: { status: 204 },
      },
      post('ben', 'for the admin', 'third'),
      promote('{cleo}', 'admin'),
      {
        name: 'an admin deletes',
        as: 'cleo',
        request: `DELETE ${path}/{third}`,
        expect: { status: 204 },
      },
      {
        name: 'numbers are not given again',
        as: 'ben',
        request: `POST ${path}`,
        body: { content: 'hello' },
        expect: { status: 201, body: message({ sender_id: '{ben}', sequence: 4 }) },
        keep: { message: 'id' },
      },
      {
        name: 'edit without a credential',
        as: 'nobody',
        request: `PATCH ${path}/{message}`,
        body: { content: 'x' },
        expect: unauthenticated,
      },
      {
        name: 'delete without a credential',
        as: 'nobody',
        request: `DELETE ${path}/{message}`,
        expect: unauthenticated,
      },
      {
        name: 'versions without a credential',
        as: 'nobody',
        request: `GET ${path}/{message}/history`,
        expect: unauthenticated,
      },
      {
        name: 'one that does not exist',
        as: 'ben',
        request: `GET ${path}/{uuid.nothing}/history`,
        expect: noMessage,
      },
    ],
  },
];
