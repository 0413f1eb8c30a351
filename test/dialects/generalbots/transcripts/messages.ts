/** generalbots.md §3: send, read again; and what is refused on the way. */
import type { Step, Transcript } from '../../../kit/transcripts/step.ts';
import { talk } from './conversations.ts';
import { delivered, refused, said } from './shapes.ts';

const send = (name: string, body: unknown, expect: Step['expect'], fields: Partial<Step> = {}): Step => ({
  ...{ name, as: 'ada', request: 'POST /conversations/{talk}/messages', body, expect },
  ...fields,
});
const stored = { status: 201, body: delivered } as const;
const read = (name: string, query: string, contents: readonly string[], hasMore: boolean): Step => ({
  ...{ name, as: 'ada', request: `GET /conversations/{talk}/history${query}` },
  expect: { status: 200, body: { messages: contents.map((content) => said(content)), has_more: hasMore } },
});
const map = { url: 'https://files.example.org/map.png' };

export const messages: readonly Transcript[] = [
  {
    title: 'POST /conversations/:id/messages',
    steps: [
      talk,
      send(
        'the document as it stands',
        { content: 'User message', attachments: [] },
        {
          ...stored,
          headers: {
            'x-ratelimit-limit': '60',
            'x-ratelimit-remaining': /^\d+$/,
            'x-ratelimit-reset': /^\d{10}$/,
          },
        },
      ),
      send('any text, as it is', { content: ' <b>ü\n𝄞</b> ' }, stored),
      send('10,000 characters, each of two units', { content: '𝄞'.repeat(10_000) }, stored),
      send('one more', { content: '𝄞'.repeat(10_001) }, refused('invalid_message')),
      send(
        'an attachment alone',
        {
          attachments: [
            { ...map, type: 'image', filename: 'map.png', mime_type: 'image/png', size: 7, other: 1 },
          ],
        },
        stored,
      ),
      send('an attachment and an empty text', { content: '', attachments: [map] }, stored),
      {
        ...{
          name: 'attachments are read again',
          as: 'ada',
          request: 'GET /conversations/{talk}/history?limit=2',
        },
        expect: {
          status: 200,
          body: {
            messages: [
              said('', {
                attachments: [
                  { ...map, type: 'image', filename: 'map.png', mime_type: 'image/png', size: 7 },
                ],
              }),
              said('', { attachments: [map] }),
            ],
            has_more: true,
          },
        },
      },
      ...[
        {},
        { content: '' },
        { content: null },
        { content: 7 },
        { content: ['x'] },
        { content: '', attachments: [] },
        { content: 'x', attachments: {} },
        { content: 'x', attachments: 'x' },
        { content: 'x', attachments: [7] },
        { content: 'x', attachments: [{}] },
        { content: 'x', attachments: [{ url: 'http://files.example.org/x' }] },
        { content: 'x', attachments: [{ url: 'javascript:alert(1)' }] },
        { content: 'x', attachments: [{ url: 'https://' }] },
        { content: 'x', attachments: [{ url: `https://x/${'x'.repeat(2_048)}` }] },
        { content: 'x', attachments: [{ ...map, size: -1 }] },
        { content: 'x', attachments: Array.from({ length: 11 }, () => map) },
      ].map((body) => send(JSON.stringify(body).slice(0, 60), body, refused('invalid_message'))),
      send('U+0000', '{"content":"a\\u0000b"}', refused('invalid_message')),
      send('half a character', '{"content":"\\ud83d"}', refused('invalid_message')),
      send('no JSON', 'content=x', refused('invalid_request')),
      send('no object', '"x"', refused('invalid_request')),
      send(
        'a long client id',
        { content: 'x', client_message_id: 'x'.repeat(129) },
        refused('invalid_request'),
      ),
      send('not JSON', 'content=x', refused('unsupported_media_type'), {
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
      }),
      send('too large', { content: 'x', more: 'x'.repeat(1_100_000) }, refused('payload_too_large')),
    ],
  },
  {
    title: 'POST /conversations/:id/messages again',
    steps: [
      talk,
      send('the first', { content: 'Hello', client_message_id: '{uuid.m}' }, stored, {
        keep: { message: 'message_id', at: 'timestamp' },
      }),
      send(
        'its retry',
        { content: 'Hello', client_message_id: '{uuid.m}' },
        { status: 200, body: { ...delivered, message_id: '{message}', timestamp: '{at}' } },
      ),
      send(
        'by the header',
        { content: 'Hello' },
        { status: 200, body: { ...delivered, message_id: '{message}', timestamp: '{at}' } },
        { headers: { 'idempotency-key': '{uuid.m}' } },
      ),
      send('with another text', { content: 'Bye', client_message_id: '{uuid.m}' }, refused('conflict')),
      {
        ...talk,
        name: 'archived',
        request: 'PATCH /conversations/{talk}',
        body: { status: 'archived' },
        expect: { status: 200, body: () => true },
        keep: {},
      },
      send(
        'a retry is answered whatever the status is now',
        { content: 'Hello', client_message_id: '{uuid.m}' },
        { status: 200, body: { ...delivered, message_id: '{message}', timestamp: '{at}' } },
      ),
      read('once', '', ['Hello'], false),
    ],
  },
  {
    title: 'GET /conversations/:id/history',
    steps: [
      talk,
      read('nothing yet', '', [], false),
      ...['1', '2', '3', '4', '5'].map(
        (content): Step => send(content, { content }, stored, { keep: { [`at${content}`]: 'timestamp' } }),
      ),
      read('all', '', ['1', '2', '3', '4', '5'], false),
      read('the newest', '?limit=2', ['4', '5'], true),
      read('before, exclusive', '?before={at3}', ['1', '2'], false),
      read('before, the newest of them', '?before={at4}&limit=2', ['2', '3'], true),
      read('after, exclusive', '?after={at3}', ['4', '5'], false),
      read('after, the oldest of them', '?after={at1}&limit=2', ['2', '3'], true),
      read('between', '?after={at1}&before={at5}', ['2', '3', '4'], false),
      read('between, the oldest of them', '?after={at1}&before={at5}&limit=1', ['2'], true),
      read('nothing between', '?after={at3}&before={at3}', [], false),
      read('the wrong way round', '?after={at5}&before={at1}', [], false),
      read(
        'another zone, with a plus that nobody encoded',
        '?before=2199-01-01T00:00:00+02:00&limit=1',
        ['5'],
        true,
      ),
      read('exactly as many as there are', '?limit=5', ['1', '2', '3', '4', '5'], false),
      ...[
        'limit=0',
        'limit=101',
        'limit=-1',
        'limit=1e2',
        'limit=2.5',
        'limit=',
        'before=yesterday',
        'after=1700000000',
        'before=2026-02-30T00:00:00Z',
        'after=2026-11-20T10:00:00',
        'after=2026-11-20',
      ].map(
        (query): Step => ({
          ...{ name: query, as: 'ada', request: `GET /conversations/{talk}/history?${query}` },
          expect: refused('invalid_request'),
        }),
      ),
    ],
  },
  {
    title: 'what is not there, or not for the caller',
    steps: [
      talk,
      ...['ben', 'stranger', 'hook'].flatMap((as): Step[] => [
        send(`${as} sends`, { content: 'x' }, refused('not_found'), { as }),
        {
          name: `${as} reads`,
          as,
          request: 'GET /conversations/{talk}/history',
          expect: refused('not_found'),
        },
      ]),
      ...['{uuid.none}', 'conv-456', '%00', '%E0%A4%A', '..%2f'].map(
        (id): Step => ({
          ...{ name: id, as: 'ada', request: `GET /conversations/${id}/history` },
          expect: id === '%00' || id === '%E0%A4%A' ? refused('invalid_request') : refused('not_found'),
        }),
      ),
      send('a bad message to nobody is a bad message', {}, refused('invalid_message'), {
        request: 'POST /conversations/{uuid.none}/messages',
      }),
      send('nobody sends', { content: 'x' }, refused('unauthorized'), { as: 'nobody' }),
      {
        name: 'nobody reads',
        as: 'nobody',
        request: 'GET /conversations/{talk}/history',
        expect: refused('unauthorized'),
      },
      {
        name: 'the administrator of the tenant reads what it takes part in',
        as: 'root',
        request: 'GET /conversations/{talk}/history',
        expect: refused('not_found'),
      },
    ],
  },
  {
    title: 'other routes and methods',
    steps: [
      talk,
      ...[
        ['GET /conversations/{talk}', 'PATCH'],
        ['DELETE /conversations/{talk}', 'PATCH'],
        ['GET /conversations/{talk}/messages', 'POST'],
        ['POST /conversations/{talk}/history', 'GET, HEAD'],
        ['PUT /conversations', 'GET, HEAD'],
        ['POST /conversations', 'GET, HEAD'],
      ].map(
        ([request = '', allow = '']): Step => ({
          ...{ name: request, as: 'ada', request },
          expect: refused('method_not_allowed', { allow }),
        }),
      ),
      // `start` is a conversation that there is not, to whoever does not POST.
      {
        name: 'GET /conversations/start',
        as: 'ada',
        request: 'GET /conversations/start',
        expect: { ...refused('method_not_allowed'), headers: { allow: /POST/ } },
      },
      ...['/conversations/{talk}/x', '/conversations/{talk}/history/x', '/ws/x/y', '/ws'].map(
        (path): Step => ({
          ...{ name: path, as: 'ada', request: `GET ${path}` },
          expect: refused('not_found'),
        }),
      ),
    ],
  },
];
