import t from 'tap';
import { decodeJson } from '../../../src/contract/checking/json-text.ts';
import { readQuery } from '../../../src/contract/checking/parameters.ts';
import { errorOf } from '../../../src/dialects/generalbots/refuse.ts';
import { Problem } from '../../../src/domain/problem.ts';

const codeOf = (read: unknown): string => (read instanceof Problem ? errorOf(read).code : 'accepted');

t.test('a text that is no UTF-8 is an invalid message, a parameter an invalid request', async (t) => {
  const body = Buffer.concat([Buffer.from('{"content":"'), Buffer.from([0xff]), Buffer.from('"}')]);
  t.equal(codeOf(decodeJson(body)), 'INVALID_MESSAGE');
  t.equal(codeOf(decodeJson(Buffer.from('{"content":'))), 'INVALID_REQUEST', 'but no JSON is not');
  t.equal(codeOf(readQuery('limit=%ff')), 'INVALID_REQUEST');
});

t.test('U+0000 and halves of characters are wrong with the field that they are in', async (t) => {
  for (const field of ['content', 'initial_message'])
    t.equal(codeOf(decodeJson(Buffer.from(`{"${field}":"\\u0000"}`))), 'INVALID_MESSAGE', field);
  t.equal(codeOf(decodeJson(Buffer.from('{"bot_id":"\\ud800"}'))), 'INVALID_REQUEST');
});
