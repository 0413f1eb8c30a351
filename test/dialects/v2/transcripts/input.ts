/** v2.md §2: the table of 422, and what comes before it. */

import type { Shape, Step, Transcript } from '../../../kit/transcripts/step.ts';
import { anything } from '../../symbia/transcripts/shapes.ts';
import { entry, harbour, invalid, refused } from './shapes.ts';

const path = '/api/v2/conversations';
const organization = { organization_id: '{ada.tenant}' };

const list = (query: string, ...detail: readonly Shape[]): Step => ({
  ...{ name: query, as: 'ada', request: `GET ${path}?${query}`, expect: invalid(...detail) },
});
const create = (name: string, body: unknown, ...detail: readonly Shape[]): Step => ({
  ...{ name, as: 'ada', request: `POST ${path}`, body, expect: invalid(...detail) },
});
const send = (name: string, body: unknown, ...detail: readonly Shape[]): Step => ({
  ...{ name, as: 'ada', request: `POST ${path}/{harbour}/messages`, body, expect: invalid(...detail) },
});
const broken = (text: string, at: number, error: string): Step =>
  create(
    text,
    text,
    entry('json_invalid', ['body', at], { msg: 'JSON decode error', input: {}, ctx: { error } }),
  );
const text = (type: string): Step => ({
  ...{
    name: `as ${type}`,
    as: 'ada',
    request: `POST ${path}`,
    headers: { 'content-type': type },
    body: '{}',
  },
  expect: invalid(entry('model_attributes_type', ['body'], { input: '{}' })),
});
const uuidCtx = { ctx: { error: anything } };

export const input: readonly Transcript[] = [
  {
    title: 'paths and queries: each wrong field, its input as it was written',
    steps: [
      ...['nope', '{{ada}}', '%ff', '123', '0193a1e21c417b0e9f6a2d8c4e615a7'].map((id) => ({
        name: id,
        as: 'ada',
        request: `GET ${path}/${id.replace('{{', '%7B').replace('}}', '%7D')}`,
        expect: invalid(entry('uuid_parsing', ['path', 'conversation_id'], uuidCtx)),
      })),
      list('limit=101', entry('less_than_equal', ['query', 'limit'], { input: '101', ctx: { le: 100 } })),
      list('limit=0', entry('greater_than_equal', ['query', 'limit'], { input: '0', ctx: { ge: 1 } })),
      list('page=0', entry('greater_than_equal', ['query', 'page'], { input: '0', ctx: { ge: 1 } })),
      list('page=-1', entry('greater_than_equal', ['query', 'page'], { input: '-1', ctx: { ge: 1 } })),
      list('limit=abc', entry('int_parsing', ['query', 'limit'], { input: 'abc' })),
      list('limit=1.5', entry('int_parsing', ['query', 'limit'], { input: '1.5' })),
      list('page=', entry('int_parsing', ['query', 'page'], { input: '' })),
      list('entity_id=7', entry('uuid_parsing', ['query', 'entity_id'], { input: '7', ...uuidCtx })),
      list('entity_type=%ff', entry('string_unicode', ['query', 'entity_type'])),
      list('entity_type=%00', entry('string_unicode', ['query', 'entity_type'])),
      list('%ff=1', entry('string_unicode', ['query'])),
      list(
        'limit=0&entity_type=%ff&z=%00&page=1',
        entry('string_unicode', ['query', 'entity_type']),
        entry('greater_than_equal', ['query', 'limit'], { input: '0', ctx: { ge: 1 } }),
        entry('string_unicode', ['query', 'z']),
      ),
      list(
        'limit=101&page=x&organization_id=y',
        entry('uuid_parsing', ['query', 'organization_id'], uuidCtx),
        entry('int_parsing', ['query', 'page']),
        entry('less_than_equal', ['query', 'limit'], { ctx: { le: 100 } }),
      ),
      ...[
        'limit=1.0',
        'limit=+5',
        'limit=%2010%20',
        'limit=1_0',
        'limit=7&limit=8',
        'limit=x&limit=8',
        'other=1',
      ].map((query) => ({
        ...{ name: `${query} is fine`, as: 'ada', request: `GET ${path}?${query}` },
        expect: { status: 200, body: anything },
      })),
    ],
  },
  {
    title: 'bodies: missing, of another kind, or no JSON',
    steps: [
      create('none', undefined, entry('missing', ['body'], { input: null })),
      create('null', 'null', entry('missing', ['body'], { input: null })),
      create('a list', [], entry('model_attributes_type', ['body'], { input: [] })),
      create('a text', '"text"', entry('model_attributes_type', ['body'], { input: 'text' })),
      text('text/plain'),
      text('application/x-www-form-urlencoded'),
      broken('{"subject":}', 11, 'Expecting value'),
      broken('{"a":1,}', 7, 'Expecting property name enclosed in double quotes'),
      broken('{} {}', 3, 'Extra data'),
      broken('{"a":"', 5, 'Unterminated string starting at'),
      {
        name: 'JSON of another name',
        as: 'ada',
        request: `POST ${path}`,
        headers: { 'content-type': 'application/vnd.api+json; charset=utf-8' },
        body: organization,
        expect: { status: 201, body: anything },
      },
      {
        name: 'nested too deep',
        as: 'ada',
        request: `POST ${path}`,
        body: `{"x":${'['.repeat(100)}${']'.repeat(100)}}`,
        expect: refused(400, 'There was an error parsing the body'),
      },
    ],
  },
  {
    title: 'bodies: each wrong field, in the order of the declaration',
    steps: [
      harbour(),
      create(
        'nothing',
        {},
        entry('missing', ['body', 'organization_id'], { msg: 'Field required', input: {} }),
      ),
      create(
        'wrong types',
        { participant_user_ids: 'x', entity_id: 7, entity_type: [], subject: 1, organization_id: true },
        entry('uuid_type', ['body', 'organization_id'], { input: true }),
        entry('string_type', ['body', 'subject'], { input: 1 }),
        entry('string_type', ['body', 'entity_type'], { input: [] }),
        entry('uuid_type', ['body', 'entity_id'], { input: 7 }),
        entry('list_type', ['body', 'participant_user_ids'], { input: 'x' }),
      ),
      create(
        'wrong lengths and forms',
        { organization_id: 'x', subject: 'x'.repeat(201), entity_type: '', entity_id: 'y' },
        entry('uuid_parsing', ['body', 'organization_id'], { input: 'x', ...uuidCtx }),
        entry('string_too_long', ['body', 'subject'], { ctx: { max_length: 200 } }),
        entry('string_too_short', ['body', 'entity_type'], { input: '', ctx: { min_length: 1 } }),
        entry('uuid_parsing', ['body', 'entity_id'], uuidCtx),
      ),
      create(
        'members',
        { ...organization, participant_user_ids: ['x', 7, '{ada}', null] },
        entry('uuid_parsing', ['body', 'participant_user_ids', 0], uuidCtx),
        entry('uuid_type', ['body', 'participant_user_ids', 1], { input: 7 }),
        entry('uuid_type', ['body', 'participant_user_ids', 3], { input: null }),
      ),
      create(
        'too many members, told once',
        { ...organization, participant_user_ids: Array(201).fill('x') },
        entry('too_long', ['body', 'participant_user_ids'], {
          ctx: { field_type: 'List', max_length: 200, actual_length: 201 },
        }),
      ),
      send('no message', {}, entry('missing', ['body', 'body'], { input: {} })),
      send('no text', { body: null }, entry('string_type', ['body', 'body'], { input: null })),
      send('empty', { body: '' }, entry('string_too_short', ['body', 'body'], { ctx: { min_length: 1 } })),
      send(
        'space alone',
        { body: ' \n\t ' },
        entry('string_pattern_mismatch', ['body', 'body'], { ctx: anything }),
      ),
      send(
        'too long',
        { body: '🦊'.repeat(10_001) },
        entry('string_too_long', ['body', 'body'], { ctx: { max_length: 10_000 } }),
      ),
      send('U+0000', '{"body":"a\\u0000b"}', entry('string_unicode', ['body', 'body'])),
      send('a lone surrogate', '{"body":"\\ud800"}', entry('string_unicode', ['body', 'body'])),
      send(
        'U+0000 beside other faults, also in what is no field',
        '{"z":"\\u0000","conversation_id":"x","body":"a\\u0000b"}',
        entry('string_unicode', ['body', 'body']),
        entry('uuid_parsing', ['body', 'conversation_id'], uuidCtx),
        entry('string_unicode', ['body', 'z']),
      ),
      send(
        'a wrong id beside it',
        { conversation_id: 'x' },
        entry('missing', ['body', 'body'], { input: { conversation_id: 'x' } }),
        entry('uuid_parsing', ['body', 'conversation_id'], uuidCtx),
      ),
      {
        name: 'code points are counted',
        as: 'ada',
        request: `POST ${path}/{harbour}/messages`,
        body: { body: '🦊'.repeat(10_000) },
        expect: { status: 201, body: anything },
      },
      {
        name: 'of a subject, too',
        as: 'ada',
        request: `PATCH ${path}/{harbour}`,
        body: { subject: '🦊'.repeat(200) },
        expect: { status: 200, body: anything },
      },
      {
        name: 'path and body together, the path first',
        as: 'ada',
        request: `POST ${path}/nope/messages`,
        body: {},
        expect: invalid(
          entry('uuid_parsing', ['path', 'conversation_id'], uuidCtx),
          entry('missing', ['body', 'body'], { input: {} }),
        ),
      },
    ],
  },
];
