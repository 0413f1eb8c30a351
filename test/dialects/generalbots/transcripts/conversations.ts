/** generalbots.md §3: begin, list, archive. */
import type { Step, Transcript } from '../../../kit/transcripts/step.ts';
import { delivered, item, refused, said, started, text, time, uuid4 } from './shapes.ts';

/** A talk of Ada's with Iris. */
export const talk: Step = {
  name: 'Ada begins to talk with Iris',
  as: 'ada',
  request: 'POST /conversations/start',
  body: { bot_id: '{iris}' },
  expect: { status: 201, body: started() },
  keep: { talk: 'conversation_id', session: 'session_id' },
};

const start = (name: string, body: unknown, expect: Step['expect'], fields: Partial<Step> = {}): Step => ({
  ...{ name, as: 'ada', request: 'POST /conversations/start', body, expect },
  ...fields,
});

export const conversations: readonly Transcript[] = [
  {
    title: 'POST /conversations/start',
    steps: [
      start(
        'the document as it stands',
        { bot_id: '{iris}', initial_message: 'Hello' },
        { status: 201, body: started() },
        { keep: { talk: 'conversation_id' } },
      ),
      {
        name: 'what was said first is stored before the answer',
        as: 'ada',
        request: 'GET /conversations/{talk}/history',
        expect: { status: 200, body: { messages: [said('Hello')], has_more: false } },
      },
      start('by the slug of its name', { bot_id: 'iris' }, { status: 201, body: started() }),
      start(
        'the default bot, which every tenant has',
        { bot_id: 'default' },
        { status: 201, body: started({ bot_id: text }) },
      ),
      start('an unknown bot', { bot_id: 'nobody' }, refused('not_found')),
      start('a person is no bot', { bot_id: '{ben}' }, refused('not_found')),
      start('a bot of another tenant', { bot_id: '{iris}' }, refused('not_found'), { as: 'stranger' }),
      start('no bot', {}, refused('invalid_request')),
      start('a blank bot', { bot_id: '  ' }, refused('invalid_request')),
      start('a number', { bot_id: 7 }, refused('invalid_request')),
      start('an empty greeting', { bot_id: '{iris}', initial_message: '' }, refused('invalid_message')),
      start('a blank greeting', { bot_id: '{iris}', initial_message: ' \n\t' }, refused('invalid_message')),
      start(
        'a greeting that is no text',
        { bot_id: '{iris}', initial_message: 1 },
        refused('invalid_message'),
      ),
      start(
        'a long greeting',
        { bot_id: '{iris}', initial_message: 'ü'.repeat(10_000) },
        { status: 201, body: started() },
      ),
      start(
        'a greeting that is too long',
        { bot_id: '{iris}', initial_message: 'ü'.repeat(10_001) },
        refused('invalid_message'),
      ),
      start('no object', [], refused('invalid_request')),
      start('no JSON', '{', refused('invalid_request')),
      start('no such text', '{"bot_id":"{iris}","initial_message":"\\u0000"}', refused('invalid_message')),
      start('no such text elsewhere', '{"bot_id":"\\ud800"}', refused('invalid_request')),
    ],
  },
  {
    title: 'POST /conversations/start as anybody',
    steps: [
      start(
        'a guest is made',
        { bot_id: 'default', initial_message: 'Hello' },
        {
          status: 201,
          headers: { 'x-ratelimit-limit': '5' },
          body: started({ bot_id: text, access_token: text, expires_at: time }),
        },
        {
          as: 'nobody',
          keep: { 'guest.token': 'access_token', talk: 'conversation_id', session: 'session_id' },
        },
      ),
      {
        name: 'its token reads on',
        as: 'guest',
        request: 'GET /conversations/{talk}/history?limit=1&before=2199-01-01T00:00:00Z',
        expect: { status: 200, body: (body) => JSON.stringify(body).includes('"content"') },
      },
      start(
        'a guest begins another one',
        { bot_id: 'default' },
        { status: 201, body: started({ bot_id: text }) },
        { as: 'guest' },
      ),
      start('bots of a tenant are nobody here', { bot_id: '{iris}' }, refused('not_found'), { as: 'nobody' }),
      start(
        'an Authorization that is not valid is not overlooked',
        { bot_id: 'default' },
        refused('unauthorized', { 'www-authenticate': 'Bearer' }),
        { as: 'nobody', headers: { authorization: 'Bearer nonsense' } },
      ),
      start('nor one of another scheme', { bot_id: 'default' }, refused('unauthorized'), {
        as: 'nobody',
        headers: { authorization: 'Basic YTpi' },
      }),
      start('nor an empty one', { bot_id: 'default' }, refused('unauthorized'), {
        as: 'nobody',
        headers: { authorization: 'Bearer' },
      }),
      ...['/v1/chat/conversations', '/api/conversations', '/auth/me'].map(
        (path): Step => ({
          name: 'its token is nothing elsewhere',
          as: 'guest',
          request: `GET ${path}`,
          headers: {},
          expect: { status: 401, headers: { 'cache-control': /./ }, body: () => true },
        }),
      ),
    ],
  },
  {
    title: 'POST /conversations/start again with its Idempotency-Key',
    steps: [
      start(
        'the first',
        { bot_id: '{iris}', initial_message: 'Hello' },
        { status: 201, body: started() },
        {
          headers: { 'idempotency-key': '{uuid.key}' },
          keep: { talk: 'conversation_id', session: 'session_id' },
        },
      ),
      start(
        'the same again',
        { bot_id: '{iris}', initial_message: 'Hello' },
        { status: 200, body: started({ conversation_id: '{talk}', session_id: '{session}' }) },
        { headers: { 'idempotency-key': '{uuid.key}' } },
      ),
      start('with another bot', { bot_id: '{juno}' }, refused('conflict'), {
        headers: { 'idempotency-key': '{uuid.key}' },
      }),
      start('with another greeting', { bot_id: '{iris}', initial_message: 'Bye' }, refused('conflict'), {
        headers: { 'idempotency-key': '{uuid.key}' },
      }),
      {
        name: 'one greeting',
        as: 'ada',
        request: 'GET /conversations/{talk}/history',
        expect: { status: 200, body: { messages: [said('Hello')], has_more: false } },
      },
      start(
        'the key of somebody else',
        { bot_id: '{iris}' },
        { status: 201, body: started({ session_id: uuid4 }) },
        { as: 'ben', headers: { 'idempotency-key': '{uuid.key}' } },
      ),
    ],
  },
  {
    title: 'GET /conversations',
    steps: [
      start(
        'one with Juno',
        { bot_id: 'juno' },
        { status: 201, body: started({ bot_id: '{juno}' }) },
        { as: 'ben', keep: { other: 'conversation_id' } },
      ),
      start(
        'one with Iris',
        { bot_id: 'iris', initial_message: 'x'.repeat(201) },
        { status: 201, body: started() },
        { as: 'ben', keep: { talk: 'conversation_id' } },
      ),
      {
        name: 'newest first',
        as: 'ben',
        request: 'GET /conversations?limit=2',
        expect: {
          status: 200,
          headers: {
            'x-ratelimit-limit': '30',
            'x-ratelimit-remaining': /^\d+$/,
            'x-ratelimit-reset': /^\d{10}$/,
          },
          body: {
            conversations: [
              item({ last_message: 'x'.repeat(200) }),
              item({ id: '{other}', bot_id: '{juno}', bot_name: 'juno' }),
            ],
            total: 2,
          },
        },
      },
      ...[
        ['by bot', 'bot_id={juno}', ['{other}'], 1],
        ['by the name of a bot', 'bot_id=juno', ['{other}'], 1],
        ['a page', 'limit=1&offset=1', ['{other}'], 2],
        ['beyond the end', 'offset=99', [], 2],
        ['an unknown bot', 'bot_id=nobody', [], 0],
        ['what is archived', 'status=archived', [], 0],
        ['what is active, of one bot', 'status=active&bot_id=juno', ['{other}'], 1],
      ].map(
        ([name, query, ids, total]): Step => ({
          name: String(name),
          as: 'ben',
          request: `GET /conversations?${String(query)}`,
          expect: {
            status: 200,
            body: {
              conversations: (ids as string[]).map((id) => item({ id, bot_id: '{juno}', bot_name: 'juno' })),
              total: total as number,
            },
          },
        }),
      ),
      ...['limit=0', 'limit=101', 'limit=x', 'limit=1.5', 'offset=-1', 'status=closed', 'status='].map(
        (query): Step => ({
          name: `GET /conversations?${query}`,
          as: 'ben',
          request: `GET /conversations?${query}`,
          expect: refused('invalid_request'),
        }),
      ),
      {
        name: 'nobody',
        as: 'nobody',
        request: 'GET /conversations',
        expect: refused('unauthorized', { 'www-authenticate': 'Bearer' }),
      },
    ],
  },
  {
    title: 'PATCH /conversations/:id',
    steps: [
      talk,
      {
        name: 'archived',
        as: 'ada',
        request: 'PATCH /conversations/{talk}',
        body: { status: 'archived' },
        expect: { status: 200, body: item({ status: 'archived' }) },
      },
      {
        name: 'nothing is sent into it',
        as: 'ada',
        request: 'POST /conversations/{talk}/messages',
        body: { content: 'Hello' },
        expect: refused('forbidden'),
      },
      {
        name: 'it is listed as what it is',
        as: 'ada',
        request: 'GET /conversations?status=archived&bot_id=iris',
        expect: { status: 200, body: { conversations: [item({ status: 'archived' })], total: 1 } },
      },
      {
        name: 'archived again',
        as: 'ada',
        request: 'PATCH /conversations/{talk}',
        body: { status: 'archived' },
        expect: { status: 200, body: item({ status: 'archived' }) },
      },
      {
        name: 'taken up again',
        as: 'ada',
        request: 'PATCH /conversations/{talk}',
        body: { status: 'active' },
        expect: { status: 200, body: item() },
      },
      {
        name: 'now it is',
        as: 'ada',
        request: 'POST /conversations/{talk}/messages',
        body: { content: 'Hello' },
        expect: { status: 201, body: delivered },
      },
      {
        name: 'with what was said last',
        as: 'ada',
        request: 'PATCH /conversations/{talk}',
        body: { status: 'active' },
        expect: { status: 200, body: item({ last_message: 'Hello' }) },
      },
      ...[{ status: 'closed' }, { status: 1 }, {}, []].map(
        (body): Step => ({
          name: JSON.stringify(body),
          as: 'ada',
          request: 'PATCH /conversations/{talk}',
          body,
          expect: refused('invalid_request'),
        }),
      ),
      ...['ben', 'stranger', 'iris'].map(
        (as): Step => ({
          name: as === 'iris' ? 'the bot itself may' : 'not of others',
          as,
          request: 'PATCH /conversations/{talk}',
          body: { status: 'active' },
          expect:
            as === 'iris' ? { status: 200, body: item({ last_message: 'Hello' }) } : refused('not_found'),
        }),
      ),
    ],
  },
];
