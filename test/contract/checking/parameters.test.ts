import { Type } from '@sinclair/typebox';
import t from 'tap';
import { compileParameters, decodeText, readQuery } from '../../../src/contract/checking/parameters.ts';
import { limits } from '../../../src/domain/limits.ts';
import { Problem } from '../../../src/domain/problem.ts';

const read = compileParameters(
  Type.Object({
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200 })),
    deep: Type.Optional(Type.Boolean()),
    order: Type.Optional(Type.Union([Type.Literal('asc'), Type.Literal('desc')])),
    include: Type.Optional(Type.Array(Type.String())),
    after: Type.Optional(Type.String({ minLength: 1 })),
  }),
);

function parse(query: string): unknown {
  const pairs = readQuery(query);
  return pairs instanceof Problem ? pairs : read(pairs);
}

function fieldsOf(query: string): unknown {
  const result = parse(query);
  return result instanceof Problem ? result.fields : 'accepted';
}

t.test('texts become what the schema asks for', async (t) => {
  t.same(parse('limit=50&deep=true&order=desc&include=a&include=b%20c&after=x+y&other=1'), {
    limit: 50,
    deep: true,
    order: 'desc',
    include: ['a', 'b c'],
    after: 'x y',
    other: '1',
  });
  t.same(parse(''), {});
  t.same(parse('&&'), {});
  t.same(parse('include=one'), { include: ['one'] });
});

t.test('what does not fit is refused with the name of the parameter', async (t) => {
  t.same(fieldsOf('limit=0'), [{ path: 'limit', reason: 'too_small', limit: 1 }]);
  t.same(fieldsOf('limit=201'), [{ path: 'limit', reason: 'too_large', limit: 200 }]);
  t.same(fieldsOf('limit=abc'), [{ path: 'limit', reason: 'type' }]);
  t.same(fieldsOf('limit='), [{ path: 'limit', reason: 'type' }]);
  t.same(fieldsOf('limit=0x10'), [{ path: 'limit', reason: 'type' }]);
  t.same(fieldsOf('limit=1e2'), [{ path: 'limit', reason: 'type' }]);
  t.same(fieldsOf('deep=yes'), [{ path: 'deep', reason: 'type' }]);
  t.same(fieldsOf('order=up'), [{ path: 'order', reason: 'not_allowed' }]);
  t.same(fieldsOf('limit=1&limit=2'), [{ path: 'limit', reason: 'repeated' }]);
  t.same(fieldsOf('after=%ff'), [{ path: 'after', reason: 'invalid_encoding' }]);
  t.same(fieldsOf('after=%00'), [{ path: 'after', reason: 'invalid_encoding' }]);
  t.same(fieldsOf('after=%e'), [{ path: 'after', reason: 'invalid_encoding' }]);
  t.same(fieldsOf('%ff=1'), [{ path: '', reason: 'invalid_encoding' }]);
  t.same(fieldsOf('a=1&'.repeat(limits.queryParametersMax + 1)), [{ path: '', reason: 'too_many' }]);
});

t.test('names of the prototype are harmless', async (t) => {
  t.same(parse('constructor=1'), { constructor: '1' });
  const result = parse('__proto__=1&limit=3') as object;
  t.equal(Object.getPrototypeOf(result), Object.prototype);
  t.same(result, { limit: 3 });
});

t.test('percent-encoded text is UTF-8 or nothing', async (t) => {
  t.equal(decodeText('a%C3%BC+b'), 'aü+b');
  t.equal(decodeText('a+b', true), 'a b');
  for (const text of ['%', '%f', '%zz', '%ff', '%ed%a0%80', '%00', '\uFFFD'])
    t.equal(decodeText(text), null, text);
});
